import * as z from 'zod';
import type { RememberedTarget } from '../publishService.ts';
import { folderMemory } from '../folderMemory.ts';

const target = z.object({
  accountId: z.string(),
  organization: z.string(),
  registry: z.string(),
  model: z.string(),
});

/** What a command was called with, if it is a target. */
export function asTarget(value: unknown): RememberedTarget | undefined {
  return target.safeParse(value).data;
}

/** Where folders were last published to. */
export const lastTargets = folderMemory('publishing.targets', target);
