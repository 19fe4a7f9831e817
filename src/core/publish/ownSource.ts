import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { PublishTarget } from './publishing.ts';

/**
 * Refuses to publish a model of a hub to the very revision that it is read from: where only some of its files are wanted,
 * the others would go.
 *
 * @throws Failure `refused`
 */
export function refuseOwnSource({ origin }: Pick<Snapshot, 'origin'>, { hub, model }: PublishTarget): void {
  if (origin.kind !== 'hub' || origin.revision !== hub.revision) return;
  const isSameHub = hub.endpoint.href.replace(/\/+$/, '') === origin.endpoint.href.replace(/\/+$/, '');
  if (!isSameHub || model.toLowerCase() !== origin.model.toLowerCase()) return;
  throw new Failure(
    'refused',
    l10n.t('{0} is where the model comes from. Choose another registry, or another name.', origin.address),
  );
}
