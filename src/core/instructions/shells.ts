import * as l10n from '@vscode/l10n';
import {
  assignCmd,
  needsLegacyPassing,
  quoteCmd,
  quoteFish,
  quotePosix,
  quotePowerShell,
  quotePowerShellArgument,
} from './quoting.ts';

export const SHELL_IDS = ['posix', 'fish', 'powershell', 'cmd'] as const;
export type ShellId = (typeof SHELL_IDS)[number];

/** A program to run with variables of its environment. The words are meant literally; no NUL in any. */
export interface CommandLine {
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly words: readonly [program: string, ...arguments_: string[]];
  /**
   * A line for its standard input, which ends with the value of a variable: no other program sees it there. Only POSIX shells and fish
   * write it.
   */
  readonly input?: { readonly before: string; readonly variable: string };
}

export interface Shell {
  readonly id: ShellId;
  readonly label: string;
  /**
   * Text to paste at the shell's prompt. The variables hold for this command only, so that a token and an endpoint do not reach the
   * next one. Undefined where the shell cannot express a value.
   */
  write(command: CommandLine): string | undefined;
}

/** Every shell that commands are written for. */
export function shell(id: ShellId): Shell {
  switch (id) {
    case 'posix':
      return { id, label: 'bash, zsh, sh', write: (command) => writeAssignments(command, quotePosix) };
    case 'fish':
      return { id, label: 'fish', write: (command) => writeAssignments(command, quoteFish) };
    case 'powershell':
      return { id, label: 'PowerShell', write: writePowerShell };
    case 'cmd':
      return { id, label: l10n.t('Command Prompt (cmd)'), write: writeCmd };
  }
}

/**
 * The shell that a program or its path names, as in `vscode.env.shell`; the platform's usual one where that tells nothing.
 * @param platform As in `process.platform`.
 */
export function shellOf(program: string, platform: string): ShellId {
  const name = program
    .replace(/^.*[\\/]/, '')
    .replace(/\.exe$/i, '')
    .toLowerCase();
  if (name === 'fish') return 'fish';
  if (/^(?:pwsh|powershell)(?:-preview)?$/.test(name)) return 'powershell';
  if (name === 'cmd') return 'cmd';
  if (/^(?:ba|z|da|k|mk|a)?sh$/.test(name)) return 'posix';
  return platform === 'win32' ? 'powershell' : 'posix';
}

/** `NAME=value … program …`, one part a line: POSIX shells, and fish since 3.1. */
function writeAssignments(command: CommandLine, quote: (value: string) => string): string {
  const words = command.words.map(quote).join(' ');
  if (command.input) return `${writeLine(command.environment, command.input, quote)} |\n${words}`;
  const assignments = command.environment.map(([name, value]) => `${name}=${quote(value)}`);
  return [...assignments, words].join(' \\\n');
}

/** `printf` is part of these shells, so that no list of processes shows the value. */
function writeLine(
  environment: CommandLine['environment'],
  { before, variable }: NonNullable<CommandLine['input']>,
  quote: (value: string) => string,
): string {
  const assigned = environment.find(([name]) => name === variable);
  return `printf '%s%s\\n' ${quote(before)} ${assigned ? quote(assigned[1]) : `"$${variable}"`}`;
}

/** PowerShell keeps variables of the environment for the whole session; so they are taken away again, whatever happens. */
function writePowerShell(command: CommandLine): string {
  const names = command.environment.map(([name]) => `Env:${name}`);
  const passing = command.words.some(needsLegacyPassing)
    ? ["$PSNativeCommandArgumentPassing = 'Legacy'"]
    : [];
  const words = command.words.map(quotePowerShellArgument).join(' ');
  if (names.length === 0) {
    return passing.length === 0
      ? words
      : ['& {', ...[...passing, words].map((line) => `  ${line}`), '}'].join('\n');
  }
  return [
    '& {',
    ...passing.map((line) => `  ${line}`),
    '  try {',
    ...command.environment.map(([name, value]) => `    $env:${name} = ${quotePowerShell(value)}`),
    `    ${words}`,
    '  } finally {',
    `    Remove-Item ${names.join(', ')} -ErrorAction Ignore`,
    '  }',
    '}',
  ].join('\n');
}

/** cmd keeps variables too, and knows no line breaks inside a command. */
function writeCmd(command: CommandLine): string | undefined {
  const assignments = command.environment.map(([name, value]) => assignCmd(name, value));
  const words = command.words.map(quoteCmd);
  if ([...assignments, ...words].includes(undefined)) return undefined;
  return [
    ...assignments.map((assignment) => `set ${assignment}`),
    words.join(' '),
    ...command.environment.map(([name]) => `set "${name}="`),
  ].join(' & ');
}
