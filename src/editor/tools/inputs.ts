import * as z from 'zod/mini';
import { asGitObjectId } from '../../core/objectIds.ts';
import { PLAN_DIGEST } from '../../core/publish/planDigest.ts';
import { parseModelId } from '../../core/snapshot/modelId.ts';

/** What slugs are made of; nothing that could lead an address elsewhere. */
const slug = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/), z.maxLength(100));

/** The same, and what a server is reached by: a Hub, as an organization, is called so. */
const organization = z
  .string()
  .check(z.regex(/^(?:[A-Za-z0-9][A-Za-z0-9_.-]*|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/), z.maxLength(260));

const account = z.optional(
  z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(200),
      z.describe(
        'Which signed-in account to use, as the list names it. Needed only where several are signed in.',
      ),
    ),
);

const destination = {
  folder: z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(4096),
      z.describe(
        'A folder of the open workspace that holds a Git repository, or lies in one; absolute, or relative to the workspace folder.',
      ),
    ),
  organization: organization.check(z.describe('Slug of the organization, as the list names it.')),
  registry: slug.check(z.describe('Slug of the model registry.')),
  model: z.string().check(
    z.maxLength(200),
    z.refine((text) => {
      const parsed = parseModelId(text);
      return parsed.kind === 'modelId' && parsed.id === text;
    }, 'must be namespace/name'),
    z.describe('Name of the model, as namespace/name.'),
  ),
  account,
};

/** Without a registry, the registries; with one, its models. */
export const listInput = z.strictObject({
  organization: z.optional(
    organization.check(z.describe('Slug of an organization, to list its registries, or the models of one.')),
  ),
  registry: z.optional(
    slug.check(z.describe('Slug of a model registry of that organization, to list its models.')),
  ),
  account,
});

export const planInput = z.strictObject(destination);

export const publishInput = z.strictObject({
  ...destination,
  plan: z
    .string()
    .check(
      z.regex(PLAN_DIGEST),
      z.describe(
        'The plan that the person is asked about, as modelRegistries_planPublish names it. Nothing is published where the files, the message or the current version changed since.',
      ),
    ),
  commit: z.string().check(
    z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/),
    z.refine((text) => asGitObjectId(text) !== undefined),
    z.describe(
      'The commit that was planned: HEAD of the folder, whole. Nothing is published where HEAD is another one.',
    ),
  ),
});

export type ListInput = z.infer<typeof listInput>;
export type PlanInput = z.infer<typeof planInput>;
export type PublishInput = z.infer<typeof publishInput>;
