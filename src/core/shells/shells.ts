import * as l10n from '@vscode/l10n';
import { type Written, commandText } from './commandText.ts';
import {
  assignCmd,
  needsLegacyPassing,
  quoteCmd,
  quotePosix,
  quotePowerShell,
  quotePowerShellArgument,
} from './quoting.ts';

export const SHELL_IDS = ['posix', 'fish', 'powershell', 'cmd'] as const;
export type ShellId = (typeof SHELL_IDS)[number];

/** A program to run with variables of its environment. The words are meant literally. */
export interface CommandLine {
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly words: readonly [program: string, ...arguments_: string[]];
  /**
   * A line for its standard input, which ends with the value of a variable: no other program sees it there. Only POSIX
   * shells and fish write it.
   */
  readonly input?: { readonly before: string; readonly variable: string };
}

interface Shell {
  readonly id: ShellId;
  readonly label: string;
  /**
   * Text to paste at the shell's prompt. The variables hold for this command only, so that a token and an endpoint do
   * not reach the next one, and what the person had in them is there afterwards. An empty value is as good as none.
   * Unwritable where a value cannot stand in a command of that shell.
   */
  write(command: CommandLine): Written;
}

/** Every shell that commands are written for. */
export function shell(id: ShellId): Shell {
  switch (id) {
    case 'posix':
      return { id, label: 'bash, zsh, sh', write: written(writeAssignments) };
    case 'fish':
      return { id, label: 'fish', write: written(writeAssignments) };
    case 'powershell':
      return { id, label: 'PowerShell', write: writtenOnWindows(writePowerShell) };
    case 'cmd':
      return { id, label: l10n.t('Command Prompt (cmd)'), write: writtenOnWindows(writeCmd) };
  }
}

type Writer = (command: CommandLine) => readonly string[];

function written(writer: Writer): Shell['write'] {
  return (command) => {
    const values = command.environment.map(([, value]) => value);
    return commandText(writer(command), [...values, ...command.words, command.input?.before ?? '']);
  };
}

/**
 * On Windows a program may be a batch file, as npm and pyenv install them, unless its name says otherwise: then cmd
 * reads the arguments once more, whoever started it, and obeys what `"` and `%` let out of the quotes. Nothing can be
 * written that survives both readings.
 */
function writtenOnWindows(writer: Writer): Shell['write'] {
  const write = written(writer);
  return (command) => {
    const [program, ...values] = command.words;
    const value = program.endsWith('.exe') ? undefined : values.find((one) => /["%]/.test(one));
    const first = write(command);
    if (first.kind === 'unwritable' || value === undefined) return first;
    return { kind: 'unwritable', value, reason: 'readTwice' };
  };
}

/**
 * The shell that a program or its path names, as in `vscode.env.shell`; the platform's usual one where that tells
 * nothing.
 * @param platform As in `process.platform`.
 */
export function shellOf(program: string, platform: string): ShellId {
  return knownShell(program) ?? (platform === 'win32' ? 'powershell' : 'posix');
}

/** The shell that a program, its path, or VS Code's name of it (`TerminalState.shell`) is; undefined for others. */
export function knownShell(program: string): ShellId | undefined {
  const name = program
    .replace(/^.*[\\/]/, '')
    .replace(/\.exe$/i, '')
    .toLowerCase();
  if (name === 'fish') return 'fish';
  if (/^(?:pwsh|powershell)(?:-preview)?$/.test(name)) return 'powershell';
  if (name === 'cmd') return 'cmd';
  return /^(?:(?:ba|z|da|k|mk|a)?sh|gitbash)$/.test(name) ? 'posix' : undefined;
}

/** `NAME=value … program …`, one part a line: POSIX shells, and fish since 3.1. */
function writeAssignments({ environment, words, input }: CommandLine): readonly string[] {
  const last = words.map(quotePosix).join(' ');
  if (input) return [`${writeLine(environment, input)} |`, last];
  return [...environment.map(([name, value]) => `${name}=${quotePosix(value)} \\`), last];
}

/** `printf` is part of these shells, so that no list of processes shows the value. */
function writeLine(
  environment: CommandLine['environment'],
  { before, variable }: NonNullable<CommandLine['input']>,
): string {
  const assigned = environment.find(([name]) => name === variable);
  return `printf '%s%s\\n' ${quotePosix(before)} ${assigned ? quotePosix(assigned[1]) : `"$${variable}"`}`;
}

/**
 * PowerShell keeps variables of the environment for the whole session; so those that the person had are put back,
 * whatever happens. Where there was none, the null that stood for it takes the variable away.
 */
function writePowerShell(command: CommandLine): readonly string[] {
  const names = command.environment.map(([name]) => name);
  const passing = command.words.some(needsLegacyPassing)
    ? ["$PSNativeCommandArgumentPassing = 'Legacy'"]
    : [];
  const words = command.words.map(quotePowerShellArgument).join(' ');
  if (names.length === 0) {
    return passing.length === 0 ? [words] : ['& {', ...[...passing, words].map((line) => `  ${line}`), '}'];
  }
  return [
    '& {',
    ...passing.map((line) => `  ${line}`),
    `  ${names.map((name) => `$${name} = $env:${name}`).join('; ')}`,
    '  try {',
    ...command.environment.map(([name, value]) => `    $env:${name} = ${quotePowerShell(value)}`),
    `    ${words}`,
    '  } finally {',
    `    ${names.map((name) => `$env:${name} = $${name}`).join('; ')}`,
    '  }',
    '}',
  ];
}

/**
 * cmd keeps variables too, and has no way to put one back that works whether it was set or not: so they are set in a
 * cmd of their own, which is left at the end. `/d` runs nothing that is set to run with each.
 */
function writeCmd({ environment, words }: CommandLine): readonly string[] {
  const command = words.map(quoteCmd).join(' ');
  if (environment.length === 0) return [command];
  return [
    '"%ComSpec%" /d',
    ...environment.map(([name, value]) => `set ${assignCmd(name, value)}`),
    command,
    'exit',
  ];
}
