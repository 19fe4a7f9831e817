import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import type { HttpClient } from '../http/client.ts';
import { connectionTo } from '../hub/connection.ts';
import { type KnownFile, listKnownFiles } from '../hub/knownFiles.ts';
import type { DownloadSource, WantedFile } from './downloading.ts';
import { nameOf } from './partialFile.ts';

/**
 * Every file of a version, with the size and the hash that its content has to have.
 *
 * @throws Failure, and the signal's reason when aborted.
 */
export async function versionFiles(
  { hub, model, commit }: DownloadSource,
  http: HttpClient,
  signal: AbortSignal,
): Promise<WantedFile[]> {
  const files = (await listKnownFiles(connectionTo(hub, model, http), commit, signal)).map(wantedFile);
  const sizes = new Map(files.map(({ id, size }) => [nameOf(id), size]));
  const odd = files.find(({ id, size }) => sizes.get(nameOf(id)) !== size);
  if (odd === undefined) return files;
  throw new Failure(
    'protocol',
    l10n.t(
      '{1} tells two sizes of the content of “{0}”. Report it to its operators.',
      odd.path,
      hub.endpoint.host,
    ),
    { paths: [odd.path] },
  );
}

function wantedFile(file: KnownFile): WantedFile {
  const { path, size } = file;
  return file.sha256 === undefined
    ? { path, size, id: { kind: 'blob', gitSha1: file.gitSha1 } }
    : { path, size, id: { kind: 'lfs', sha256: file.sha256, pointer: file.gitSha1 } };
}
