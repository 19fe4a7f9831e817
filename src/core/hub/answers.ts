import * as z from 'zod';

/**
 * What the Hub's answers must hold for us. Fields we do not use are not named: servers leave them out, add others, or fill them
 * with placeholders (`commitUrl`).
 */

export const headAnswer = z.object({
  /** Null or absent where nothing was committed yet. */
  sha: z.string().nullish(),
  siblings: z.array(z.object({ rfilename: z.string().nullish() })).nullish(),
});

export const treeAnswer = z.array(
  z.object({
    type: z.string().nullish(),
    path: z.string().nullish(),
    size: z.number().nullish(),
    oid: z.string().nullish(),
    lfs: z.object({ oid: z.string(), size: z.number().nullish() }).nullish(),
  }),
);

export const commitsAnswer = z.array(
  z.object({
    id: z.string(),
    title: z.string().nullish(),
    message: z.string().nullish(),
    authors: z
      .array(z.object({ user: z.string().nullish() }))
      .nullish()
      .catch(undefined),
  }),
);

export const preuploadAnswer = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      uploadMode: z.string(),
      shouldIgnore: z.boolean().nullish(),
      oid: z.string().nullish(),
    }),
  ),
});

const action = z.object({
  href: z.string(),
  header: z.record(z.string(), z.union([z.string(), z.number()])).nullish(),
  expires_in: z.unknown().optional(),
  expires_at: z.unknown().optional(),
});

export const batchAnswer = z.object({
  transfer: z.string().nullish(),
  objects: z.array(
    z.object({
      oid: z.string(),
      actions: z
        .object({ upload: action.nullish(), verify: action.nullish(), download: action.nullish() })
        .nullish(),
      error: z.object({ code: z.number().nullish(), message: z.string().nullish() }).nullish(),
    }),
  ),
});

export type ActionAnswer = z.infer<typeof action>;
export type BatchAnswer = z.infer<typeof batchAnswer>;

/** A hub without branches has no such answer. */
export const refsAnswer = z.object({ branches: z.array(z.object({ name: z.string() })) });

export const commitAnswer = z.object({ commitOid: z.string() });
