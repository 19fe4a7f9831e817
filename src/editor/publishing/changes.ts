import path from 'node:path';
import * as vscode from 'vscode';
import type { FileChange } from '../../core/publish/fileChanges.ts';
import type { PublishPlan } from '../../core/publish/publishing.ts';
import type { SnapshotFile } from '../../core/snapshot/snapshot.ts';
import type { Services } from '../services.ts';
import { headDocuments, headName, showChanges, versionName } from '../versionFiles/changesEditor.ts';
import { accountKey } from '../versionFiles/fileAddress.ts';
import type { Destination } from '../publishService.ts';
import { registryName } from '../wording.ts';

/** Shows in VS Code's diff of many files what a publish would change. Gives its title; undefined where nothing would. */
export async function showPlannedChanges(
  services: Pick<Services, 'prompts'>,
  plan: PublishPlan,
  { place: { session, registry }, model }: Destination,
): Promise<string | undefined> {
  const { snapshot, parentCommit } = plan;
  const folder = path.join(snapshot.repository, ...snapshot.folder.split('/'));
  const version = parentCommit && {
    account: accountKey(session.accountId),
    organization: registry.organization,
    registry: registry.slug,
    model,
    commit: parentCommit,
  };
  const name = version === undefined ? model : versionName(version);
  // The button in the title publishes there: a model may be new in several registries, or the same.
  const before = vscode.l10n.t('{0} in {1}', name, registryName(registry));
  return showChanges(
    services,
    { before, after: headName(snapshot, folder) },
    changesOf(plan).map(headDocuments(version, snapshot, folder)),
  );
}

/** What would change, sorted by path. */
function changesOf({ changed, deleted, remote }: PublishPlan): readonly FileChange<SnapshotFile>[] {
  const changes = [
    ...changed.map((file) => ({ path: file.path, before: remote.get(file.path), after: file })),
    ...deleted.map((gone) => ({ path: gone, before: remote.get(gone), after: undefined })),
  ];
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}
