import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { devNull } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { GitPluginError, simpleGit } from 'simple-git';
import { Failure } from '../../failure.ts';
import type { Log } from '../../log.ts';
import { explainGit, GitExit, noAnswer } from './explain.ts';
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

/**
 * What is asked of Git in the repository itself, which may be anybody's, because includes, refs and work trees are Git's to read. All that
 * these could run, and why they do not:
 *
 * - all of them: nothing of an index or a work tree is read, so no filter, fsmonitor and `post-index-change` hook is due; no ref is written,
 *   so no `reference-transaction` hook; no built-in command can be an alias; a pager waits for a terminal; `trace2.*` counts in the
 *   person's own configuration only.
 * - `for-each-ref --contains` reads commits, and a partial clone would fetch those that it lacks: the environment forbids every transport.
 */
export type Question = 'rev-parse' | 'config' | 'symbolic-ref' | 'for-each-ref';

/** Git in a repository that may be anybody's: it answers questions, and reads neither work tree nor index. */
export interface GitQuestions {
  readonly folder: string;
  /** What Git sees of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** The answer as text. An exit code without words is an answer, too: the empty string. */
  text(question: Question, ...args: string[]): Promise<string>;
  /** The answer as it is, for names that may be no text. An exit code without words is an answer, too: no bytes. */
  bytes(question: Question, ...args: string[]): Promise<Buffer>;
  /** The same Git in another folder. */
  within(folder: string): GitQuestions;
  /** Git in the same folder, in the repository of ours that `variables` name: see `ownRepository`, which alone knows these. */
  reading(variables: Readonly<Record<string, string>>): Git;
  /** Resolves when no process started here is left. */
  idle(): Promise<void>;
}

/** Git that reads a work tree and objects through a repository of ours, in whose configuration nothing is named that could run. */
export interface Git {
  readonly folder: string;
  /** Standard output as it is, for paths and content that may be no text. */
  bytes(...args: string[]): Promise<Buffer>;
  /** A process whose streams the caller works. */
  start(...args: string[]): GitProcess;
}

export interface GitOptions {
  /** Absolute path of the program. */
  readonly program: string;
  readonly environment: Environment;
  /** Kills every process. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** How long Git may think about a question, in milliseconds; {@link PATIENCE} where it is left out. */
  readonly patience?: number | undefined;
}

/**
 * Configuration of every command. Command-line configuration wins over the repository's. Hooks are looked for in the null device,
 * where there are none. Large blobs are streamed and not held by Git. A bare repository is one that was named, never one that was met
 * on the way up: anybody can commit a folder that looks like one (https://git-scm.com/docs/git-config, safe.bareRepository, Git 2.38).
 */
const CONFIG = [
  'core.fsmonitor=false',
  `core.hooksPath=${devNull}`,
  'core.bigFileThreshold=1m',
  'safe.bareRepository=explicit',
];

/**
 * A question is answered from a few small files. Where one of them is no file at all, such as a pipe that the configuration includes, Git
 * waits without end. Milliseconds; much longer than the slowest network drive takes.
 */
const PATIENCE = 60_000;

/** Longest standard error that is kept, in characters. */
const LONGEST_STDERR = 16 * 1024;

/** Git in the repository that `folder` (absolute path) is in. */
export function gitIn(folder: string, options: GitOptions): GitQuestions {
  const running = new Set<Promise<unknown>>();
  const patience = options.patience ?? PATIENCE;
  const environment = gitEnvironment(options.environment);

  function tracked<T>(promise: Promise<T>): Promise<T> {
    const settled: Promise<unknown> = promise.then(
      () => running.delete(settled),
      () => running.delete(settled),
    );
    running.add(settled);
    return promise;
  }

  function within(folder: string): GitQuestions {
    return {
      folder,
      environment,
      within,
      text: (...args) => tracked(text(folder, args)),
      bytes: (...args) => answer(folder, args),
      reading: (variables) => {
        const own = { ...environment, ...variables };
        return {
          folder,
          bytes: (...args) => whole(start(folder, own, args)),
          start: (...args) => start(folder, own, args),
        };
      },
      idle: async () => {
        await Promise.all(running);
      },
    };
  }

  async function text(folder: string, args: readonly string[]): Promise<string> {
    options.log.trace(`git ${args.join(' ')}`);
    options.signal.throwIfAborted();
    try {
      return await simpleGit({
        baseDir: folder,
        binary: options.program,
        abort: options.signal,
        config: CONFIG,
        trimmed: false,
        timeout: { block: patience },
        allowEnvironment: [...GIT_VARIABLES],
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
      if (error instanceof GitPluginError && error.plugin === 'timeout') throw noAnswer(folder, error);
      throw explainGit(error instanceof Error ? error.message : String(error), folder, error);
    }
  }

  async function answer(folder: string, args: readonly string[]): Promise<Buffer> {
    const git = start(folder, environment, args);
    const late = AbortSignal.timeout(patience);
    late.addEventListener('abort', () => git.kill(), { once: true });
    try {
      return await whole(git);
    } catch (error) {
      if (late.aborted) throw noAnswer(folder, error);
      if (error instanceof Failure && error.cause instanceof GitExit && error.cause.stderr === '') {
        return Buffer.alloc(0);
      }
      throw error;
    }
  }

  async function whole(git: GitProcess): Promise<Buffer> {
    git.stdin.end();
    const chunks: Buffer[] = [];
    git.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await git.ended;
    return Buffer.concat(chunks);
  }

  function start(
    folder: string,
    environment: Readonly<Record<string, string>>,
    args: readonly string[],
  ): GitProcess {
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

  return within(folder);
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
