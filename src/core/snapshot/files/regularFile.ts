import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { isGone } from './systemErrors.ts';

/** Bytes read at once from files. */
export const READ_SIZE = 1024 * 1024;

/** At a path is something else than the regular file that was expected there. */
export class NotTheFile extends Error {
  override readonly name = 'NotTheFile';
}

/** Without waiting for whoever might write into a pipe. Windows has neither flag, which count as 0. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens the regular file at `file` for reading: no link is followed there, no pipe waited for, no device touched. Where
 * a folder on the way is a link, it leads where the link does: whoever minds looks at the real path.
 *
 * @param size bytes that it has to have; any number where left out.
 * @throws NotTheFile where something else is there, or a file of another size; and what the file system says.
 */
export async function openRegularFile(file: string, size?: number): Promise<FileHandle> {
  // Windows follows links whatever the flags are.
  if (!(await lstat(file)).isFile()) throw new NotTheFile(`${file} is no regular file`);
  const handle = await open(file, READ);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new NotTheFile(`${file} is no regular file`);
    if (size !== undefined && stats.size !== size)
      throw new NotTheFile(`${file} has ${stats.size} bytes, not ${size}`);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Whether there is a regular file of `size` bytes at `file` that can be read: nobody but who opens it knows. Throws
 * what the file system says where it is there and cannot be.
 */
export async function isReadable(file: string, size: number): Promise<boolean> {
  try {
    await (await openRegularFile(file, size)).close();
    return true;
  } catch (error) {
    if (error instanceof NotTheFile || isGone(error)) return false;
    throw error;
  }
}

/** What the regular file at `file` holds; undefined if over `most` bytes. Throws as {@link openRegularFile}. */
export async function readSmallFile(file: string, most: number): Promise<Buffer | undefined> {
  const handle = await openRegularFile(file);
  try {
    const memory = Buffer.alloc(most + 1);
    let filled = 0;
    while (filled < memory.length) {
      const { bytesRead } = await handle.read(memory, filled, memory.length - filled, filled);
      if (bytesRead === 0) return memory.subarray(0, filled);
      filled += bytesRead;
    }
    return undefined;
  } finally {
    await handle.close();
  }
}
