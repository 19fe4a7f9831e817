import * as vscode from 'vscode';
import type { RemoteFile } from '../../core/hub/client.ts';
import { VIEW_ID } from '../registries/registriesView.ts';
import type { FileRow } from '../registries/rows.ts';
import type { Services } from '../services.ts';
import { sizeText } from '../sizeText.ts';
import { withViewProgress } from '../viewProgress.ts';
import { uriOf, versionAddressOf } from './documents.ts';
import type { VersionAddress } from './fileAddress.ts';
import { MOST_BYTES, type FileContents } from './fileContents.ts';
import { isMedia, isReadme, isText } from './fileKinds.ts';

/** Opens the files of rows. One at a time: a click on the next row gives up what is still being fetched for the one before. */
export interface FileOpener {
  open(row: FileRow): Promise<void>;
}

export function createFileOpener(services: Pick<Services, 'prompts'>, contents: FileContents): FileOpener {
  let underWay: AbortController | undefined;
  return {
    async open(row) {
      underWay?.abort();
      const controller = new AbortController();
      underWay = controller;
      const version = versionAddressOf(row.session, row.version);
      if (!version) return;
      const { path, size, gitSha1, sha256 } = row;
      const file: RemoteFile = { path, size, gitSha1, sha256 };
      contents.know(version, file);
      const reason =
        size !== undefined && size > MOST_BYTES
          ? vscode.l10n.t(
              '“{0}” has {1}; up to {2} can be opened here.',
              path,
              sizeText(size),
              sizeText(MOST_BYTES),
            )
          : await unfitness(contents, version, file, controller.signal);
      if (reason !== undefined) await offerDownload(services, row, reason);
      else if (!controller.signal.aborted) await show(version, path);
    },
  };
}

/** Why the file cannot be shown; undefined where it can. Its content is kept for the editor that shows it. */
async function unfitness(
  contents: FileContents,
  version: VersionAddress,
  file: RemoteFile,
  signal: AbortSignal,
): Promise<string | undefined> {
  const bytes = await withViewProgress(VIEW_ID, () => contents.read(version, file, signal));
  return isText(bytes) || isMedia(file.path)
    ? undefined
    : vscode.l10n.t('“{0}” is not a text file, so it cannot be opened here.', file.path);
}

async function offerDownload(
  { prompts }: Pick<Services, 'prompts'>,
  row: FileRow,
  message: string,
): Promise<void> {
  const chosen = await prompts.notify({
    id: 'openFile.download',
    severity: 'information',
    message,
    actions: [{ id: 'download', label: vscode.l10n.t('Download…') }],
  });
  if (chosen === 'download') await vscode.commands.executeCommand('modelRegistries.downloadFile', row);
}

async function show(version: VersionAddress, path: string): Promise<void> {
  const uri = uriOf({ kind: 'version', version, path, shown: 'bytes' });
  // Of VS Code's own extensions any may be disabled.
  const rendered = isReadme(path) && vscode.extensions.getExtension('vscode.markdown-language-features');
  if (rendered) await vscode.commands.executeCommand('markdown.showPreview', uri);
  else await vscode.commands.executeCommand('vscode.open', uri, { preview: true });
}
