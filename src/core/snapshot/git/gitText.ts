import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GitPluginError, simpleGit } from 'simple-git';
import { LONGEST_STDERR, noAnswerOf, type Answers } from './exits.ts';

/**
 * An answer is whole when its stream is closed, and not some moment after the process has ended. But on Windows, Git may be started by a
 * wrapper, and is left behind, with the streams open, when that is killed.
 */
const COMPLETION = { onClose: true, onExit: process.platform === 'win32' ? 50 : false };

/** How Git is started. */
interface GitStart {
  /** Absolute path. */
  readonly program: string;
  readonly folder: string;
  /** The whole of it. */
  readonly environment: Readonly<Record<string, string>>;
  /** `name=value`, for this command only. */
  readonly config: readonly string[];
  /** Milliseconds without output before it is killed. */
  readonly patience: number;
  readonly signal: AbortSignal;
}

/** Git had nothing to say for as long as it is waited for. */
export class GitSilent extends Error {
  override readonly name = 'GitSilent';
}

/**
 * The answer of a short command as text, by simple-git. Rejects with a {@link GitExit} where Git ends in another way than `answers` says,
 * with {@link GitSilent}, with the error of the system where it could not be started, and with anything where it was aborted.
 */
export async function gitText(
  { program, folder, environment, config, patience, signal }: GitStart,
  answers: Answers,
  args: readonly string[],
): Promise<string> {
  try {
    return await hearingStart(() =>
      simpleGit({
        baseDir: folder,
        binary: program,
        abort: signal,
        config: [...config],
        trimmed: false,
        timeout: { block: patience },
        completion: COMPLETION,
        // No other ones are in it.
        allowEnvironment: Object.keys(environment),
        unsafe: {
          // The program's path was found by us, and may hold spaces.
          allowUnsafeCustomBinary: true,
          // Ours, to switch them off.
          allowUnsafeFsMonitor: true,
          allowUnsafeHooksPath: true,
          // This machine's own set-up, kept by gitEnvironment.
          allowUnsafeConfigPaths: true,
          allowUnsafeConfigEnvCount: true,
          allowUnsafeExec: true,
        },
        // Of what simple-git takes for an error by itself, only that it ended the process is taken over.
        errors: (error, { exitCode, stdOut, stdErr }) =>
          error instanceof GitPluginError
            ? error
            : noAnswerOf(answers, args[0] ?? '', {
                exitCode,
                stdout: bytesOf(stdOut),
                stderr: Buffer.concat(stdErr).toString('utf8').slice(0, LONGEST_STDERR),
              }),
      })
        .env(environment)
        .raw(...args),
    );
  } catch (error) {
    if (error instanceof GitPluginError && error.plugin === 'timeout')
      throw new GitSilent(undefined, { cause: error });
    throw error;
  }
}

/**
 * Runs simple-git, and rejects with the error of the system where it could not start its process. simple-git takes the streams of a process
 * for granted, but without file handles left there are none, and then nobody listens to the process's error, which would end this program.
 */
async function hearingStart<T>(run: () => Promise<T>): Promise<T> {
  const within = new AsyncLocalStorage<true>();
  let refusal: unknown;
  // https://nodejs.org/api/diagnostics_channel.html#child-process
  const listen = (message: unknown) => {
    if (within.getStore() === undefined) return;
    (message as { readonly process: EventEmitter }).process.on(
      'error',
      (error: Error) => (refusal ??= error),
    );
  };
  subscribe('child_process', listen);
  try {
    return await within.run(true, run);
  } catch (error) {
    // The process tells a moment later than simple-git fails.
    await nextTurn();
    throw refusal ?? error;
  } finally {
    unsubscribe('child_process', listen);
    // One that is left enabled costs every promise of this program from then on.
    within.disable();
  }
}

function bytesOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}
