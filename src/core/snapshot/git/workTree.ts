import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { posix, win32 } from 'node:path';
import type { LfsPointer } from './lfsPointer.ts';

/** Bytes read at once from files. */
export const READ_SIZE = 1024 * 1024;

/**
 * Where the work tree keeps a path of the commit; undefined where the platform would take the path for something else, such as a
 * backslash or a stream's colon on Windows, so that nothing outside the work tree is ever opened.
 */
export function workTreeFile(top: string, path: string, platform: NodeJS.Platform): string | undefined {
  const windows = platform === 'win32';
  const components = path.split('/');
  if (components.some((name) => ['', '.', '..'].includes(name) || (windows && /[\\:]/.test(name)))) {
    return undefined;
  }
  return (windows ? win32 : posix).join(top, ...components);
}

/** The work tree as a second place for LFS content. */
export interface WorkTree {
  /**
   * The file at `path` (from the top), where it holds exactly the pointer's content: same size, then same SHA-256. It is read at
   * most once for as long as it is not touched.
   */
  sameContent(path: string, pointer: LfsPointer): Promise<string | undefined>;
}

export function workTree(top: string, signal: AbortSignal): WorkTree {
  const hashes = new Map<string, { readonly state: string; readonly sha256: Promise<string> }>();
  return {
    async sameContent(path, pointer) {
      const file = workTreeFile(top, path, process.platform);
      const stats =
        file === undefined ? undefined : await lstat(file, { bigint: true }).catch(() => undefined);
      if (file === undefined || stats?.isFile() !== true || stats.size !== BigInt(pointer.size)) {
        return undefined;
      }
      let known = hashes.get(file);
      if (known?.state !== stateOf(stats)) {
        known = { state: stateOf(stats), sha256: sha256Of(file, signal) };
        hashes.set(file, known);
      }
      try {
        return (await known.sha256) === pointer.sha256 ? file : undefined;
      } catch {
        signal.throwIfAborted();
        // It went away or may not be read: then it is of no use.
        hashes.delete(file);
        return undefined;
      }
    },
  };
}

/** Changes whenever the file's content may have. */
function stateOf(stats: BigIntStats): string {
  return [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(':');
}

async function sha256Of(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(file);
  try {
    const buffer = Buffer.allocUnsafe(READ_SIZE);
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length);
      if (bytesRead === 0) {
        return hash.digest('hex');
      }
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
