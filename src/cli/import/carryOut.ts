import * as l10n from '@vscode/l10n';
import { openHubSnapshot } from '../../core/imports/openHubSnapshot.ts';
import type { Selection, Snapshot } from '../../core/snapshot/snapshot.ts';
import { sourceTokenFor } from '../accessToken.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exitCodes.ts';
import { NOBODY } from '../hubAccess.ts';
import { systemKeychain } from '../keychain.ts';
import { type Destination, type Opening, publishSnapshot } from '../publish/carryOut.ts';

export interface ImportRequest extends Destination {
  readonly from: URL;
  /** As it is asked for at the source. */
  readonly sourceModel: string;
  /** A branch, tag or commit; undefined: `main`. */
  readonly sourceRevision: string | undefined;
  /** Patterns of paths; all files where there are none. */
  readonly include: readonly string[];
}

/** Publishes a model of another hub, and tells how it went and ended. */
export function carryOutImport(request: ImportRequest, context: Context): Promise<ExitCode> {
  return publishSnapshot(request, context, (opening) => openSource(request, context, opening));
}

async function openSource(
  { from, sourceModel: model, sourceRevision: revision = 'main', include }: ImportRequest,
  { process, terminal }: Context,
  { http, log, signal }: Opening,
): Promise<Snapshot> {
  const keychain = systemKeychain(process.platform, process.env, signal);
  const token = (await sourceTokenFor(from, process.env, keychain, terminal, log)) ?? NOBODY;
  const selection: Selection =
    include.length === 0 ? { kind: 'all' } : { kind: 'patterns', patterns: include };
  const asked = { endpoint: from, token, model, revision };
  const snapshot = await openHubSnapshot(asked, selection, { http, log, signal });
  const { origin } = snapshot;
  if (origin.kind === 'hub' && origin.model !== model) {
    terminal.tell(l10n.t('{0} redirects {1} to {2}.', from.host, model, origin.model));
  }
  return snapshot;
}
