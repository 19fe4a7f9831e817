import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelRepository } from '../store/modelRepository.ts';
import type { FileEntry } from '../store/modelTree.ts';
import { missingEntry, repositoryOf, revisionOf, type HubCall } from './call.ts';
import { downloadUrlLifetimeMs } from './lfsRoutes.ts';
import { rangeOf } from './ranges.ts';
import { transferPaths } from './transfers.ts';

/** A file's bytes; those of an LFS file by redirect to a signed URL. */
export async function resolve(call: HubCall): Promise<void> {
  const { exchange, registry } = call;
  const { repository, commit, file } = await fileOf(call);
  if (exchange.method === 'HEAD') await sleep(call.behaviour.lateEtagMs);
  const name = file.path.split('/').at(-1)!;
  const headers = {
    'x-repo-commit': commit,
    'accept-ranges': 'bytes',
    'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent(name)}`,
  };
  if (file.lfs) {
    const { sha256, size } = file.lfs;
    await exchange.answer(302, {
      ...headers,
      etag: `"${sha256}"`,
      'x-linked-etag': `"${sha256}"`,
      'x-linked-size': size,
      location: call.urls.download(
        exchange.roots.packages,
        transferPaths.download(registry.id, sha256),
        { commit },
        downloadUrlLifetimeMs,
      ),
    });
    return;
  }
  if (file.blobSize === 0) {
    // @huggingface/hub asks for the first byte to learn the size, takes no 416, and reads the size from Content-Range.
    await exchange.answer(200, { ...headers, etag: `"${file.oid}"`, 'content-range': 'bytes */0' });
    return;
  }
  const range = rangeOf(exchange.headers.range, file.blobSize);
  if (range === 'unsatisfiable') {
    await exchange.answer(416, { ...headers, 'content-range': `bytes */${String(file.blobSize)}` });
    return;
  }
  await exchange.answer(
    range ? 206 : 200,
    {
      ...headers,
      etag: `"${file.oid}"`,
      'content-type': 'text/plain; charset=utf-8',
      'content-length': range ? range.end - range.start + 1 : file.blobSize,
      ...(range && {
        'content-range': `bytes ${String(range.start)}-${String(range.end)}/${String(file.blobSize)}`,
      }),
    },
    exchange.method === 'HEAD'
      ? ''
      : Readable.from(slice(repository.readBlob(file.oid), range?.start ?? 0, range?.end ?? Infinity), {
          objectMode: false,
        }),
  );
}

/** A file as Git holds it, whole: of an LFS file that is the pointer. */
export async function raw(call: HubCall): Promise<void> {
  const { exchange } = call;
  const { repository, commit, file } = await fileOf(call);
  await exchange.answer(
    200,
    {
      'x-repo-commit': commit,
      etag: `"${file.oid}"`,
      'content-type': 'text/plain; charset=utf-8',
      'content-length': file.blobSize,
    },
    exchange.method === 'HEAD' ? '' : repository.readBlob(file.oid),
  );
}

/** The file that a call's route names. @throws HubRefusal when there is none. */
async function fileOf(
  call: HubCall,
): Promise<{ readonly repository: ModelRepository; readonly commit: string; readonly file: FileEntry }> {
  const repository = repositoryOf(call);
  const revision = await revisionOf(call, repository);
  const path = call.params.path ?? '';
  const file = (await repository.tree(revision)).byPath.get(path);
  if (revision.kind !== 'commit' || file?.kind !== 'file') throw missingEntry(call, path, revision);
  return { repository, commit: revision.sha, file };
}

async function* slice(stream: Readable, start: number, end: number): AsyncGenerator<Buffer> {
  let position = 0;
  for await (const each of stream) {
    const chunk = each as Buffer;
    const piece = chunk.subarray(Math.max(0, start - position), Math.max(0, end + 1 - position));
    position += chunk.length;
    if (piece.length > 0) yield piece;
    if (position > end) return;
  }
}
