import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { FileHandle } from 'node:fs/promises';
import { Failure } from '../failure.ts';
import type { RemoteFile } from '../hub/remoteFile.ts';
import { NotTheFile, openRegularFile } from '../snapshot/files/regularFile.ts';
import { plainly } from '../snapshot/files/systemErrors.ts';
import { type HeaderReader, limitOf } from './headerReader.ts';

/** Reads the beginnings of files of a folder of this machine, with the bounds that those of a server have. */
export function createFolderReader(
  folder: string,
  files: readonly RemoteFile[],
  signal: AbortSignal,
): HeaderReader {
  return {
    files: new Map(files.map((file) => [file.path, file])),
    async read(file, start, end) {
      signal.throwIfAborted();
      const handle = await openWeights(join(folder, file.path));
      try {
        const { size } = await handle.stat();
        const limit = limitOf(file, size, end);
        const bytes = Buffer.alloc(Math.max(0, limit - start));
        const filled = await readFully(handle, bytes, start);
        return { bytes: bytes.subarray(0, filled), size };
      } catch (error) {
        throw plainly(error, join(folder, file.path));
      } finally {
        await handle.close();
      }
    },
  };
}

/**
 * Opens the file that a path leads to, through links as those of the Hugging Face cache.
 *
 * @throws Failure `disk` where it cannot be opened, and `refused` where it is no file.
 */
export async function openWeights(file: string): Promise<FileHandle> {
  try {
    return await openRegularFile(await realpath(file));
  } catch (error) {
    if (!(error instanceof NotTheFile)) throw plainly(error, file);
    throw new Failure('refused', l10n.t('“{0}” is not a regular file, so it is not read.', file), {
      cause: error,
    });
  }
}

/** Fills `memory` with what begins at `position`. @returns how many bytes there were. */
export async function readFully(handle: FileHandle, memory: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < memory.length) {
    const { bytesRead } = await handle.read(memory, filled, memory.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
