/** A Git LFS pointer: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
export interface Pointer {
  /** SHA-256 of the object, 64 lower-case hex digits. */
  readonly sha256: string;
  /** Bytes of the object. */
  readonly size: number;
}

/** A pointer has fewer bytes than this. */
export const pointerLimit = 1024;

const shape =
  /^version https:\/\/(?:git-lfs|hawser)\.github\.com\/spec\/v1\n(?:ext-\d-[^\n ]+ [^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize (\d{1,15})\n?$/;

export function readPointer(content: Buffer): Pointer | undefined {
  if (content.length >= pointerLimit) return undefined;
  const match = shape.exec(content.toString('latin1'));
  if (!match) return undefined;
  return { sha256: match[1]!, size: Number(match[2]) };
}

export function writePointer(pointer: Pointer): Buffer {
  return Buffer.from(
    `version https://git-lfs.github.com/spec/v1\noid sha256:${pointer.sha256}\nsize ${String(pointer.size)}\n`,
  );
}
