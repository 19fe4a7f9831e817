import { type CommandText, commandText } from './commandText.ts';
import { quoteForWindows, quotePosix } from './quoting.ts';

/**
 * A command for a sentence, which says not for which shell: every usual one of the platform reads it alike. undefined
 * where a value cannot be written so.
 *
 * @param platform As in `process.platform`.
 */
export function commandForAnyShell(
  words: readonly string[],
  platform: string = process.platform,
): CommandText | undefined {
  const quoted = words.map(platform === 'win32' ? quoteForWindows : quotePosix);
  if (quoted.includes(undefined)) return undefined;
  const command = commandText([quoted.join(' ')], words);
  return command.kind === 'written' ? command.text : undefined;
}
