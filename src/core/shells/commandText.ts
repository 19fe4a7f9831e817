import * as l10n from '@vscode/l10n';
import { visibleLine } from '../visibleText.ts';

declare const made: unique symbol;

/**
 * Text that a person copies, pastes and runs. Every character of it is seen, and the only line breaks and indentation
 * are ours: a terminal obeys control characters even in quotes and in a bracketed paste, of which it takes no more than
 * ESC away.
 */
export type CommandText = string & { readonly [made]: true };

/** A command, or which value it cannot hold. */
export type Written =
  | { readonly kind: 'written'; readonly text: CommandText }
  | { readonly kind: 'unwritable'; readonly value: string; readonly reason: Unwritable };

/**
 * `unseen`: it holds characters that are not seen.
 * `readTwice`: it holds what Windows' Command Prompt obeys in the arguments of a batch file.
 */
type Unwritable = 'unseen' | 'readTwice';

/**
 * The one maker of {@link CommandText}.
 *
 * @param lines The text, a line each.
 * @param values What was put into it, to name the one that is no good.
 */
export function commandText(lines: readonly string[], values: readonly string[]): Written {
  const unseen = [...values, ...lines].find((text) => visibleLine(text) !== text);
  return unseen === undefined
    ? { kind: 'written', text: lines.join('\n') as CommandText }
    : { kind: 'unwritable', value: unseen, reason: 'unseen' };
}

/**
 * `commands` to run one after the other, a line each, with a line break at their end; the first that there is none of.
 */
export function inOrder(commands: readonly Written[]): Written {
  const texts: string[] = [];
  for (const command of commands) {
    if (command.kind === 'unwritable') return command;
    texts.push(command.text);
  }
  return commandText([...texts.flatMap((text) => text.split('\n')), ''], []);
}

/** Characters of a value that a sentence names. */
const NAMED_LENGTH = 80;

/** Why there is no command, and what helps. Localised. */
export function unwritableSentence({ value, reason }: Extract<Written, { kind: 'unwritable' }>): string {
  const line = visibleLine(value);
  const name = line.length > NAMED_LENGTH ? `${line.slice(0, NAMED_LENGTH)}…` : line;
  switch (reason) {
    case 'unseen':
      return l10n.t(
        'There is no command here, because “{0}” holds characters that are not seen, such as line breaks, and a terminal would obey them when the command is pasted. Use another value, or the client Python, which takes any.',
        name,
      );
    case 'readTwice':
      return l10n.t(
        'There is no command here, because “{0}” holds a quotation mark or a percent sign: programs of Windows that are batch files, as npm and others install them, read their arguments once more and would obey it. Use another value, or the client Python, which takes any.',
        name,
      );
  }
}
