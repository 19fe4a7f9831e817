import { z } from 'zod';
import type { Exchange, Handler } from '../routing.ts';
import type { ModelStore } from '../store/modelStore.ts';
import { WrongContent } from '../store/objects.ts';
import { rangeOf } from './ranges.ts';
import { HubRefusal, checked } from './refusal.ts';
import type { SignedUrls } from './signedUrls.ts';

/** Paths of signed URLs. */
export const transferPaths = {
  upload: (registryId: string, oid: string) => `/uploads/${registryId}/${oid}`,
  part: (registryId: string, oid: string, upload: string, part: number) =>
    `/uploads/${registryId}/${oid}/${upload}/${String(part)}`,
  completion: (registryId: string, oid: string, upload: string) =>
    `/uploads/${registryId}/${oid}/${upload}/complete`,
  download: (registryId: string, oid: string) => `/objects/${registryId}/${oid}`,
};

const completionBody = z.object({
  oid: z.string(),
  parts: z.array(z.object({ partNumber: z.number().int().positive(), etag: z.string() })),
});

/**
 * Where signed URLs lead. Uploads answer as S3 does: no other authority beside the signature, a Content-Length, and errors
 * in XML. (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)
 */
export function transfers(models: ModelStore, urls: SignedUrls): Handler {
  return async (exchange) => {
    const [kind, registryId, oid, ...rest] = exchange.segments;
    if ((kind !== 'uploads' && kind !== 'objects') || registryId === undefined || oid === undefined)
      return false;
    if (!exchange.state.registryById(registryId))
      return refuse(exchange, 404, 'NoSuchBucket', 'The registry is gone.');
    const problem = urls.problem(exchange.url);
    if (problem === 'wrong') {
      return refuse(exchange, 403, 'SignatureDoesNotMatch', 'The signature of this URL is not ours.');
    }
    if (problem === 'expired') return refuse(exchange, 403, 'AccessDenied', 'Request has expired');
    const objects = models.objects(registryId);

    if (kind === 'objects') {
      const size = await objects.sizeOf(oid);
      if (size === undefined) return refuse(exchange, 404, 'NoSuchKey', 'There is no such object.');
      const range = rangeOf(exchange.headers.range, size);
      if (range === 'unsatisfiable') {
        await exchange.answer(416, { 'content-range': `bytes */${String(size)}` });
        return true;
      }
      // Clients that follow redirects within an origin take a file's metadata from where they end up.
      const commit = exchange.url.searchParams.get('commit');
      const headers = {
        ...(commit !== null && {
          'x-repo-commit': commit,
          'x-linked-etag': `"${oid}"`,
          'x-linked-size': size,
        }),
        'content-type': 'application/octet-stream',
        'accept-ranges': 'bytes',
        etag: `"${oid}"`,
        'content-length': range ? range.end - range.start + 1 : size,
        ...(range && {
          'content-range': `bytes ${String(range.start)}-${String(range.end)}/${String(size)}`,
        }),
      };
      if (exchange.method === 'HEAD') await exchange.answer(range ? 206 : 200, headers);
      else if (exchange.method === 'GET') {
        await exchange.answer(range ? 206 : 200, headers, objects.read(oid, range));
      } else return refuse(exchange, 405, 'MethodNotAllowed', 'Objects are read with GET.');
      return true;
    }

    if (exchange.headers.authorization !== undefined) {
      return refuse(
        exchange,
        400,
        'InvalidArgument',
        'Only one auth mechanism allowed; a signed URL takes no Authorization header.',
      );
    }
    const query = exchange.url.searchParams;
    const size = Number(query.get('size'));
    const [upload, part] = rest;
    try {
      if (part === 'complete' && upload !== undefined) {
        if (exchange.method !== 'POST')
          return await refuse(exchange, 405, 'MethodNotAllowed', 'Complete with POST.');
        const { parts } = checked(completionBody, await exchange.json());
        const sorted = parts.toSorted((a, b) => a.partNumber - b.partNumber);
        if (
          sorted.length !== Number(query.get('parts')) ||
          sorted.some((each, index) => each.partNumber !== index + 1)
        ) {
          return await refuse(exchange, 400, 'InvalidPart', 'Name every part exactly once.');
        }
        const etags = sorted.map((each) => each.etag.replace(/^"(.*)"$/, '$1'));
        await objects.completeMultipart(upload, { sha256: oid, size }, etags);
        await exchange.answerJson(200, { success: true });
        return true;
      }
      if (exchange.method !== 'PUT')
        return await refuse(exchange, 405, 'MethodNotAllowed', 'Upload with PUT.');
      const length = exchange.headers['content-length'];
      if (length === undefined) {
        return await refuse(exchange, 411, 'MissingContentLength', 'State the Content-Length of the body.');
      }
      const expected = part === undefined ? size : Number(query.get('bytes'));
      if (Number(length) !== expected) {
        return await refuse(
          exchange,
          400,
          'IncompleteBody',
          `This URL takes ${String(expected)} bytes, not ${length}.`,
        );
      }
      let etag = oid;
      if (upload === undefined || part === undefined) await objects.put({ sha256: oid, size }, exchange.body);
      else {
        etag = await objects.putPart(
          upload,
          { number: Number(part), offset: Number(query.get('offset')), bytes: expected },
          exchange.body,
        );
      }
      await exchange.answer(200, { etag: `"${etag}"` });
      return true;
    } catch (error) {
      if (error instanceof WrongContent) return refuse(exchange, 400, 'BadDigest', error.message);
      if (error instanceof HubRefusal) return refuse(exchange, 400, 'MalformedBody', error.message);
      throw error;
    }
  };
}

async function refuse(exchange: Exchange, status: number, code: string, message: string): Promise<true> {
  await exchange.answer(
    status,
    { 'content-type': 'application/xml' },
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  );
  return true;
}
