import { quotePosix } from '../../core/shells/quoting.ts';
import type { CompletedShell } from './shells.ts';
import type { CompletedCommand, CompletedOption } from './words.ts';

/**
 * A script that has a shell complete the program's commands and options. It holds all words, so that a press of Tab
 * starts nothing, and evaluates nothing of what was typed.
 */
export function completionScript(shell: CompletedShell, commands: readonly CompletedCommand[]): string {
  return { bash, zsh, fish }[shell](commands);
}

const PROGRAM = 'model-registries';
const FUNCTION = '_model_registries';

/** https://www.gnu.org/software/bash/manual/bash.html#Programmable-Completion; version 3.2, as macOS has it, will do. */
function bash(commands: readonly CompletedCommand[]): string {
  return `# bash completion for ${PROGRAM}: source it, or put it where bash-completion looks.
${FUNCTION}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" at= words= i
  COMPREPLY=()
${walk(commands, 'for ((i = 1; i < COMP_CWORD; i++)); do', '"$at ${COMP_WORDS[i]}"', 'at="$at ${COMP_WORDS[i]}"', 'done')}
  case "$at $previous" in
${valueCases(commands, {
  folder: 'COMPREPLY=($(compgen -d -- "$current")); return',
  other: 'type compopt >/dev/null 2>&1 && compopt +o default; return',
})}
  esac
  case "$at" in
${commands
  .map(({ path, ...rest }) => `    ${quotePosix(path)}) words=${quotePosix(wordsOf(rest).join(' '))} ;;`)
  .join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F ${FUNCTION} ${PROGRAM}
`;
}

/** https://zsh.sourceforge.io/Doc/Release/Completion-System.html */
function zsh(commands: readonly CompletedCommand[]): string {
  const described = ({ commands: below, options }: CompletedCommand): string =>
    [...below, ...options].map(({ name, description }) => quotePosix(`${name}:${description}`)).join(' ');
  return `#compdef ${PROGRAM}
# zsh completion for ${PROGRAM}: source it after compinit, or put it into a folder of fpath as _${PROGRAM}.
${FUNCTION}() {
  local at= word
  local -a found
${walk(commands, 'for word in "${(@)words[2,CURRENT-1]}"; do', '"$at $word"', 'at="$at $word"', 'done')}
  case "$at \${words[CURRENT-1]}" in
${valueCases(commands, { folder: '_files -/; return', other: '_message value; return' })}
  esac
  case "$at" in
${commands.map((command) => `    ${quotePosix(command.path)}) found=(${described(command)}) ;;`).join('\n')}
  esac
  _describe ${PROGRAM} found || _files
}
if [[ "\${zsh_eval_context[-1]}" == loadautofunc ]]; then
  ${FUNCTION} "$@"
else
  compdef ${FUNCTION} ${PROGRAM}
fi
`;
}

/** https://fishshell.com/docs/current/cmds/complete.html */
function fish(commands: readonly CompletedCommand[]): string {
  const at = (path: string): string => `-n ${quotePosix(`test (${FUNCTION}_at) = "@${path}"`)}`;
  const lines = commands.flatMap(({ path, commands: below, options, takesFolders }) => [
    ...below.map(({ name, description }) => `${at(path)} -a ${name} -d ${quotePosix(description)}`),
    ...options.map(
      ({ name, description, value }) =>
        `${at(path)} -l ${name.slice(2)} ${fishValue(value)}-d ${quotePosix(description)}`,
    ),
    ...(takesFolders ? [`${at(path)} -a '(__fish_complete_directories)'`] : []),
  ]);
  return `# fish completion for ${PROGRAM}: put it into ~/.config/fish/completions/${PROGRAM}.fish
function ${FUNCTION}_at
  set -l at
  for word in (commandline -opc)[2..-1]
    switch "$at $word"
      case ${paths(commands).map(quotePosix).join(' ')}
        set at "$at $word"
    end
  end
  echo "@$at"
end
complete -c ${PROGRAM} -f
${lines.map((line) => `complete -c ${PROGRAM} ${line}`).join('\n')}
`;
}

function fishValue(value: CompletedOption['value']): string {
  return { none: '', folder: "-x -a '(__fish_complete_directories)' ", other: '-x ' }[value];
}

/** Follows the words of a line down to the command that they name. */
function walk(
  commands: readonly CompletedCommand[],
  open: string,
  word: string,
  step: string,
  close: string,
): string {
  return `  ${open}
    case ${word} in
      ${paths(commands).map(quotePosix).join('|')}) ${step} ;;
    esac
  ${close}`;
}

/** What to do after an option that takes a value. */
function valueCases(
  commands: readonly CompletedCommand[],
  work: Readonly<Record<'folder' | 'other', string>>,
): string {
  return (['folder', 'other'] as const)
    .flatMap((value) => {
      const patterns = commands.flatMap(({ path, options }) =>
        options.filter((option) => option.value === value).map(({ name }) => quotePosix(`${path} ${name}`)),
      );
      return patterns.length === 0 ? [] : [`    ${patterns.join('|')}) ${work[value]} ;;`];
    })
    .join('\n');
}

function paths(commands: readonly CompletedCommand[]): readonly string[] {
  return commands.map(({ path }) => path).filter((path) => path !== '');
}

function wordsOf({ commands, options }: Omit<CompletedCommand, 'path'>): readonly string[] {
  return [...commands, ...options].map(({ name }) => name);
}
