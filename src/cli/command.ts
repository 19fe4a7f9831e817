import type { Command } from 'commander';
import type { Context } from './context.ts';
import type { ExitCode } from './exitCodes.ts';

/**
 * What a command does, once the arguments were understood. May throw `WrongUse`; every other error is a mistake of this
 * program. When it resolves nothing of it is left under way.
 */
export type Work = (context: Context) => Promise<ExitCode>;

/**
 * A command of the terminal: one file in `commands/`, one line in `commandLine.ts`.
 *
 * Every call of the program loads all of these files, to answer `--help` and mistakes at once. What only the work needs
 * (the engine, the HTTP client, zod) is imported by the work, when it is asked for.
 */
export interface CliCommand {
  readonly name: string;
  /**
   * Declares description, arguments, options and examples on `command`, and an action that says what is to be done.
   * Called once. The action may throw `WrongUse` for values that do not go together; it is to do nothing yet.
   */
  declare(command: Command, decide: (work: Work) => void): void;
}
