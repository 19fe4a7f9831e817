import * as l10n from '@vscode/l10n';
import { allOf } from '../async/allOf.ts';
import { inSuccession } from '../async/succession.ts';
import { Failure } from '../failure.ts';
import type { BodyContent } from '../http/client.ts';
import { isOwnAddress } from './addresses.ts';
import type { HubConnection } from './connection.ts';
import { LFS_JSON, type LfsObject, type NamedRequest, type UploadInstructions } from './lfsBatch.ts';

/** The content of an LFS object: opened by ranges, again for every attempt. */
export interface ObjectContent extends LfsObject {
  /** `ascending`: a range may be opened only when the one before it was read; `any`: several may be read at once. */
  readonly ranges: 'any' | 'ascending';
  /** Bytes from `start` up to `end`, exclusive. */
  open(start: number, end: number): Promise<BodyContent>;
  /** Resolves once all that was read is known to be the object, else rejects. Awaited before parts are put together. */
  proved(): Promise<void>;
}

export interface TransferOptions {
  /** What is sent, localised, as it stands in a failure's sentence. */
  readonly subject: string;
  /** Bytes that left since the last call; negative when an attempt starts over. */
  readonly onSent: (bytes: number) => void;
  /** Called before a request is tried again, with what went wrong. */
  readonly onRetry?: (failure: Failure) => void;
  readonly signal: AbortSignal;
}

export interface UploadOptions extends TransferOptions {
  /** Does one transfer, of a whole object or of a part, when its turn has come. */
  readonly inTurn: <T>(transfer: () => Promise<T>) => Promise<T>;
}

/**
 * Sends an object as the server instructed. What goes along, and where:
 *
 * - A PUT and the completion of a multipart upload carry the headers of their action, as the LFS specification has it.
 *   The stock Hugging Face clients send none, so a server they work with names none, and one that names some means
 *   them. Part addresses get none: no specification gives them any.
 * - Our token goes only to `verify`, and only on the endpoint's own origin. An `Authorization` that a server puts into
 *   an action is the server's to give, but one that echoes our token does not go to another origin.
 */
export async function uploadObject(
  hub: HubConnection,
  content: ObjectContent,
  instructions: UploadInstructions,
  options: UploadOptions,
): Promise<void> {
  if (instructions.transfer === 'basic') {
    const { put: request } = instructions;
    await options.inTurn(() => put(hub, request, content, [0, content.size], options));
  } else {
    await uploadParts(hub, content, instructions, options);
  }
  if (instructions.verify === undefined) return;
  await hub.http.send({
    method: 'POST',
    url: instructions.verify.url,
    headers: { ...headersFor(instructions.verify, hub), accept: LFS_JSON },
    body: { kind: 'json', contentType: LFS_JSON, value: { oid: content.oid, size: content.size } },
    token: isOwnAddress(hub.endpoint, instructions.verify.url) ? hub.token : undefined,
    retry: 'idempotent',
    pace: 'transfer',
    ...plainly(options),
  });
}

/** Parts of what is read once whose answers are not waited for before the next is begun. */
const UNANSWERED = 3;

async function uploadParts(
  hub: HubConnection,
  content: ObjectContent,
  { parts, partBytes, completion, headers }: Extract<UploadInstructions, { transfer: 'multipart' }>,
  options: UploadOptions,
): Promise<void> {
  const sent = async (
    [index, url]: readonly [number, URL],
    signal: AbortSignal,
    onRead?: () => void,
  ): Promise<{ readonly partNumber: number; readonly etag: string }> => {
    const start = index * partBytes;
    const end = Math.min(start + partBytes, content.size);
    const etag = await put(hub, { url, headers: {} }, content, [start, end], { ...options, signal }, onRead);
    if (etag !== undefined) return { partNumber: index + 1, etag };
    throw new Failure(
      'protocol',
      l10n.t('The server took part {0} of {1} without a receipt (ETag).', index + 1, options.subject),
    );
  };
  const all = [...parts.entries()];
  // What is read from one stream keeps its turn: else ever more of them would be open, and stand still.
  const done =
    content.ranges === 'ascending'
      ? await options.inTurn(() => inSuccession(all, UNANSWERED, options.signal, sent))
      : await allOf(all, parts.length, options.signal, (part, signal) =>
          options.inTurn(() => sent(part, signal)),
        );
  await content.proved();
  await hub.http.send({
    method: 'POST',
    url: completion,
    headers: { ...headersFor({ url: completion, headers }, hub), accept: LFS_JSON },
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
  hub: HubConnection,
  request: NamedRequest,
  content: ObjectContent,
  [start, end]: readonly [number, number],
  { subject, onSent, onRetry, signal }: TransferOptions,
  onRead?: () => void,
): Promise<string | undefined> {
  const response = await hub.http.send({
    method: 'PUT',
    url: request.url,
    headers: headersFor(request, hub),
    body: { kind: 'stream', length: end - start, open: () => opened(content, start, end, onRead) },
    retry: 'idempotent',
    subject,
    onSent,
    onRetry,
    signal,
  });
  return response.headers.etag;
}

/** @param onRead Called when the last byte has left. */
async function opened(
  content: ObjectContent,
  start: number,
  end: number,
  onRead: (() => void) | undefined,
): Promise<BodyContent> {
  const body = await content.open(start, end);
  return onRead === undefined ? body : watched(body, onRead);
}

async function* watched(body: BodyContent, onRead: () => void): AsyncGenerator<Uint8Array> {
  yield* body as AsyncIterable<Uint8Array>;
  onRead();
}

function headersFor({ url, headers }: NamedRequest, hub: HubConnection): Record<string, string> {
  const ours = hub.token.authorizationFor(hub.endpoint);
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([, value]) => isOwnAddress(hub.endpoint, url) || ours === undefined || value !== ours,
    ),
  );
}
