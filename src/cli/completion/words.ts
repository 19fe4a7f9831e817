import type { Argument, Command, Option } from 'commander';

/** What may stand after a command: its commands, its options, and what its arguments are. */
export interface CompletedCommand {
  /** The commands that lead here, each after a blank: "", " list", " list models". */
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly CompletedOption[];
  /** Whether its arguments are folders; else they are names that only a hub knows. */
  readonly takesFolders: boolean;
}

export interface Word {
  readonly name: string;
  /** One sentence. */
  readonly description: string;
}

export interface CompletedOption extends Word {
  /** What follows it. */
  readonly value: 'none' | 'folder' | 'other';
}

/** The command and all below it, as they were declared. */
export function completedCommands(command: Command, path = ''): readonly CompletedCommand[] {
  const help = command.createHelp();
  const below = help.visibleCommands(command);
  return [
    {
      path,
      commands: below.map((one) => ({ name: one.name(), description: help.subcommandDescription(one) })),
      options: help.visibleOptions(command).flatMap(completedOption),
      takesFolders: command.registeredArguments.some(isFolder),
    },
    ...below.flatMap((one) => completedCommands(one, `${path} ${one.name()}`)),
  ];
}

function completedOption(option: Option): readonly CompletedOption[] {
  const { long, flags, description, required, optional } = option;
  if (!long) return [];
  const value = !required && !optional ? 'none' : flags.includes('folder') ? 'folder' : 'other';
  return [{ name: long, description, value }];
}

/** A side of a comparison may be one. */
function isFolder(argument: Argument): boolean {
  return ['folder', 'before', 'after'].includes(argument.name());
}
