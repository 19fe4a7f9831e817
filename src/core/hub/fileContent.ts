import { createHash } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import { blobId } from '../objectIds.ts';
import { addressesOf } from './addresses.ts';
import { subjectOfFile, type HubConnection } from './connection.ts';
import type { RemoteFile } from './remoteFile.ts';

/** A person waits for the file: it is asked for again a little, not for minutes. */
const RETRIES = 2;

/**
 * The whole content of a file of a revision, in one request: `GET /{id}/resolve/{revision}/{path}`
 * (https://huggingface.co/docs/huggingface_hub/guides/download). It is held to the size and the hash that the list of
 * files told of it.
 *
 * @param maxBytes Where the list told no size, a larger file is a `protocol` failure.
 * @throws Failure `corrupt` where the bytes are not those of the list, or that of the request; and the signal's reason
 *   when aborted.
 */
export async function readFileContent(
  hub: HubConnection,
  revision: string,
  file: RemoteFile,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const { endpoint, token, model, http } = hub;
  const { body } = await http.send({
    method: 'GET',
    url: addressesOf(endpoint, model).file(revision, file.path),
    headers: { accept: '*/*' },
    token,
    subject: subjectOfFile(hub, file.path),
    retry: 'idempotent',
    retries: RETRIES,
    maxResponseBytes: maxBytes,
    signal,
  });
  if (!isContentOf(file, body)) {
    throw new Failure(
      'corrupt',
      l10n.t(
        '{1} sent other bytes for “{0}” than its list of files promises, so they are not used. Try again, or report it to its operators.',
        file.path,
        endpoint.host,
      ),
      { paths: [file.path] },
    );
  }
  return body;
}

function isContentOf({ size, sha256, gitSha1 }: RemoteFile, bytes: Buffer): boolean {
  if (size !== undefined && size !== bytes.length) return false;
  // The Git object of an LFS file is its pointer.
  if (sha256 !== undefined) return createHash('sha256').update(bytes).digest('hex') === sha256;
  if (gitSha1 === undefined) return true;
  return blobId(bytes) === gitSha1;
}
