import type { FileHandle } from 'node:fs/promises';
import type { Log } from '../log.ts';
import { chunksOf } from '../publish/fileChunks.ts';
import { lookAtContents, type LookedInto } from '../publish/fileLooks.ts';
import { isSecretFile } from '../publish/secretNames.ts';
import { openRegularFile } from '../snapshot/files/regularFile.ts';
import type { HashMemory } from '../snapshot/hashMemory.ts';
import type { WorkFile } from './workFolder.ts';

export interface PlanOptions {
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Absolute path of the Git program; found on PATH where it is left out. */
  readonly git?: string | undefined;
  /** Spares reading large files again. */
  readonly hashes?: HashMemory | undefined;
}

/** The paths of those that look like they hold secrets, by their names or by what stands in them. */
export async function secretsIn(
  files: readonly WorkFile[],
  log: Log,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const regular = files.filter(({ kind }) => kind === 'file');
  const looks = await lookAtContents(regular.map(contentOf), log, signal);
  return looks.filter(({ path, holdsSecret }) => holdsSecret || isSecretFile(path)).map(({ path }) => path);
}

function contentOf({ path, file, size }: WorkFile): LookedInto {
  return {
    path,
    size,
    sample: (bytes) => beginningOf(file, bytes),
    read: (end) => contentUpTo(file, end),
  };
}

/** At most so many bytes of a regular file. */
export async function beginningOf(file: string, bytes: number): Promise<Buffer> {
  const handle: FileHandle = await openRegularFile(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function* contentUpTo(file: string, end: number): AsyncGenerator<Buffer> {
  yield* chunksOf(await openRegularFile(file), 0, end);
}
