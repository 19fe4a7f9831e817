import * as l10n from '@vscode/l10n';
import type { AccessToken } from '../accessToken.ts';
import { allOf } from '../async/allOf.ts';
import { Failure } from '../failure.ts';
import type { HttpClient } from '../http/client.ts';
import type { Addresses } from './addresses.ts';
import type { ObjectContent, TransferOptions, UploadOptions } from './client.ts';
import type { NamedRequest, UploadInstructions } from './lfsBatch.ts';

const LFS_JSON = 'application/vnd.git-lfs+json';

export interface Wire {
  readonly http: HttpClient;
  readonly token: AccessToken;
  readonly endpoint: URL;
  readonly addresses: Addresses;
}

/**
 * Sends an object as the server instructed. What goes along, and where:
 *
 * - A PUT and the completion of a multipart upload carry the headers of their action, as the LFS specification has it. The stock
 *   Hugging Face clients send none, so a server they work with names none, and one that names some means them. Part addresses get
 *   none: no specification gives them any.
 * - Our token goes only to `verify`, and only on the endpoint's own origin. An `Authorization` that a server puts into an action
 *   is the server's to give, but one that echoes our token does not go to another origin.
 */
export async function uploadObject(
  content: ObjectContent,
  instructions: UploadInstructions,
  wire: Wire,
  options: UploadOptions,
): Promise<void> {
  if (instructions.transfer === 'basic') {
    const { put: request } = instructions;
    await options.inTurn(() => put(request, 0, content.size, content, wire, options));
  } else {
    await uploadParts(content, instructions, wire, options);
  }
  if (instructions.verify === undefined) return;
  await wire.http.send({
    method: 'POST',
    url: instructions.verify.url,
    headers: { ...headersFor(instructions.verify, wire), accept: LFS_JSON },
    body: { kind: 'json', contentType: LFS_JSON, value: { oid: content.oid, size: content.size } },
    token: wire.addresses.own(instructions.verify.url) ? wire.token : undefined,
    retry: 'idempotent',
    pace: 'transfer',
    ...plainly(options),
  });
}

async function uploadParts(
  content: ObjectContent,
  { parts, partBytes, completion, headers }: Extract<UploadInstructions, { transfer: 'multipart' }>,
  wire: Wire,
  options: UploadOptions,
): Promise<void> {
  const atOnce = content.ranges === 'any' ? parts.length : 1;
  const done = await allOf([...parts.entries()], atOnce, options.signal, async ([index, url], signal) => {
    const start = index * partBytes;
    const end = Math.min(start + partBytes, content.size);
    const etag = await options.inTurn(() =>
      put({ url, headers: {} }, start, end, content, wire, { ...options, signal }),
    );
    if (etag === undefined) {
      throw new Failure(
        'protocol',
        l10n.t('The server took part {0} of {1} without a receipt (ETag).', index + 1, options.subject),
      );
    }
    return { partNumber: index + 1, etag };
  });
  await content.proved();
  await wire.http.send({
    method: 'POST',
    url: completion,
    headers: { ...headersFor({ url: completion, headers }, wire), accept: LFS_JSON },
    body: { kind: 'json', contentType: LFS_JSON, value: { oid: content.oid, parts: done } },
    retry: 'idempotent',
    pace: 'transfer',
    ...plainly(options),
  });
}

/** The options of a request whose body is not counted. */
function plainly({ subject, onRetry, signal }: TransferOptions): Omit<TransferOptions, 'onSent'> {
  return { subject, onRetry, signal };
}

async function put(
  request: NamedRequest,
  start: number,
  end: number,
  content: ObjectContent,
  wire: Wire,
  { subject, onSent, onRetry, signal }: TransferOptions,
): Promise<string | undefined> {
  const response = await wire.http.send({
    method: 'PUT',
    url: request.url,
    headers: headersFor(request, wire),
    body: { kind: 'stream', length: end - start, open: () => content.open(start, end) },
    retry: 'idempotent',
    subject,
    onSent,
    onRetry,
    signal,
  });
  return response.headers.etag;
}

function headersFor(
  { url, headers }: NamedRequest,
  { token, endpoint, addresses }: Wire,
): Record<string, string> {
  const ours = token.authorizationFor(endpoint);
  return Object.fromEntries(
    Object.entries(headers).filter(([, value]) => addresses.own(url) || ours === undefined || value !== ours),
  );
}
