import * as l10n from '@vscode/l10n';
import { allOf } from '../async/allOf.ts';
import { Failure } from '../failure.ts';
import type { HttpClient } from '../http/client.ts';
import { createHubClient } from '../hub/client.ts';
import { connectionTo, type HubConnection } from '../hub/connection.ts';
import { shortName } from '../objectIds.ts';
import { pathOnly, type RemoteFile } from '../hub/remoteFile.ts';
import { readFileMetadata } from '../hub/fileMetadata.ts';
import type { DownloadSource, WantedFile } from './downloading.ts';
import { nameOf } from './partialFile.ts';

const QUESTIONS_AT_ONCE = 8;

/**
 * Every file of a version, with the size and the hash that its content has to have. Where the server's list of files
 * does not tell them, it is asked for each.
 *
 * @throws Failure, and the signal's reason when aborted.
 */
export async function versionFiles(
  { hub, model, commit }: DownloadSource,
  http: HttpClient,
  signal: AbortSignal,
): Promise<WantedFile[]> {
  const connection = connectionTo(hub, model, http);
  const listed = await listedFiles(connection, commit, signal);
  const files = await allOf(listed, QUESTIONS_AT_ONCE, signal, async (file) => {
    const wanted =
      wantedFile(file) ?? wantedFile(await readFileMetadata(connection, commit, file.path, signal));
    if (wanted !== undefined) return wanted;
    throw new Failure(
      'protocol',
      l10n.t(
        '{1} tells no size and hash of “{0}” to hold its content against, so the version is not downloaded. Report it to its operators.',
        file.path,
        hub.endpoint.host,
      ),
      { paths: [file.path] },
    );
  });
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

async function listedFiles(
  connection: HubConnection,
  commit: string,
  signal: AbortSignal,
): Promise<readonly RemoteFile[]> {
  const hub = createHubClient(connection);
  const tree = await hub.tree(commit, signal);
  if (tree !== undefined) return tree;
  const head = await hub.head(commit, signal);
  if (head !== undefined) {
    return head.paths.map(pathOnly);
  }
  throw new Failure(
    'notFound',
    l10n.t(
      '{1} does not know the version {2} of “{0}”. It may have been deleted: refresh the view.',
      connection.model,
      connection.endpoint.host,
      shortName(commit),
    ),
  );
}

function wantedFile({ path, size, sha256, gitSha1 }: RemoteFile): WantedFile | undefined {
  if (size === undefined || !Number.isSafeInteger(size) || size < 0) return undefined;
  if (sha256 !== undefined) return { path, size, id: { kind: 'lfs', sha256, pointer: gitSha1 } };
  return gitSha1 && { path, size, id: { kind: 'blob', gitSha1 } };
}
