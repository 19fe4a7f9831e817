import * as vscode from 'vscode';
import { commitMessage } from '../../core/publish/commitMessage.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import type { Settings } from '../settings.ts';
import type { Destination } from '../publishService.ts';
import { registryName, shortSha } from '../wording.ts';

/** The commit message by the folder's setting; undefined is the commit's subject. Throws where that is no template. */
export function messageFor(
  { settings }: { readonly settings: Settings },
  { repository, subject, commit, branch }: Snapshot,
  { place: { registry }, model }: Destination,
): string | undefined {
  return commitMessage(settings.commitMessage(vscode.Uri.file(repository)), {
    subject,
    sha: commit,
    shortSha: shortSha(commit),
    branch: branch ?? '',
    model,
    registry: registryName(registry),
  });
}
