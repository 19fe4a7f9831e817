import * as z from 'zod/mini';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import { folderMemory } from '../folderMemory.ts';
import type { Destination } from '../publishService.ts';
import type { Services } from '../services.ts';

const target = z.object({
  accountId: z.string(),
  organization: z.string(),
  registry: z.string(),
  model: z.string(),
});

/** Where folders were last published to. */
export const lastTargets = folderMemory('publishing.targets', target);

/** Once the registry holds what was to be published: what was agreed to may fail, or be cancelled. */
export function rememberTarget(
  { workspaceMemory }: Pick<Services, 'workspaceMemory'>,
  snapshot: Pick<Snapshot, 'repository' | 'folder'>,
  { place: { session, registry }, model }: Destination,
): Promise<void> {
  return lastTargets.remember(workspaceMemory, snapshot, {
    accountId: session.accountId,
    organization: registry.organization,
    registry: registry.slug,
    model,
  });
}
