import { headerText, locationText } from '../http/headerText.ts';
import { asGitObjectId, asSha256 } from '../objectIds.ts';
import { addressesOf } from './addresses.ts';
import { subjectOfFile, type HubConnection } from './connection.ts';
import type { RemoteFile } from './remoteFile.ts';

const REDIRECTS = [301, 302, 303, 307, 308];
const MOST_REDIRECTS = 5;

/**
 * What a server tells of one file: `HEAD /{id}/resolve/{revision}/{path}`, whose `X-Linked-Etag` or `ETag` is the
 * SHA-256 of an LFS file and the Git object id of another one (huggingface_hub, `get_hf_file_metadata`). A redirect to
 * a storage elsewhere is not followed: it is the redirect that tells.
 *
 * @throws Failure, and the signal's reason when aborted.
 */
export async function readFileMetadata(
  hub: HubConnection,
  revision: string,
  path: string,
  signal: AbortSignal,
): Promise<RemoteFile> {
  const { endpoint, token, model, http } = hub;
  let url = addressesOf(endpoint, model).file(revision, path);
  for (let redirects = 0; ; redirects += 1) {
    const { status, headers } = await http.send({
      method: 'HEAD',
      url,
      headers: { accept: '*/*' },
      token,
      subject: subjectOfFile(hub, path),
      retry: 'idempotent',
      accept: REDIRECTS,
      signal,
    });
    const linked = headerText(headers, 'x-linked-etag');
    const isRedirect = REDIRECTS.includes(status);
    const target = isRedirect ? locationOf(locationText(headers), url) : undefined;
    if (linked === undefined && target?.origin === url.origin && redirects < MOST_REDIRECTS) {
      url = target;
      continue;
    }
    const etag = (linked ?? headerText(headers, 'etag') ?? '').replace(/^W\//, '').replace(/^"(.*)"$/, '$1');
    const length = isRedirect ? undefined : headerText(headers, 'content-length');
    const size = headerText(headers, 'x-linked-size') ?? length;
    return {
      path,
      size: size !== undefined && /^\d{1,15}$/.test(size) ? Number(size) : undefined,
      sha256: asSha256(etag),
      gitSha1: asGitObjectId(etag),
    };
  }
}

function locationOf(location: string | undefined, base: URL): URL | undefined {
  return location !== undefined && URL.canParse(location, base.href) ? new URL(location, base) : undefined;
}
