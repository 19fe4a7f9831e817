import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { noGitConfiguration } from '../../setup/noGitConfiguration.ts';
import { projectFolder } from '../../setup/project.ts';

const provided = process.env.MODEL_REGISTRIES_TEST_CLI;
let building: Promise<string> | undefined;

/**
 * Absolute path of the command line, built as `npm run build` builds it: once for a run of `scripts/test.mjs`, which names it in
 * `MODEL_REGISTRIES_TEST_CLI`, and once for a process that mocha runs by hand. It is not to be changed.
 */
export function builtCli(): Promise<string> {
  return (building ??= provided ? Promise.resolve(provided) : build());
}

async function build(): Promise<string> {
  // Within the project, where the packages that are in no bundle are found.
  const folders = join(projectFolder, '.test-output');
  await mkdir(folders, { recursive: true });
  const folder = await mkdtemp(join(folders, 'cli-'));
  // For a user that a test runs it as.
  await chmod(folder, 0o755);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await execa(process.execPath, ['esbuild.mjs', '--cli', folder], { cwd: projectFolder });
  return join(folder, 'cli.js');
}

export interface Ended {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input; empty when absent. */
  readonly input?: string;
  /** Working directory. */
  readonly cwd?: string;
  /** Runs it as this user, who has no name and no home folder: only root can. */
  readonly uid?: number;
  /** Another copy of the program. */
  readonly program?: string;
}

export interface Running {
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
  /** What it has written to standard error so far. */
  told(): string;
  /** Closes the reading end of its standard output. */
  stopReading(): void;
}

/** The command line, run as by a person who has nothing set but what a test sets. */
export interface Cli {
  /** The person's home folder. */
  readonly home: string;
  run(args: readonly string[], options?: RunOptions): Promise<Ended>;
  start(args: readonly string[], options?: RunOptions): Running;
  remove(): Promise<void>;
}

export async function createCli(): Promise<Cli> {
  const built = await builtCli();
  const home = await mkdtemp(join(tmpdir(), 'cli-'));
  const start: Cli['start'] = (args, { env = {}, input = '', cwd, uid, program = built } = {}) => {
    const child = execa(process.execPath, [program, ...args], {
      extendEnv: false,
      env: {
        PATH: process.env.PATH,
        SystemRoot: process.env.SystemRoot,
        ...(uid === undefined ? { HOME: home, USERPROFILE: home } : {}),
        ...noGitConfiguration,
        ...env,
      },
      input,
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { uid }),
      reject: false,
    });
    let told = '';
    child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
    return {
      told: () => told,
      ended: child.then(({ exitCode, stdout, stderr }) => ({ code: exitCode, stdout, stderr })),
      kill: (signal) => void child.kill(signal),
      stopReading: () => void child.stdout.destroy(),
    };
  };
  return {
    home,
    start,
    run: (args, options) => start(args, options).ended,
    remove: () => rm(home, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** An event of `--json`, as a program would read it that knows nothing of this one. */
export type ReadEvent = Readonly<Record<string, unknown>>;

export function eventsOf(stdout: string): readonly ReadEvent[] {
  return stdout.split('\n').map((line) => {
    const event: unknown = JSON.parse(line);
    assert(typeof event === 'object' && event !== null && 'kind' in event, line);
    return event;
  });
}

export function lastEventOf(stdout: string): ReadEvent {
  const last = eventsOf(stdout).at(-1);
  assert(last !== undefined);
  return last;
}

export function assertEnded({ code, stdout, stderr }: Ended, expected: number): void {
  assert.equal(code, expected, `${stdout}\n${stderr}`);
}
