import { win32 } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { programEnvironment } from '../../programs/programEnvironment.ts';
import { firstProgram, programCandidates, variable, type Environment } from '../../programs/programPath.ts';
import { runProgram } from '../../programs/runProgram.ts';

/** Where Git may be, in order: in the folders of PATH, and on Windows where its installer puts it. */
export function gitCandidates(environment: Environment, platform: NodeJS.Platform): string[] {
  const candidates = programCandidates('git', environment, platform);
  if (platform !== 'win32') return candidates;
  const installed = INSTALLED.map(([name, ...folders]) => {
    const root = variable(environment, platform, name);
    return root !== undefined && win32.isAbsolute(root)
      ? win32.join(root, ...folders, 'Git', 'cmd', 'git.exe')
      : undefined;
  });
  return [...candidates, ...new Set(installed.filter((candidate) => candidate !== undefined))];
}

/** Variables, and folders from there, below which Git for Windows is installed: for everybody, and for one person. */
const INSTALLED: readonly (readonly [variable: string, ...folders: string[]])[] = [
  ['PROGRAMW6432'],
  ['PROGRAMFILES'],
  ['PROGRAMFILES(X86)'],
  ['LOCALAPPDATA', 'Programs'],
];

/** Folders of Git for Windows with its programs, for each kind of processor. */
const OF_PROCESSORS: readonly string[] = ['mingw64', 'clangarm64', 'mingw32'];

/**
 * Where the program may be that `program` does no more than start and wait for: in Git for Windows, `cmd\git.exe` and
 * `bin\git.exe` are such wrappers, and to kill one leaves Git running. None elsewhere.
 */
export function wrappedGits(program: string, platform: NodeJS.Platform): string[] {
  if (platform !== 'win32') return [];
  const [folder, name] = [win32.dirname(program), win32.basename(program)];
  if (!/^(?:cmd|bin)$/i.test(win32.basename(folder)) || !/^git(?:\.exe)?$/i.test(name)) return [];
  return OF_PROCESSORS.map((processor) => win32.join(folder, '..', processor, 'bin', 'git.exe'));
}

/**
 * Absolute path of the Git program to run.
 *
 * @param named As a person's settings have it; found where it is left out.
 * @throws Failure `git` where there is none.
 */
export async function gitProgram(
  named?: string,
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): Promise<string> {
  const program = named ?? (await findGit(environment, platform));
  return (await firstProgram(wrappedGits(program, platform))) ?? program;
}

/** Without Apple's developer tools this program only asks, in a window, whether to install them. */
const STAND_IN = '/usr/bin/git';

/**
 * Absolute path of the Git program on PATH, or where its installer puts it. Throws a `git` failure where there is none.
 *
 * @param hasTools Whether Apple's developer tools are there; asked on macOS only, about a Git that is a part of them.
 */
export async function findGit(
  environment: Environment,
  platform: NodeJS.Platform,
  hasTools: (environment: Environment) => Promise<boolean> = hasDeveloperTools,
): Promise<string> {
  const candidates = gitCandidates(environment, platform);
  const isStandIn = (program: string) => platform === 'darwin' && program === STAND_IN;
  const program = await firstProgram(candidates);
  if (program === undefined) throw gitMissing();
  if (!isStandIn(program) || (await hasTools(environment))) return program;
  const other = await firstProgram(candidates.filter((candidate) => !isStandIn(candidate)));
  if (other === undefined) throw gitNotInstalledYet();
  return other;
}

/** It says at once where the tools are. Milliseconds, bytes. */
const TOOLS_PATIENCE = 10_000;
const MOST_TOOLS_OUTPUT = 4096;
/** Exit code of `xcode-select --print-path` where there are none. */
const NO_TOOLS = 2;

/** Whether Apple's developer tools are installed; true where nobody can tell. */
export async function hasDeveloperTools(
  environment: Environment,
  program = '/usr/bin/xcode-select',
): Promise<boolean> {
  const { error } = await runProgram({
    program,
    args: ['--print-path'],
    folder: '/',
    environment: programEnvironment(environment, 'darwin'),
    timeoutMs: TOOLS_PATIENCE,
    mostOutput: MOST_TOOLS_OUTPUT,
    signal: new AbortController().signal,
  });
  return error?.code !== NO_TOOLS;
}

/** There is no Git on this machine. */
export class GitMissing extends Error {
  override readonly name = 'GitMissing';
}

export function gitMissing(cause?: unknown): Failure {
  return new Failure(
    'git',
    l10n.t(
      'Git was not found on this machine. Install it from https://git-scm.com/downloads, make sure that “git” is on the PATH, and restart the editor.',
    ),
    { cause: new GitMissing('no Git', { cause }) },
  );
}

/** On a Mac as it comes there is but the offer to install it. */
function gitNotInstalledYet(): Failure {
  return new Failure(
    'git',
    l10n.t(
      'Git is not installed on this Mac. Install Apple’s Command Line Tools with “xcode-select --install”, or Git from https://git-scm.com/downloads, and restart the editor.',
    ),
    { cause: new GitMissing('no developer tools') },
  );
}
