import { UNSEEN } from '../visibleText.ts';

/**
 * One function per grammar: a word of that shell which means exactly `value`, whatever characters it holds, as long as
 * all of them are seen: values with line breaks and other control characters are refused before (`commandText.ts`).
 */

/** Means the same without quotes, so that ordinary commands stay readable. */
const PLAIN = /^[A-Za-z0-9_./:-]+$/;

/** The same for PowerShell, which takes other dashes and dots for operators of its own. */
const PLAIN_IN_POWERSHELL = /^(?:--)?[A-Za-z][A-Za-z0-9_/-]*$/;

/**
 * POSIX sh, bash, zsh and fish, which read it alike: single quotes keep everything, history expansion included. A
 * single quote ends them, and fish takes a backslash in them for an escape, so both stand outside, behind a backslash.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02,
 * https://fishshell.com/docs/current/language.html#quotes
 */
export function quotePosix(value: string): string {
  return PLAIN.test(value) ? value : `'${value.replace(/['\\]/g, "'\\$&'")}'`;
}

/**
 * PowerShell's verbatim string: the quote is doubled, and so are the typographic ones, which it takes for quotes too.
 * https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules
 */
export function quotePowerShell(value: string): string {
  return `'${value.replace(/['\u2018-\u201b]/g, '$&$&')}'`;
}

/**
 * The argument of a program started by PowerShell with its `Legacy` argument passing, which Windows PowerShell always
 * has: it puts quotes around white space, but leaves inner quotes, a trailing backslash and what a batch file would
 * obey to us.
 * https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_preference_variables#psnativecommandargumentpassing
 */
export function quotePowerShellArgument(value: string): string {
  if (PLAIN_IN_POWERSHELL.test(value)) return value;
  return quotePowerShell(needsLegacyPassing(value) ? quoteForProgram(value) : value);
}

/** Whether PowerShell's ways of passing `value` to a program differ, so that one of them has to be chosen. */
export function needsLegacyPassing(value: string): boolean {
  const hasBlank = /\s/.test(value);
  return (
    value === '' ||
    value.includes('"') ||
    (hasBlank && value.endsWith('\\')) ||
    // Without white space PowerShell would put no quotes around it.
    (!hasBlank && /[&|<>^()]/.test(value))
  );
}

/**
 * An argument at the prompt of cmd.exe: cmd reads its own metacharacters first, then the program splits the rest. A
 * batch file has cmd read it twice, which only values without `"` and `%` survive.
 */
export function quoteCmd(value: string): string {
  return PLAIN.test(value) ? value : escapeCmd(quoteForProgram(value));
}

/** The argument of `set` at the prompt of cmd.exe. */
export function assignCmd(name: string, value: string): string {
  return escapeCmd(`"${name}=${value}"`);
}

/**
 * `text` is one pair of quotes around anything. Quotes hide every metacharacter but the percent sign, and inner quotes
 * would end them; where it holds either, all metacharacters are escaped one by one, the quotes too. A percent sign is
 * read before the carets, so the names between two of them (`%NAME%`, `%NAME:a=b%`) are made to end in a caret, as no
 * variable's name does.
 */
function escapeCmd(text: string): string {
  return /["%]/.test(text.slice(1, -1)) ? text.replace(/[()%!^"<>&|:]/g, '^$&') : text;
}

/**
 * A word that PowerShell and cmd read alike, whatever kind of program gets it; undefined where there is none. Double
 * quotes mean the same to both around these characters, none of which cmd would obey where PowerShell leaves the quotes
 * out.
 */
export function quoteForWindows(value: string): string | undefined {
  if (PLAIN_IN_POWERSHELL.test(value)) return value;
  return /^[\p{L}\p{M}\p{N} _./:\\@+=,~#-]+(?<!\\)$/u.test(value) ? `"${value}"` : undefined;
}

/**
 * A string of Python. What JSON escapes, Python reads the same, and whatever else is not seen is escaped, too: a prompt
 * of Python obeys control characters as a shell does. https://docs.python.org/3/reference/lexical_analysis.html#strings
 */
export function quotePython(value: string): string {
  return JSON.stringify(value).replace(UNSEEN, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
  });
}

/**
 * An argument as Windows programs split their command line:
 * https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments. Backslashes count only before a quote.
 */
function quoteForProgram(value: string): string {
  return `"${value.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}
