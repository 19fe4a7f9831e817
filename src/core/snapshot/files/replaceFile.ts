import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { hasCode } from './systemErrors.ts';

/**
 * Gives the file or folder at `from` the name `to`, absolute paths on one file system, in one step: whoever reads `to` meanwhile
 * has the one content or the other. What was at `to`, a link itself rather than what it leads to, is gone.
 *
 * @throws Failure `disk` where another program has `to` open and keeps it, on Windows; elsewhere that hinders nobody.
 */
export function replaceFile(from: string, to: string): Promise<void> {
  return whileInUse(to, () => rename(from, to));
}

/**
 * The same with what `make` puts at the path that it is given, beside `path`. That path has a short name, as the file's
 * own may be as long as names can be; nothing is left there where it fails.
 */
export async function replaceWith(
  path: string,
  make: (temporary: string) => Promise<unknown>,
): Promise<void> {
  const temporary = join(dirname(path), `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    await make(temporary);
    await replaceFile(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** What renaming fails with on Windows as long as one of the two files is open without leave to rename it. */
const IN_USE = ['EPERM', 'EACCES', 'EBUSY'];
/** Virus scanners, indexers and backups look at a file that is new, and let go of it soon. */
const PAUSES_MS: readonly number[] = [10, 30, 100, 300, 600, 900, 1200];

/** How long a file in use is waited for. */
interface Patience {
  readonly platform: NodeJS.Platform;
  /** Between attempts; after the last there is one more. */
  readonly pausesMs: readonly number[];
}

/**
 * Does `operation`, once or, as long as Windows says that a file is in use, again after a pause.
 *
 * @param path The file as a person knows it.
 */
export async function whileInUse<T>(
  path: string,
  operation: () => Promise<T>,
  { platform, pausesMs }: Patience = { platform: process.platform, pausesMs: PAUSES_MS },
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await operation();
    } catch (error) {
      if (platform !== 'win32' || !hasCode(error, ...IN_USE)) throw error;
      const pause = pausesMs[attempt];
      if (pause === undefined) throw inUse(path, error);
      await sleep(pause);
    }
  }
}

function inUse(path: string, error: Error & { readonly code: string }): Failure {
  return new Failure(
    'disk',
    l10n.t(
      '“{0}” could not be replaced ({1}): another program has it open, or it is write-protected. Close what has it open, and try again.',
      path,
      error.code,
    ),
    { cause: error },
  );
}
