import { Readable } from 'node:stream';
import type { RequestBody } from './client.ts';
import type { ExchangeBody } from './bodySending.ts';

const PIECE_BYTES = 1024 * 1024;

export type SendableBody = ExchangeBody & { readonly contentType: string | undefined };

/** A request's body as a stream of known length that can be opened for every attempt. */
export function sendableBody(body: RequestBody | undefined): SendableBody | undefined {
  switch (body?.kind) {
    case 'json':
      return bytesBody(Buffer.from(JSON.stringify(body.value)), body.contentType ?? 'application/json');
    case 'bytes':
      return bytesBody(body.bytes, body.contentType);
    case 'stream':
      return { length: body.length, contentType: body.contentType, open: body.open };
    case undefined:
      return undefined;
  }
}

/** Sent in pieces, so that progress and idle time are seen while a large body travels. */
function bytesBody(bytes: Uint8Array, contentType: string | undefined): SendableBody {
  function* pieces(): Generator<Uint8Array> {
    for (let start = 0; start < bytes.byteLength; start += PIECE_BYTES) {
      yield bytes.subarray(start, start + PIECE_BYTES);
    }
  }
  return { length: bytes.byteLength, contentType, open: () => Readable.from(pieces()) };
}
