import path from 'node:path';
import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import { blobSha256 } from '../../core/publish/blobSha256.ts';
import type { KnownHashes } from '../../core/publish/compare.ts';
import { changesBetween, changesToSnapshot, filesToHash } from '../../core/publish/fileChanges.ts';
import type { RemoteFile } from '../../core/hub/remoteFile.ts';
import type { Sha256 } from '../../core/objectIds.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import { knownGit } from '../git/gitExtension.ts';
import { askFolder } from '../git/askFolder.ts';
import type { VersionRow } from '../rows.ts';
import type { Services } from '../services.ts';
import { headDocuments, headName, showChanges, versionDocuments } from './changesEditor.ts';
import { versionAddressOf } from './documents.ts';
import type { VersionAddress } from './fileAddress.ts';
import type { FileContents } from './fileContents.ts';
import { titleOf, versionName } from './sides.ts';
import { askTwoVersions } from './twoVersions.ts';
import { subjectsFrom } from './versionSubjects.ts';
import type { WeightsDocuments } from './weightsDocuments.ts';

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
  const { head, changes, weights, isUnrelated } = await services.prompts.progress(
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
        const differing = changesToSnapshot(before, snapshot.files, hashes);
        const head = headName(snapshot, folder);
        const { snapshotSide } = await import('../../core/weights/weightsSides.ts');
        return {
          head,
          weights: await documents.once(
            { name, side: await contents.weightsSide(address, signal) },
            { name: head, side: snapshotSide(snapshot.files) },
            pathsOf(differing),
            signal,
          ),
          changes: differing.map(headDocuments(address, snapshot, folder)),
          isUnrelated:
            before.length > 0 && differing.filter((change) => change.before).length === before.length,
        };
      } finally {
        await snapshot.dispose();
      }
    },
  );
  if (isUnrelated && !(await confirmUnrelated(services, name, head))) return;
  await showChanges(services, { before: name, after: head }, changes, weights);
}

/** Whether a person wants to see it though no file is the same, as where the repository is another model's. */
async function confirmUnrelated({ prompts }: Services, version: string, head: string): Promise<boolean> {
  return prompts.confirm({
    id: 'compare.unrelated',
    message: vscode.l10n.t('Compare {0} with {1}?', version, head),
    detail: vscode.l10n.t('No file is the same in both: this may be the repository of another model.'),
    action: vscode.l10n.t('Compare'),
  });
}

/** Shows what differs between two versions: those that are selected, or `row` and one that the person picks. */
export async function compareVersions(
  services: Services,
  contents: FileContents,
  documents: WeightsDocuments,
  row: VersionRow,
  selected: readonly VersionRow[],
): Promise<void> {
  const two = await askTwoVersions(services, row, selected);
  const before = two && versionAddressOf(two.before.session, two.before.version);
  const after = two && versionAddressOf(two.after.session, two.after.version);
  if (!before || !after) return;
  const names = { before: versionName(before), after: versionName(after) };
  const { changes, weights, subjects } = await services.prompts.progress(
    {
      id: 'compare.progress',
      title: vscode.l10n.t('Comparing {0} with {1}', names.before, names.after),
      cancellable: true,
    },
    async (_report, signal) => {
      const [earlier, later, known] = await Promise.all([
        contents.list(before, signal),
        contents.list(after, signal),
        subjectsFrom(services, two.after.session, two.after.version, after.commit, signal),
      ]);
      const differing = changesBetween([...earlier.values()], [...later.values()]);
      return {
        changes: differing,
        weights: await documents.ofVersions(before, after, pathsOf(differing), names, signal),
        subjects: known,
      };
    },
  );
  const sideOf = ({ model, commit }: VersionAddress) => ({
    model,
    commit,
    subject: subjects.get(commit)?.subject,
  });
  const title = titleOf(sideOf(before), sideOf(after));
  await showChanges(services, { ...names, title }, changes.map(versionDocuments(before, after)), weights);
}

function pathsOf(changes: readonly { readonly path: string }[]): ReadonlySet<string> {
  return new Set(changes.map(({ path: changed }) => changed));
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
