import * as vscode from 'vscode';
import type { RemoteFile } from '../../core/hub/remoteFile.ts';
import type { FileRow, VersionRow } from '../rows.ts';
import type { Services } from '../services.ts';
import { sizeText } from '../wording.ts';
import { withRegistriesProgress } from '../viewProgress.ts';
import { uriOf, versionAddressOf } from './documents.ts';
import type { VersionAddress } from './fileAddress.ts';
import { MOST_BYTES, type FileContents } from './fileContents.ts';
import { isReadme, isText, MEDIA_PREVIEW, mediaEditor } from './fileKinds.ts';

/**
 * Opens the files of rows. One at a time: a click on the next row gives up what is still being fetched for the one
 * before. They are strangers': nothing of them runs, and nothing that they refer to is loaded.
 */
export class FileOpener {
  readonly #services: Pick<Services, 'prompts'>;
  readonly #contents: FileContents;
  #underWay: AbortController | undefined;

  constructor(services: Pick<Services, 'prompts'>, contents: FileContents) {
    this.#services = services;
    this.#contents = contents;
  }

  /** @param as `source` opens a model card as the text that it is, too, and not on the model page. */
  async open(row: FileRow, as?: 'source'): Promise<void> {
    this.#underWay?.abort();
    const { signal } = (this.#underWay = new AbortController());
    const version = versionAddressOf(row.session, row.version);
    if (!version) return;
    const { path, size, gitSha1, sha256 } = row;
    if (as !== 'source' && isCard(path)) {
      await showCard(row);
      return;
    }
    const file: RemoteFile = { path, size, gitSha1, sha256 };
    this.#contents.know(version, file);
    const reason =
      size !== undefined && size > MOST_BYTES
        ? vscode.l10n.t(
            '“{0}” is {1} large. Files of up to {2} can be opened here.',
            path,
            sizeText(size),
            sizeText(MOST_BYTES),
          )
        : await unfitness(this.#contents, version, file, signal);
    if (reason !== undefined) await offerDownload(this.#services, row, reason);
    else if (!signal.aborted) await show(version, path);
  }
}

/** Why the file cannot be shown; undefined where it can. Its content is kept for the editor that shows it. */
async function unfitness(
  contents: FileContents,
  version: VersionAddress,
  file: RemoteFile,
  signal: AbortSignal,
): Promise<string | undefined> {
  const bytes = await withRegistriesProgress(() => contents.read(version, file, signal));
  return isText(bytes) || viewerOf(file.path) !== undefined
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

/** The model page shows the one at the root. */
function isCard(path: string): boolean {
  return isReadme(path) && !path.includes('/');
}

/** On the model page: VS Code's own preview would load images from anywhere. */
async function showCard({ session, version }: FileRow): Promise<void> {
  const row: VersionRow & { readonly kind: 'version' } = { kind: 'version', session, version };
  await vscode.commands.executeCommand('modelRegistries.openModelPage', row);
}

/** Of VS Code's own extensions any may be disabled. */
function viewerOf(path: string): string | undefined {
  return vscode.extensions.getExtension(MEDIA_PREVIEW) && mediaEditor(path);
}

/**
 * By name in that editor: VS Code would choose one by the file's name, which is a stranger's, and that of notebooks
 * runs their JavaScript. Whatever opens such a document otherwise gets text, too, by `workbench.editorAssociations` of
 * our manifest.
 */
async function show(version: VersionAddress, path: string): Promise<void> {
  const uri = uriOf({ kind: 'version', version, path, shown: 'bytes' });
  await vscode.commands.executeCommand('vscode.openWith', uri, viewerOf(path) ?? 'default', {
    preview: true,
  });
}
