import type { HubConnection } from '../hub/connection.ts';
import type { RemoteFile } from '../hub/remoteFile.ts';
import type { SnapshotFile } from '../snapshot/snapshot.ts';
import type { WeightsSide } from './compareWeights.ts';
import { createHeaderReader, type HeaderReader, limitOf } from './headerReader.ts';

/** A version of a model on a hub. @param files All of them. */
export function versionSide(hub: HubConnection, commit: string, files: readonly RemoteFile[]): WeightsSide {
  return { files, open: (signal) => createHeaderReader(hub, commit, files, signal) };
}

/** A local commit, or a snapshot of a cache, for as long as that is open. */
export function snapshotSide(files: readonly SnapshotFile[]): WeightsSide {
  const listed = files.map((file): RemoteFile => {
    const { path, size, gitSha1 } = file;
    return { path, size, gitSha1, sha256: file.kind === 'lfs' ? file.sha256 : undefined };
  });
  return { files: listed, open: (signal) => createSnapshotReader(files, listed, signal) };
}

function createSnapshotReader(
  contents: readonly SnapshotFile[],
  listed: readonly RemoteFile[],
  signal: AbortSignal,
): HeaderReader {
  const byPath = new Map(contents.map((file) => [file.path, file]));
  return {
    files: new Map(listed.map((file) => [file.path, file])),
    async read(file, start, end) {
      const content = byPath.get(file.path);
      if (!content) throw new RangeError(`${file.path} is not in the snapshot.`);
      const limit = limitOf(file, content.size, end);
      const bytes = limit > start ? await bytesOf(content, start, limit, signal) : Buffer.alloc(0);
      return { bytes, size: content.size };
    },
  };
}

async function bytesOf(
  content: SnapshotFile,
  start: number,
  end: number,
  signal: AbortSignal,
): Promise<Buffer> {
  signal.throwIfAborted();
  const stream = await content.open(start, end);
  const chunks: Buffer[] = [];
  let missing = end - start;
  // Leaving the loop destroys the stream.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    signal.throwIfAborted();
    chunks.push(Buffer.from(chunk.subarray(0, missing)));
    missing -= chunk.length;
    if (missing <= 0) break;
  }
  return Buffer.concat(chunks);
}
