import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { devNull } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { simpleGit } from 'simple-git';
import type { Failure } from '../../failure.ts';
import type { Log } from '../../log.ts';
import { explainGit, GitExit } from './explain.ts';
import type { Environment } from '../../programPath.ts';
import { GIT_VARIABLES, gitEnvironment, gitMissing } from './program.ts';

/** Git's standard input and output; `stderr` and the exit code come from {@link GitProcess.ended}. */
export interface GitProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves when the process is gone; rejects with a {@link Failure} when it failed, and with the reason when it was aborted. */
  readonly ended: Promise<void>;
  kill(): void;
}

/** Git in one folder, unable to run anything that the repository's configuration names. */
export interface Git {
  readonly folder: string;
  /** Standard output of a short command whose answer is text. An exit code without words is an answer, too: the empty string. */
  text(...args: string[]): Promise<string>;
  /** Standard output as it is, for paths and content that may be no text. */
  bytes(...args: string[]): Promise<Buffer>;
  /** A process whose streams the caller works. */
  start(...args: string[]): GitProcess;
  /** The same Git in another folder. */
  within(folder: string): Git;
  /** The same Git with the index in another file, instead of the repository's. */
  withIndex(file: string): Git;
  /** Resolves when no process started here is left. */
  idle(): Promise<void>;
}

export interface GitOptions {
  /** Absolute path of the program. */
  readonly program: string;
  readonly environment: Environment;
  /** Kills every process. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

/**
 * Configuration of every command. Command-line configuration wins over the repository's. Hooks are looked for in the null device,
 * where there are none. Large blobs are streamed and not held by Git.
 */
const CONFIG = ['core.fsmonitor=false', `core.hooksPath=${devNull}`, 'core.bigFileThreshold=1m'];

/** Names the file of the index (https://git-scm.com/docs/git#Documentation/git.txt-codeGITINDEXFILEcode). */
const INDEX_FILE = 'GIT_INDEX_FILE';

/** Longest standard error that is kept, in characters. */
const LONGEST_STDERR = 16 * 1024;

export function gitIn(folder: string, options: GitOptions): Git {
  const running = new Set<Promise<unknown>>();

  function tracked<T>(promise: Promise<T>): Promise<T> {
    const settled: Promise<unknown> = promise.then(
      () => running.delete(settled),
      () => running.delete(settled),
    );
    running.add(settled);
    return promise;
  }

  function within(folder: string, environment: Record<string, string>): Git {
    return {
      folder,
      within: (other) => within(other, environment),
      withIndex: (file) => within(folder, { ...environment, [INDEX_FILE]: file }),
      text: (...args) => tracked(text(folder, environment, args)),
      bytes: (...args) => bytes(folder, environment, args),
      start: (...args) => start(folder, environment, args),
      idle: async () => {
        await Promise.all(running);
      },
    };
  }

  async function text(
    folder: string,
    environment: Record<string, string>,
    args: readonly string[],
  ): Promise<string> {
    options.log.trace(`git ${args.join(' ')}`);
    options.signal.throwIfAborted();
    try {
      return await simpleGit({
        baseDir: folder,
        binary: options.program,
        abort: options.signal,
        config: CONFIG,
        trimmed: false,
        allowEnvironment: [...GIT_VARIABLES, INDEX_FILE],
        unsafe: {
          // The program's path was found by us, and may hold spaces.
          allowUnsafeCustomBinary: true,
          // Ours, to switch them off.
          allowUnsafeFsMonitor: true,
          allowUnsafeHooksPath: true,
          // This machine's own set-up, kept by gitEnvironment.
          allowUnsafeConfigPaths: true,
          allowUnsafeExec: true,
        },
      })
        .env(environment)
        .raw(...args);
    } catch (error) {
      options.signal.throwIfAborted();
      throw explainGit(error instanceof Error ? error.message : String(error), folder, error);
    }
  }

  async function bytes(
    folder: string,
    environment: Record<string, string>,
    args: readonly string[],
  ): Promise<Buffer> {
    const git = start(folder, environment, args);
    git.stdin.end();
    const chunks: Buffer[] = [];
    git.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await git.ended;
    return Buffer.concat(chunks);
  }

  function start(folder: string, environment: Record<string, string>, args: readonly string[]): GitProcess {
    options.log.trace(`git ${args.join(' ')}`);
    options.signal.throwIfAborted();
    const child = spawn(options.program, [...CONFIG.flatMap((setting) => ['-c', setting]), ...args], {
      cwd: folder,
      env: environment,
      stdio: 'pipe',
      windowsHide: true,
    });
    const kill = () => {
      child.kill();
    };
    options.signal.addEventListener('abort', kill, { once: true });
    // Git may end before it has read everything; why it did is in its exit code.
    child.stdin.on('error', () => undefined);
    const ended = tracked(
      end(child, args[0] ?? '', folder, options.signal).finally(() => {
        options.signal.removeEventListener('abort', kill);
      }),
    );
    // Whoever only reads the stream learns of a failure from the stream.
    ended.catch(() => undefined);
    return { stdin: child.stdin, stdout: child.stdout, ended, kill };
  }

  return within(folder, gitEnvironment(options.environment));
}

async function end(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  command: string,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  let stderr = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    stderr = (stderr + text).slice(0, LONGEST_STDERR);
  });
  let exitCode: number | null;
  try {
    // The streams of a process that could not be started are never closed, so its error has to be awaited, too.
    [exitCode] = (await once(child, 'close')) as [number | null];
  } catch (error) {
    signal.throwIfAborted();
    throw startFailure(error);
  }
  signal.throwIfAborted();
  if (exitCode !== 0) {
    throw explainGit(stderr, folder, new GitExit(command, exitCode, stderr));
  }
}

function startFailure(error: unknown): Failure {
  const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return missing ? gitMissing(error) : explainGit(String(error), '', error);
}
