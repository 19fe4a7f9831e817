import * as vscode from 'vscode';
import { Failure } from '../core/failure.ts';
import type { ModelRow, Row, VersionRow } from './rows.ts';
import { withRegistriesProgress } from './viewProgress.ts';

/**
 * The version that a row is, or of a model's row the newest of those that it shows. The server is asked where the row does not tell.
 * undefined for another row. Throws `notFound` for a model without a version, and whatever the server's list throws.
 */
export async function versionOfRow(row: Row | undefined): Promise<VersionRow | undefined> {
  if (row?.kind === 'version') return row;
  return row?.kind === 'model' ? newestOf(row) : undefined;
}

/** What a model's row tells of its newest version, as that version's row. */
export function knownNewest({ session, newest }: ModelRow): VersionRow | undefined {
  return newest && { kind: 'version', session, version: newest };
}

async function newestOf(row: ModelRow): Promise<VersionRow> {
  const known = knownNewest(row);
  if (known?.version.commit !== undefined) return known;
  const { session, registry, model, revision } = row;
  const query = { limit: 1, ...(revision !== undefined && { revision }) };
  const { items } = await withRegistriesProgress(() =>
    session.host.listing.versions(registry, model, query, new AbortController().signal),
  );
  const [version] = items;
  if (version) return { kind: 'version', session, version };
  throw new Failure('notFound', vscode.l10n.t('“{0}” has no versions.', model));
}
