import * as z from 'zod';
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
  user: z.object({ name: text, email: text }).nullish(),
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
export const oidcPolicyAnswer = z.object({ oidc_policy: z.string().nullish() });

export const registriesAnswer = z.array(registryAnswer);

const readTokenAnswer = z.object({
  id: segment,
  description: text,
  created_at: date,
  created_by: z.object({ name: text, email: text }).nullish().catch(undefined),
});
export type ReadTokenAnswer = z.infer<typeof readTokenAnswer>;

export const readTokensAnswer = z.array(readTokenAnswer);

/** Only the answer to its creation holds the token itself. */
export const newReadTokenAnswer = readTokenAnswer.extend({
  token: z
    .string()
    .max(4096)
    .regex(/^[\x21-\x7e]+$/),
});

const packageAnswer = z.object({ id: segment, name: label, version: text, created_at: date, web_url: text });
export type PackageAnswer = z.infer<typeof packageAnswer>;

export const packagesAnswer = z.object({
  items: z.array(packageAnswer),
  links: z.object({ next: text }).nullish(),
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
  number: z.int().positive(),
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
