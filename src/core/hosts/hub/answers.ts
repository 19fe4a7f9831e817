import * as z from 'zod/mini';
import { date, flag, text } from '../answerFields.ts';

/** A model's id: one name or two. Whatever a server lists is taken, be it against the rules for new names. */
const modelId = z.string().check(
  z.refine((id) => {
    const names = id.split('/');
    return names.length <= 2 && names.every((name) => /^(?!\.{1,2}$)[^\p{C}\p{Z}\\?#%]+$/u.test(name));
  }),
);

/**
 * A model, as a list or its own call tells of it (`ModelInfo` of huggingface_hub). Only its id is there for certain;
 * self-hosted servers spell some fields otherwise.
 */
export const modelAnswer = z.pipe(
  z.object({
    id: z.catch(z.optional(modelId), undefined),
    modelId: z.catch(z.optional(modelId), undefined),
    sha: text,
    lastModified: date,
    last_modified: date,
    private: flag,
    /** `false`, `"auto"` or `"manual"`. */
    gated: z.catch(z.nullish(z.union([z.boolean(), z.string()])), undefined),
  }),
  z.transform(({ id, modelId: alias, last_modified, ...answer }) => ({
    id: id ?? alias,
    sha: answer.sha,
    lastModified: answer.lastModified ?? last_modified,
    private: answer.private,
    gated: answer.gated === undefined || answer.gated === null ? undefined : answer.gated !== false,
  })),
);
export type ModelAnswer = z.infer<typeof modelAnswer>;

/** Items of another form are left out where they are read. */
export const listAnswer = z.array(z.unknown());

export const commitAnswer = z.object({ id: z.string(), date });

const reference = z.object({ name: z.string().check(z.minLength(1), z.maxLength(1000)), targetCommit: text });
const references = z.pipe(
  z.catch(z.array(z.unknown()), []),
  z.transform((items) =>
    items.flatMap((item) => {
      const { success, data } = reference.safeParse(item);
      return success ? [data] : [];
    }),
  ),
);
export const refsAnswer = z.object({ branches: references, tags: references });
