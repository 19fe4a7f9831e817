import * as z from 'zod/mini';
import { date, flag, label, segment, text } from '../answerFields.ts';

/**
 * What Buildkite's REST API answers. Only what a thing cannot do without is required: fields come and go, and are null where
 * they are empty (https://buildkite.com/docs/apis/rest-api/package-registries).
 */
export const accessTokenAnswer = z.object({
  uuid: segment,
  scopes: z.array(z.string()),
  description: text,
  expires_at: date,
  user: z.nullish(z.object({ name: text, email: text })),
});

export const organizationsAnswer = z.array(z.object({ slug: segment, name: text, web_url: text }));

export const teamsAnswer = z.array(z.object({ id: segment, slug: text, name: text }));

export const registryAnswer = z.object({
  id: segment,
  slug: segment,
  name: text,
  ecosystem: text,
  description: text,
  emoji: text,
  public: flag,
  web_url: text,
});
export type RegistryAnswer = z.infer<typeof registryAnswer>;

/** YAML, as it was written; it is no text for a label, and is checked where it is shown. */
export const oidcPolicyAnswer = z.object({ oidc_policy: z.nullish(z.string()) });

export const registriesAnswer = z.array(registryAnswer);

const readTokenAnswer = z.object({
  id: segment,
  description: text,
  created_at: date,
  created_by: z.catch(z.nullish(z.object({ name: text, email: text })), undefined),
});
export type ReadTokenAnswer = z.infer<typeof readTokenAnswer>;

export const readTokensAnswer = z.array(readTokenAnswer);

/** Only the answer to its creation holds the token itself. */
export const newReadTokenAnswer = z.extend(readTokenAnswer, {
  token: z.string().check(z.maxLength(4096), z.regex(/^[\x21-\x7e]+$/)),
});

const packageAnswer = z.object({ id: segment, name: label, version: text, created_at: date, web_url: text });
export type PackageAnswer = z.infer<typeof packageAnswer>;

export const packagesAnswer = z.object({
  items: z.array(packageAnswer),
  links: z.nullish(z.object({ next: text })),
});

const pipelineAnswer = z.object({
  slug: segment,
  name: text,
  repository: text,
  default_branch: text,
  archived_at: text,
  web_url: text,
});
export type PipelineAnswer = z.infer<typeof pipelineAnswer>;

export const pipelinesAnswer = z.array(pipelineAnswer);

export const buildAnswer = z.object({
  number: z.int().check(z.positive()),
  state: label,
  blocked: flag,
  cancel_reason: text,
  commit: text,
  branch: text,
  started_at: date,
  finished_at: date,
  web_url: text,
});
export type BuildAnswer = z.infer<typeof buildAnswer>;
