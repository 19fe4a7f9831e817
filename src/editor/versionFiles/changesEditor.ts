import path from 'node:path';
import * as vscode from 'vscode';
import type { RemoteFile } from '../../core/hub/remoteFile.ts';
import type { FileChange } from '../../core/publish/fileChanges.ts';
import type { Snapshot, SnapshotFile } from '../../core/snapshot/snapshot.ts';
import { visibleLine } from '../../core/visibleText.ts';
import type { Services } from '../services.ts';
import { shortSha } from '../wording.ts';
import { uriOf } from './documents.ts';
import type { FileAddress, Shown, VersionAddress } from './fileAddress.ts';
import { MOST_BYTES } from './fileContents.ts';

/** Files of one diff editor: beyond that many nobody reads them, and VS Code grows slow. */
const MOST_SHOWN = 500;

/** One file of a diff: the document that names it, and those of its two sides. */
type ChangeDocuments = readonly [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined];

/** Gives the documents that show how a file differs between two versions. */
export function versionDocuments(
  before: VersionAddress,
  after: VersionAddress,
): (change: FileChange<RemoteFile>) => ChangeDocuments {
  return (change) => {
    const shown = shownAs(change.before?.size, change.after?.size);
    return documents(
      change.before && versionFile(before, change.path, shown),
      change.after && versionFile(after, change.path, shown),
    );
  };
}

/**
 * Gives the documents that show how a file differs between a version, or nothing, and a local commit. `folder` lies in
 * the commit's repository.
 */
export function headDocuments(
  before: VersionAddress | undefined,
  { commit }: Snapshot,
  folder: string,
): (change: FileChange<SnapshotFile>) => ChangeDocuments {
  return (change) => {
    const { path, after } = change;
    // What Git LFS keeps need not be on this machine.
    const shown = after?.kind === 'lfs' ? 'digest' : shownAs(change.before?.size, after?.size);
    return documents(
      before && change.before && versionFile(before, path, shown),
      after && {
        kind: 'head',
        folder,
        commit,
        path,
        gitSha1: after.gitSha1,
        size: after.size,
        sha256: after.kind === 'lfs' ? after.sha256 : undefined,
        shown,
      },
    );
  };
}

/**
 * Shows the files that differ in VS Code's diff of many files, or says that none does. The title names both sides, by
 * themselves where it is absent.
 *
 * @param weights The document that tells what changed in the weights, where something did. It comes first.
 * @returns what the diff's title begins with; undefined where there is none. VS Code may open it a little later.
 */
export async function showChanges(
  { prompts }: Pick<Services, 'prompts'>,
  sides: { readonly before: string; readonly after: string; readonly title?: string },
  changes: readonly ChangeDocuments[],
  weights?: vscode.Uri,
): Promise<string | undefined> {
  const { before, after } = sides;
  const title = visibleLine(sides.title ?? vscode.l10n.t('{0} ↔ {1}', before, after));
  if (changes.length === 0) {
    await prompts.notify({
      id: 'compare.same',
      severity: 'information',
      message: vscode.l10n.t('No differences: {0} and {1} hold the same files.', before, after),
    });
    return undefined;
  }
  await vscode.commands.executeCommand('vscode.changes', title, [
    ...(weights ? [[weights, undefined, weights]] : []),
    ...changes.slice(0, MOST_SHOWN),
  ]);
  if (changes.length > MOST_SHOWN) {
    await prompts.notify({
      id: 'compare.many',
      severity: 'information',
      message: vscode.l10n.t('{0} files differ; the first {1} are shown.', changes.length, MOST_SHOWN),
    });
  }
  return title;
}

export { versionName } from './sides.ts';

export function headName({ commit }: Snapshot, folder: string): string {
  return vscode.l10n.t('HEAD of {0} ({1})', path.basename(folder), shortSha(commit));
}

function versionFile(version: VersionAddress, path: string, shown: Shown): FileAddress {
  return { kind: 'version', version, path, shown };
}

function shownAs(...sizes: readonly (number | undefined)[]): Shown {
  return sizes.every((size = 0) => size <= MOST_BYTES) ? 'text' : 'digest';
}

function documents(before: FileAddress | undefined, after: FileAddress | undefined): ChangeDocuments {
  const [from, to] = [before && uriOf(before), after && uriOf(after)];
  const named = to ?? from;
  if (!named) throw new RangeError('A change has a side.');
  return [named, from, to];
}
