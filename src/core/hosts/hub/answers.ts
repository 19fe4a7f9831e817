import * as z from 'zod';
import { date, flag, text } from '../answerFields.ts';

/** A model's id: one name or two. Whatever a server lists is taken, be it against the rules for new names. */
const modelId = z.string().refine((id) => {
  const names = id.split('/');
  return names.length <= 2 && names.every((name) => /^(?!\.{1,2}$)[^\p{C}\p{Z}\\?#%]+$/u.test(name));
});

/**
 * A model, as a list or its own call tells of it (`ModelInfo` of huggingface_hub). Only its id is there for certain;
 * self-hosted servers spell some fields otherwise.
 */
export const modelAnswer = z
  .object({
    id: modelId.optional().catch(undefined),
    modelId: modelId.optional().catch(undefined),
    sha: text,
    lastModified: date,
    last_modified: date,
    private: flag,
    /** `false`, `"auto"` or `"manual"`. */
    gated: z.union([z.boolean(), z.string()]).nullish().catch(undefined),
  })
  .transform(({ id, modelId: alias, last_modified, ...answer }) => ({
    id: id ?? alias,
    sha: answer.sha,
    lastModified: answer.lastModified ?? last_modified,
    private: answer.private,
    gated: answer.gated === undefined || answer.gated === null ? undefined : answer.gated !== false,
  }));
export type ModelAnswer = z.infer<typeof modelAnswer>;

/** Items of another form are left out where they are read. */
export const listAnswer = z.array(z.unknown());

export const commitAnswer = z.object({ id: z.string(), date });

const reference = z.object({ name: z.string().min(1).max(1000), targetCommit: text });
const references = z
  .array(z.unknown())
  .catch([])
  .transform((items) =>
    items.flatMap((item) => {
      const { success, data } = reference.safeParse(item);
      return success ? [data] : [];
    }),
  );
export const refsAnswer = z.object({ branches: references, tags: references });
