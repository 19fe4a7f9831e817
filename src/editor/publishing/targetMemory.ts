import * as z from 'zod';
import { folderMemory } from './folderMemory.ts';

const target = z.object({
  accountId: z.string(),
  organization: z.string(),
  /** Slug. */
  registry: z.string(),
  /** `namespace/name`. */
  model: z.string(),
});

/** Where a folder of a repository was last published to. */
export type RememberedTarget = z.infer<typeof target>;

/** What a command was called with, if it is a target. */
export function asTarget(value: unknown): RememberedTarget | undefined {
  return target.safeParse(value).data;
}

/** Where folders were last published to. */
export const lastTargets = folderMemory('publishing.targets', target);
