import path from 'node:path';
import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import { blobSha256 } from '../../core/publish/blobSha256.ts';
import type { KnownHashes } from '../../core/publish/compare.ts';
import { changesBetween, changesToSnapshot, filesToHash } from '../../core/publish/fileChanges.ts';
import type { RemoteFile } from '../../core/hub/remoteFile.ts';
import type { ModelVersion } from '../../core/hosts/host.ts';
import type { Sha256 } from '../../core/objectIds.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import { knownGit } from '../git/gitExtension.ts';
import { askFolder } from '../git/askFolder.ts';
import { relativeTime } from '../relativeTime.ts';
import { versionLabel } from '../wording.ts';
import { rowId, type VersionRow } from '../rows.ts';
import type { Services } from '../services.ts';
import { headDocuments, headName, showChanges, versionDocuments, versionName } from './changesEditor.ts';
import { versionAddressOf } from './documents.ts';
import type { FileContents } from './fileContents.ts';
import type { WeightsDocuments } from './weightsDocuments.ts';

/** Pages of versions that are offered to compare with, each one request. */
const OFFERED_PAGES = 3;

/** Shows what differs between a version and HEAD of a repository in the workspace. */
export async function compareWithHead(
  services: Services,
  contents: FileContents,
  documents: WeightsDocuments,
  { session, version }: VersionRow,
): Promise<void> {
  const address = versionAddressOf(session, version);
  if (!address) return;
  if (!vscode.workspace.isTrusted) {
    throw new Failure(
      'refused',
      vscode.l10n.t('This workspace is not trusted, so no Git repository in it is read.'),
    );
  }
  const folder = await askFolder(services, {
    id: 'compare.folder',
    title: vscode.l10n.t('Compare with HEAD'),
    placeholder: vscode.l10n.t('The repository whose HEAD is compared'),
  });
  if (folder === undefined) return;
  const name = versionName(address);
  const { head, changes, weights } = await services.prompts.progress(
    {
      id: 'compare.progress',
      title: vscode.l10n.t('Comparing {0} with HEAD of {1}', name, path.basename(folder)),
      cancellable: true,
    },
    async (_report, signal) => {
      const [listing, snapshot] = await Promise.all([
        contents.list(address, signal),
        readHead(services, folder, signal),
      ]);
      try {
        const before = [...listing.values()];
        const hashes = await hashesFor(services, before, snapshot, signal);
        const changes = changesToSnapshot(before, snapshot.files, hashes);
        const head = headName(snapshot, folder);
        const { snapshotSide } = await import('../../core/weights/weightsSides.ts');
        return {
          head,
          changes: changes.map(headDocuments(address, snapshot, folder)),
          weights: await documents.once(
            { name, side: await contents.weightsSide(address, signal) },
            { name: head, side: snapshotSide(snapshot.files) },
            pathsOf(changes),
            signal,
          ),
        };
      } finally {
        await snapshot.dispose();
      }
    },
  );
  await showChanges(services, { before: name, after: head }, changes, weights);
}

/**
 * Shows what differs between `row` and the one other version of `selected`; where that is not one, between `row` and a
 * version of its model that the person picks.
 */
export async function compareVersions(
  services: Services,
  contents: FileContents,
  documents: WeightsDocuments,
  row: VersionRow,
  selected: readonly VersionRow[],
): Promise<void> {
  const others = selected.filter((one) => rowId(one) !== rowId(row));
  const other = others.length === 1 ? others[0] : await askOtherVersion(services, row);
  if (!other) return;
  const [older, newer] = inOrder(row, other);
  const before = versionAddressOf(older.session, older.version);
  const after = versionAddressOf(newer.session, newer.version);
  if (!before || !after) return;
  const names = { before: versionName(before), after: versionName(after) };
  const { changes, weights } = await services.prompts.progress(
    {
      id: 'compare.progress',
      title: vscode.l10n.t('Comparing {0} with {1}', names.before, names.after),
      cancellable: true,
    },
    async (_report, signal) => {
      const [earlier, later] = await Promise.all([
        contents.list(before, signal),
        contents.list(after, signal),
      ]);
      const differing = changesBetween([...earlier.values()], [...later.values()]);
      return {
        changes: differing,
        weights: await documents.ofVersions(before, after, pathsOf(differing), names, signal),
      };
    },
  );
  await showChanges(services, names, changes.map(versionDocuments(before, after)), weights);
}

function pathsOf(changes: readonly { readonly path: string }[]): ReadonlySet<string> {
  return new Set(changes.map(({ path }) => path));
}

async function askOtherVersion(
  { prompts }: Services,
  { session, version }: VersionRow,
): Promise<VersionRow | undefined> {
  const { registry, model } = version;
  return prompts.pick<VersionRow>({
    id: 'compare.version',
    title: vscode.l10n.t('Compare Versions of {0}', model),
    placeholder: vscode.l10n.t('The version to compare {0} with', versionLabel(version)),
    choices: async (signal) => {
      const others: ModelVersion[] = [];
      let cursor: string | undefined;
      for (let page = 0; page === 0 || (cursor !== undefined && page < OFFERED_PAGES); page += 1) {
        const { items, next } = await session.host.listing.versions(registry, model, { cursor }, signal);
        others.push(...items.filter(({ id, commit }) => id !== version.id && commit !== undefined));
        cursor = next;
      }
      if (others.length === 0) {
        throw new Failure('notFound', vscode.l10n.t('“{0}” has no other version to compare with.', model));
      }
      const now = new Date();
      return others.map((other) => ({
        label: versionLabel(other),
        description: other.createdAt && relativeTime(other.createdAt, now, vscode.env.language),
        icon: 'git-commit',
        value: { kind: 'version', session, version: other },
      }));
    },
  });
}

/** The older one first. */
function inOrder(one: VersionRow, two: VersionRow): readonly [VersionRow, VersionRow] {
  const [first, second] = [one.version.createdAt?.getTime(), two.version.createdAt?.getTime()];
  return first !== undefined && second !== undefined && first < second ? [one, two] : [two, one];
}

async function readHead({ log, hashes }: Services, folder: string, signal: AbortSignal): Promise<Snapshot> {
  const { program } = await knownGit();
  const { openGitSnapshot } = await import('../../core/snapshot/git/openGitSnapshot.ts');
  return openGitSnapshot(folder, { signal, log, git: program, hashes });
}

/** SHA-256s of plain files that the registry keeps as LFS objects: each is computed once, and remembered. */
async function hashesFor(
  { hashes }: Services,
  before: readonly RemoteFile[],
  { files }: Snapshot,
  signal: AbortSignal,
): Promise<KnownHashes> {
  const known = new Map<string, Sha256>();
  for (const file of filesToHash(before, files)) known.set(file.path, await blobSha256(file, hashes, signal));
  return known;
}
