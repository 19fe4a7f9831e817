import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import { devNull } from 'node:os';
import { PassThrough, Readable, type Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Failure } from '../../failure.ts';
import type { Log } from '../../log.ts';
import type { Environment } from '../../programs/programPath.ts';
import { folderGone } from '../files/existingFolder.ts';
import { isSystemError } from '../files/systemErrors.ts';
import { explainGit, noAnswer, unstartable } from './explain.ts';
import { LISTED, noAnswerOf, type Answers } from './exits.ts';
import { gitEnvironment, gitMissing } from './program.ts';

/** Git's standard input and output; `stderr` and the exit code come from {@link GitProcess.ended}. */
export interface GitProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /**
   * Resolves when the process is gone, with exit code 0; rejects with a {@link Failure} for any other code, a signal
   * and a program that could not be started, and with the reason when it was aborted.
   */
  readonly ended: Promise<void>;
  kill(): void;
}

/**
 * What is asked of Git in the repository itself, which may be anybody's, because includes, refs and work trees are
 * Git's to read. All that these could run, and why they do not:
 *
 * - all of them: nothing of an index or a work tree is read, so no filter, fsmonitor and `post-index-change` hook is
 *   due; no ref is written, so no `reference-transaction` hook; no built-in command can be an alias; a pager waits for
 *   a terminal; `trace2.*` counts in the person's own configuration only.
 * - `for-each-ref --contains` reads commits, and a partial clone would fetch those that it lacks: the environment
 *   forbids every transport.
 */
type Question = 'rev-parse' | 'config' | 'symbolic-ref' | 'for-each-ref';

/** Git in a repository that may be anybody's: it answers questions, and reads neither work tree nor index. */
export interface GitQuestions {
  readonly folder: string;
  /** What Git sees of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** The answer as text. Rejects with a {@link Failure} where Git ends in another way than `answers` says. */
  text(answers: Answers, question: Question, ...args: string[]): Promise<string>;
  /** The answer as it is, for names that may be no text; rejects as `text` does. */
  bytes(answers: Answers, question: Question, ...args: string[]): Promise<Buffer>;
  /** The same Git in another folder. */
  within(folder: string): GitQuestions;
  /** Git in the same folder, in the repository of ours that `variables` name: `ownRepository` alone knows these. */
  reading(variables: Readonly<Record<string, string>>): Git;
  /** Resolves when no process started here is left. */
  idle(): Promise<void>;
}

/** Git that reads a work tree and objects through a repository of ours, whose configuration names nothing to run. */
export interface Git {
  readonly folder: string;
  /**
   * Standard output as it is, for paths and content that may be no text. Rejects with a {@link Failure} where Git ends
   * in another way than `answers` says.
   */
  bytes(answers: Answers, ...args: string[]): Promise<Buffer>;
  /** A process whose streams the caller works. */
  start(...args: string[]): GitProcess;
}

interface GitOptions {
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
 * Configuration of every command. Command-line configuration wins over the repository's. Hooks are looked for in the
 * null device, where there are none. Large blobs are streamed and not held by Git. A bare repository is one that was
 * named, never one that was met on the way up: anybody can commit a folder that looks like one
 * (https://git-scm.com/docs/git-config, safe.bareRepository, Git 2.38).
 */
const CONFIG = [
  'core.fsmonitor=false',
  `core.hooksPath=${devNull}`,
  'core.bigFileThreshold=1m',
  'safe.bareRepository=explicit',
];

/**
 * A question is answered from a few small files. Where one of them is no file at all, such as a pipe that the
 * configuration includes, Git waits without end. Milliseconds; much longer than the slowest network drive takes.
 */
const PATIENCE = 60_000;

/** How long a killed Git is waited for on Windows, where a wrapper leaves it behind with open streams. Milliseconds. */
const LEFT_BEHIND = 50;

/** Longest standard error that is kept, in characters. */
const LONGEST_STDERR = 16 * 1024;

type Variables = Readonly<Record<string, string>>;

/** Git in the repository that `folder` (absolute path) is in. */
export function gitIn(folder: string, options: GitOptions): GitQuestions {
  return questions(folder, new GitRunner(options));
}

function questions(folder: string, runner: GitRunner): GitQuestions {
  const { environment } = runner;
  return {
    folder,
    environment,
    within: (other) => questions(other, runner),
    bytes: (answers, ...args) => runner.ask(folder, answers, args),
    text: async (answers, ...args) => (await runner.ask(folder, answers, args)).toString('utf8'),
    reading: (variables) => {
      const own = { ...environment, ...variables };
      return {
        folder,
        bytes: (answers, ...args) => whole(runner.run(folder, own, answers, args)),
        start: (...args) => runner.run(folder, own, LISTED, args),
      };
    },
    idle: () => runner.idle(),
  };
}

/** The one way to start Git. */
class GitRunner {
  /** What Git sees of the environment. */
  readonly environment: Variables;
  readonly #options: GitOptions;
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: GitOptions) {
    this.#options = options;
    this.environment = gitEnvironment(options.environment);
  }

  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** The answer to a question, for which Git has a while. */
  async ask(folder: string, answers: Answers, args: readonly string[]): Promise<Buffer> {
    const git = this.run(folder, this.environment, answers, args);
    const late = AbortSignal.timeout(this.#options.patience ?? PATIENCE);
    late.addEventListener('abort', () => git.kill(), { once: true });
    try {
      return await whole(git);
    } catch (error) {
      throw late.aborted ? noAnswer(folder, error) : error;
    }
  }

  run(folder: string, environment: Variables, answers: Answers, args: readonly string[]): GitProcess {
    const { program, signal, log } = this.#options;
    log.trace(`git ${args.join(' ')}`);
    signal.throwIfAborted();
    const settings = CONFIG.flatMap((setting) => ['-c', setting]);
    const child = started(program, [...settings, ...args], folder, environment);
    const kill = (): void => {
      child.kill();
    };
    signal.addEventListener('abort', kill, { once: true });
    // A process that could not be started for want of file handles has no streams.
    const stdin = child.stdin ?? new PassThrough().resume();
    const stdout = child.stdout ?? Readable.from([], { objectMode: false });
    // Git may end before it has read everything; why it did is in its exit code.
    stdin.on('error', () => undefined);
    const ended = end(child, answers, args[0] ?? '', folder, signal).finally(() => {
      signal.removeEventListener('abort', kill);
      this.#running.delete(settled);
    });
    // Whoever only reads the stream learns of a failure from the stream.
    const settled = ended.catch(() => undefined);
    this.#running.add(settled);
    return { stdin, stdout, ended, kill };
  }
}

async function whole(git: GitProcess): Promise<Buffer> {
  git.stdin.end();
  const chunks: Buffer[] = [];
  git.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await git.ended;
  return Buffer.concat(chunks);
}

function started(
  program: string,
  args: readonly string[],
  folder: string,
  environment: Variables,
): ChildProcess {
  try {
    return spawn(program, args, { cwd: folder, env: environment, stdio: 'pipe', windowsHide: true });
  } catch (error) {
    throw isSystemError(error) ? startFailure(error, folder) : error;
  }
}

async function end(
  child: ChildProcess,
  answers: Answers,
  command: string,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  let stderr = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    stderr = (stderr + text).slice(0, LONGEST_STDERR);
  });
  let exitCode: number | null;
  try {
    exitCode = await exitOf(child);
  } catch (error) {
    signal.throwIfAborted();
    throw isSystemError(error) ? startFailure(error, folder) : explainGit(error, folder);
  }
  signal.throwIfAborted();
  const stdout = child.stdout instanceof Socket ? child.stdout.bytesRead : 0;
  const wrong = noAnswerOf(answers, command, { exitCode, stdout, stderr });
  if (wrong !== undefined) throw explainGit(wrong, folder);
}

/** An answer is whole when its streams are closed, and not some moment after the process has ended. */
async function exitOf(child: ChildProcess): Promise<number | null> {
  // The streams of a process that could not be started are never closed, so its error has to be awaited, too.
  const closed = once(child, 'close').then(([code]) => code as number | null);
  if (process.platform !== 'win32') return closed;
  const killed = once(child, 'exit').then(async ([code]) => {
    if (!child.killed) return closed;
    await delay(LEFT_BEHIND);
    return code as number | null;
  });
  return Promise.race([closed, killed]);
}

function startFailure(error: NodeJS.ErrnoException, folder: string): Failure {
  // The system has the same words for both.
  if (error.code === 'ENOENT') return existsSync(folder) ? gitMissing(error) : folderGone(folder, error);
  return unstartable(folder, error);
}
