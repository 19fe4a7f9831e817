import { homeFolder } from '../core/homeFolder.ts';
import type { Log } from '../core/log.ts';
import { createHashMemory, type HashMemory } from '../core/snapshot/hashMemory.ts';
import { stateFolder } from './stateFolder.ts';

/** What was hashed in earlier runs; undefined without a home folder. */
export function rememberedHashes(
  { platform, env: environment }: Pick<NodeJS.Process, 'platform' | 'env'>,
  log: Log,
): HashMemory | undefined {
  const folder = stateFolder({ platform, environment, home: homeFolder() });
  if (folder === undefined) log.warn('There is no home folder: what is hashed is not remembered.');
  return folder === undefined ? undefined : createHashMemory({ folder, log });
}
