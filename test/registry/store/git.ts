import { execa, type ResultPromise } from 'execa';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

/** Git takes this path for the null device on Windows, too, where it ends at the one that Node.js names. */
const NOTHING = '/dev/null';

/** Nothing of the machine's or the person's Git configuration, and no prompt. */
const environment: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  SystemRoot: process.env.SystemRoot,
  TEMP: os.tmpdir(),
  TMPDIR: os.tmpdir(),
  HOME: NOTHING,
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: NOTHING,
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
};

const settings = ['-c', `core.hooksPath=${os.devNull}`, '-c', 'gc.auto=0', '-c', 'core.quotePath=false'];

/** A running Git whose output is read as bytes. */
export type GitProcess = ResultPromise<{ encoding: 'buffer'; maxBuffer: number }>;

/**
 * Starts Git in a bare repository. The promise rejects with Git's words when Git fails.
 *
 * @param input what Git reads from its standard input; nothing when left out.
 */
export function git(
  gitDirectory: string,
  args: readonly string[],
  input?: string | Buffer,
  extraEnvironment: NodeJS.ProcessEnv = {},
): GitProcess {
  return execa('git', [...settings, `--git-dir=${gitDirectory}`, ...args], {
    env: { ...environment, ...extraEnvironment },
    extendEnv: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: 2 ** 30,
    input: input ?? '',
  });
}

/** As `git`, with its standard input left open and its output not kept. */
export function streamedGit(gitDirectory: string, args: readonly string[]) {
  return execa('git', [...settings, `--git-dir=${gitDirectory}`, ...args], {
    env: environment,
    extendEnv: false,
    stdin: 'pipe',
    stdout: 'pipe',
    encoding: 'buffer',
    buffer: { stdout: false, stderr: true },
    maxBuffer: 2 ** 20,
  });
}

/** What a Git command prints, as text. */
export async function gitText(
  gitDirectory: string,
  args: readonly string[],
  input?: string | Buffer,
): Promise<string> {
  const { stdout } = await git(gitDirectory, args, input);
  return Buffer.from(stdout).toString('utf8');
}

/** Makes an empty bare repository whose HEAD is `main`: all that Git needs to take a folder for one, without a process. */
export async function initBare(gitDirectory: string): Promise<void> {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags'])
    await fs.promises.mkdir(path.join(gitDirectory, ...folder.split('/')), { recursive: true });
  await fs.promises.writeFile(path.join(gitDirectory, 'HEAD'), 'ref: refs/heads/main\n');
  await fs.promises.writeFile(
    path.join(gitDirectory, 'config'),
    '[core]\n\trepositoryformatversion = 0\n\tfilemode = false\n\tbare = true\n',
  );
}
