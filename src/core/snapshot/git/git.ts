import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import { devNull } from 'node:os';
import { PassThrough, Readable, type Writable } from 'node:stream';
import type { Failure } from '../../failure.ts';
import type { Log } from '../../log.ts';
import { EndingChild } from '../../programs/endingChild.ts';
import type { Environment } from '../../programs/programPath.ts';
import { isSystemError } from '../files/systemErrors.ts';
import { folderGone } from '../files/existingFolder.ts';
import { explainGit, noAnswer, unstartable } from './explain.ts';
import { LISTED, LONGEST_STDERR, noAnswerOf, type Answers } from './exits.ts';
import { GitSilent, gitText } from './gitText.ts';
import { gitEnvironment } from './gitEnvironment.ts';
import { gitMissing } from './program.ts';

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
  /** A process whose streams the caller works. Throws where there may be none any more, or it could not be started. */
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
    text: (answers, ...args) => runner.text(folder, answers, args),
    reading: (variables) => {
      const own = { ...environment, ...variables };
      return {
        folder,
        // To start it throws where it was aborted.
        bytes: async (answers, ...args) => whole(runner.run(folder, own, answers, args)),
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
  text(folder: string, answers: Answers, args: readonly string[]): Promise<string> {
    return this.#tracked(this.#askedText(folder, answers, args));
  }

  async #askedText(folder: string, answers: Answers, args: readonly string[]): Promise<string> {
    const { program, signal, log, patience = PATIENCE } = this.#options;
    signal.throwIfAborted();
    // simple-git asks for the current folder, which may be gone.
    if (!hasCurrentFolder()) return (await this.ask(folder, answers, args)).toString('utf8');
    log.trace(`git ${args.join(' ')}`);
    const { environment } = this;
    try {
      return await gitText({ program, folder, environment, config: CONFIG, patience, signal }, answers, args);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof GitSilent) throw noAnswer(folder, error);
      throw isSystemError(error) ? startFailure(error, folder) : explainGit(error, folder);
    }
  }

  /** As `text`, for names that may be no text. */
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
    const ending = new EndingChild(child);
    const kill = () => ending.kill();
    signal.addEventListener('abort', kill, { once: true });
    // A process that could not be started for want of file handles has no streams.
    const stdin = child.stdin ?? new PassThrough().resume();
    const stdout = child.stdout ?? Readable.from([], { objectMode: false });
    const ended = this.#tracked(
      end(child, ending, { answers, command: args[0] ?? '', folder, signal }).finally(() => {
        signal.removeEventListener('abort', kill);
      }),
    );
    // Whoever only reads the stream learns of a failure from the stream.
    ended.catch(() => undefined);
    return { stdin, stdout, ended, kill };
  }

  #tracked<T>(promise: Promise<T>): Promise<T> {
    const settled: Promise<unknown> = promise.then(
      () => this.#running.delete(settled),
      () => this.#running.delete(settled),
    );
    this.#running.add(settled);
    return promise;
  }
}

/** Whether the folder that this process was started in is there: it may have been removed since. */
function hasCurrentFolder(): boolean {
  try {
    process.cwd();
    return true;
  } catch {
    return false;
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

interface Asked {
  readonly answers: Answers;
  readonly command: string;
  readonly folder: string;
  readonly signal: AbortSignal;
}

async function end(
  child: ChildProcess,
  ending: EndingChild,
  { answers, command, folder, signal }: Asked,
): Promise<void> {
  let stderr = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    stderr = (stderr + text).slice(0, LONGEST_STDERR);
  });
  let exitCode: number | null;
  try {
    exitCode = await ending.ended;
  } catch (error) {
    signal.throwIfAborted();
    throw isSystemError(error) ? startFailure(error, folder) : explainGit(error, folder);
  }
  signal.throwIfAborted();
  const stdout = child.stdout instanceof Socket ? child.stdout.bytesRead : 0;
  const wrong = noAnswerOf(answers, command, { exitCode, stdout, stderr });
  if (wrong !== undefined) throw explainGit(wrong, folder);
}

function startFailure(error: NodeJS.ErrnoException, folder: string): Failure {
  // The system has the same words for both.
  if (error.code === 'ENOENT') return existsSync(folder) ? gitMissing(error) : folderGone(folder, error);
  return unstartable(folder, error);
}
