import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { Failure } from '../../../src/core/failure.ts';
import { asGitObjectId, asSha256 } from '../../../src/core/objectIds.ts';
import type { GitObjectId, Sha256 } from '../../../src/core/objectIds.ts';
import type { Origin, Snapshot, SnapshotFile } from '../../../src/core/snapshot/snapshot.ts';

export const sha256 = (content: Buffer): Sha256 =>
  asSha256(createHash('sha256').update(content).digest('hex'))!;

export const gitSha1 = (content: Buffer): GitObjectId =>
  asGitObjectId(createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex'))!;

export const pointer = (content: Buffer): Buffer =>
  Buffer.from(
    `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256(content)}\nsize ${content.length}\n`,
  );

/** A file of a snapshot that is made by hand. `here` is what this machine holds: other bytes for a damaged file, nothing for a missing one. */
export interface HandMade {
  readonly kind: 'blob' | 'lfs';
  readonly content: Buffer;
  readonly here: Buffer | undefined;
}

export const blob = (content: Buffer | string, here: Buffer | string = content): HandMade => ({
  kind: 'blob',
  content: Buffer.from(content),
  here: Buffer.from(here),
});

export const lfs = (content: Buffer | string, here: Buffer | string | undefined = content): HandMade => ({
  kind: 'lfs',
  content: Buffer.from(content),
  here: Buffer.from(here),
});

export const missing = (content: Buffer | string): HandMade => ({
  kind: 'lfs',
  content: Buffer.from(content),
  here: undefined,
});

/** A snapshot that knows which of its files are open, and how often each was opened. */
export interface MemorySnapshot extends Snapshot {
  readonly streams: readonly Readable[];
  readonly openings: ReadonlyMap<string, number>;
}

const ORIGIN: Origin = { kind: 'git' };

const PIECE_BYTES = 64 * 1024;

export function memorySnapshot(
  files: Readonly<Record<string, HandMade>>,
  { subject = 'Publish the model', seed = '' }: { readonly subject?: string; readonly seed?: string } = {},
): MemorySnapshot {
  const streams: Readable[] = [];
  const openings = new Map<string, number>();
  const open = (path: string, here: Buffer | undefined, start: number, end?: number): Promise<Readable> => {
    openings.set(path, (openings.get(path) ?? 0) + 1);
    if (here === undefined) return Promise.reject(new Failure('missingObject', `${path} is not here.`));
    const bytes = here.subarray(start, end);
    const pieces = Array.from({ length: Math.ceil(bytes.length / PIECE_BYTES) }, (_, index) =>
      bytes.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES),
    );
    const stream = Readable.from(pieces);
    streams.push(stream);
    return Promise.resolve(stream);
  };
  const paths = Object.keys(files).sort((a, b) => (a < b ? -1 : 1));
  const identity = paths.map((path) => `${path} ${sha256(files[path]!.content)}`).join('\n') + subject + seed;
  return {
    origin: ORIGIN,
    commit: gitSha1(Buffer.from(identity)),
    branch: 'main',
    subject,
    committedAt: new Date(0),
    repository: '/nowhere',
    folder: '',
    uncommitted: [],
    proposeModels: () => Promise.resolve([]),
    dispose: () => Promise.resolve(),
    files: paths.map((path): SnapshotFile => {
      const { kind, content, here } = files[path]!;
      return kind === 'blob'
        ? {
            kind,
            origin: ORIGIN,
            path,
            size: content.length,
            gitSha1: gitSha1(content),
            open: (start = 0) => open(path, here, start),
          }
        : {
            kind,
            origin: ORIGIN,
            path,
            size: content.length,
            sha256: sha256(content),
            gitSha1: gitSha1(pointer(content)),
            present: () => Promise.resolve(here !== undefined),
            open: (start = 0, end) => open(path, here, start, end),
          };
    }),
    streams,
    openings,
  };
}
