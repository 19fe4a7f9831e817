import { asSha256, type Sha256 } from '../../objectIds.ts';

/** What a Git LFS pointer says of the content it stands for. */
export interface LfsPointer {
  readonly sha256: Sha256;
  /** Bytes. */
  readonly size: number;
}

/** A pointer is shorter than this (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md#the-pointer). Bytes. */
export const LONGEST_POINTER = 1024;
/** The shortest version line, an oid line and "size 0" without line end. Bytes. */
const SHORTEST_POINTER =
  'version http://git-media.io/v/2\n'.length + 'oid sha256:\n'.length + 64 + 'size 0'.length;

/** Whether a blob of that size (bytes) can be a pointer at all. */
export function mayBePointer(size: number): boolean {
  return size >= SHORTEST_POINTER && size < LONGEST_POINTER;
}

/** Today's version and the two that git-lfs still reads. */
const VERSIONS: ReadonlySet<string> = new Set([
  'version https://git-lfs.github.com/spec/v1',
  'version https://hawser.github.com/spec/v1',
  'version http://git-media.io/v/2',
]);

/**
 * `content` as a Git LFS pointer, undefined where it is none. As git-lfs does, takes blank lines and space around the
 * text, and extension lines (`ext-0-name …`) between version and oid: the stored object is what its oid says,
 * extensions or not.
 */
export function parseLfsPointer(content: Uint8Array): LfsPointer | undefined {
  if (!mayBePointer(content.length)) {
    return undefined;
  }
  const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString('latin1').trim();
  if (!text.startsWith('version ')) {
    return undefined;
  }
  const [version = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const [oid = '', size = '', ...rest] = lines.filter((line) => !/^ext-\d+-\S+ /.test(line));
  const sha256 = asSha256(/^oid sha256:(\S+)$/.exec(oid)?.[1] ?? '');
  const bytes = Number(/^size (\d+)$/.exec(size)?.[1] ?? NaN);
  if (!VERSIONS.has(version) || sha256 === undefined || !Number.isSafeInteger(bytes) || rest.length > 0) {
    return undefined;
  }
  return { sha256, size: bytes };
}
