import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { InterruptedPublishes } from '../publishes/interruptedPublishes.ts';
import type { InterruptedPublish } from '../publishes/interruptions.ts';
import type { InterruptedRow } from '../publishes/rows.ts';
import type { Services } from '../services.ts';

/** Ids of the offers that the person closed in this workspace: they stay in the history, and are not made again. */
const CLOSED_KEY = 'publishing.closedOffers';

/**
 * Offers to resume the publishes of this window's folders that were interrupted, all at once: none waits for another's
 * answer. Resolves once each was answered or closed.
 */
export async function offerInterrupted(services: Services, interrupted: InterruptedPublishes): Promise<void> {
  const all = await interrupted.read();
  if (!vscode.workspace.isTrusted) return;
  const closed = new Set(closedOffers(services));
  // The one that is told last is at the top, and of many the only ones that show are those.
  const oldestFirst = all.filter(({ id }) => !closed.has(id)).toReversed();
  await Promise.all(oldestFirst.map((one) => offer(services, interrupted, one)));
}

async function offer(
  services: Services,
  interrupted: InterruptedPublishes,
  publish: InterruptedPublish,
): Promise<void> {
  const { host, pathname } = new URL(publish.endpoint);
  const chosen = await services.prompts.notify({
    id: 'publish.interrupted',
    severity: 'information',
    message: vscode.l10n.t(
      'Publishing {0} to {1} was interrupted. What was uploaded is not sent again.',
      publish.model,
      pathname === '/' ? host : host + pathname,
    ),
    actions: [
      { id: 'resume', label: vscode.l10n.t('Resume') },
      { id: 'discard', label: vscode.l10n.t('Discard') },
    ],
  });
  switch (chosen as 'resume' | 'discard' | undefined) {
    case 'resume': {
      const row: InterruptedRow = { kind: 'interrupted', publish };
      await vscode.commands.executeCommand('modelRegistries.resumePublish', row);
      return;
    }
    case 'discard':
      return interrupted.discard(publish.id);
    case undefined:
      return rememberClosed(services, publish.id, interrupted);
  }
}

function closedOffers({ workspaceMemory }: Pick<Services, 'workspaceMemory'>): readonly string[] {
  return z.array(z.string()).safeParse(workspaceMemory.get(CLOSED_KEY)).data ?? [];
}

/** Of those that are still there; what is gone needs no remembering. */
async function rememberClosed(
  services: Pick<Services, 'workspaceMemory'>,
  id: string,
  { all }: InterruptedPublishes,
): Promise<void> {
  const known = new Set(all.map((one) => one.id));
  await services.workspaceMemory.update(CLOSED_KEY, [
    ...closedOffers(services).filter((one) => one !== id && known.has(one)),
    id,
  ]);
}
