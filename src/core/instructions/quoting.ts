/**
 * One function per grammar: a word of that shell which means exactly `value`, whatever characters it holds. No program can be
 * given a NUL, so no value has one.
 */

/** Means the same without quotes, so that ordinary commands stay readable. */
const PLAIN = /^[A-Za-z0-9_./:-]+$/;

/** The same for PowerShell, which takes other dashes and dots for operators of its own. */
const PLAIN_IN_POWERSHELL = /^(?:--)?[A-Za-z][A-Za-z0-9_/-]*$/;

/**
 * POSIX sh, bash and zsh: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02. Single quotes keep
 * everything, history expansion included, but a single quote; and in an interactive bash a caret that begins a line, which is its
 * quick substitution even inside quotes.
 */
export function quotePosix(value: string): string {
  if (PLAIN.test(value)) return value;
  return `'${value.replaceAll("'", "'\\''").replace(/(?<=[\r\n])\^/g, "'\\^'")}'`;
}

/** fish: https://fishshell.com/docs/current/language.html#quotes. A backslash escapes itself and the quote inside single quotes. */
export function quoteFish(value: string): string {
  return PLAIN.test(value) ? value : `'${value.replace(/[\\']/g, '\\$&')}'`;
}

/**
 * PowerShell's verbatim string: the quote is doubled, and so are the typographic ones, which it takes for quotes too.
 * https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules
 */
export function quotePowerShell(value: string): string {
  return `'${value.replace(/['\u2018-\u201b]/g, '$&$&')}'`;
}

/**
 * The argument of a program started by PowerShell with its `Legacy` argument passing, which Windows PowerShell always has: it puts
 * quotes around white space, but leaves inner quotes and a trailing backslash to us.
 * https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_preference_variables#psnativecommandargumentpassing
 */
export function quotePowerShellArgument(value: string): string {
  if (PLAIN_IN_POWERSHELL.test(value)) return value;
  return quotePowerShell(needsLegacyPassing(value) ? quoteForProgram(value) : value);
}

/** Whether PowerShell's ways of passing `value` to a program differ, so that one of them has to be chosen. */
export function needsLegacyPassing(value: string): boolean {
  return value === '' || value.includes('"') || (/\s/.test(value) && value.endsWith('\\'));
}

/**
 * An argument at the prompt of cmd.exe; undefined where it cannot be written, because a line break ends the command there.
 * cmd reads its own metacharacters first, then the program splits the rest.
 */
export function quoteCmd(value: string): string | undefined {
  if (/[\r\n]/.test(value)) return undefined;
  if (PLAIN.test(value)) return value;
  return escapeCmd(quoteForProgram(value));
}

/** The argument of `set` at the prompt of cmd.exe; undefined where it cannot be written. */
export function assignCmd(name: string, value: string): string | undefined {
  if (/[\r\n]/.test(value)) return undefined;
  return escapeCmd(`"${name}=${value}"`);
}

/**
 * `text` is one pair of quotes around anything. Quotes hide every metacharacter but the percent sign, and inner quotes would end
 * them; where it holds either, all metacharacters are escaped one by one, the quotes too. A percent sign is read before the carets,
 * so the names between two of them (`%NAME%`, `%NAME:a=b%`) are made to end in a caret, as no variable's name does.
 */
function escapeCmd(text: string): string {
  return /["%]/.test(text.slice(1, -1)) ? text.replace(/[()%!^"<>&|:]/g, '^$&') : text;
}

/**
 * {@link quotePosix} for a command of a Buildkite pipeline, whose `pipeline upload` interpolates before any shell reads it: every
 * dollar sign is doubled. A backslash before one would be taken for its escape, so the quotes are closed and opened between the two.
 * https://buildkite.com/docs/agent/cli/reference/pipeline#environment-variable-substitution
 */
export function quotePosixInPipeline(value: string): string {
  return quotePosix(value)
    .replace(/\\(?=\$)/g, "\\''")
    .replaceAll('$', '$$$$');
}

/** A string of Python. What JSON escapes, Python reads the same: https://docs.python.org/3/reference/lexical_analysis.html#strings */
export function quotePython(value: string): string {
  return JSON.stringify(value);
}

/**
 * An argument as Windows programs split their command line:
 * https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments. Backslashes count only before a quote.
 */
function quoteForProgram(value: string): string {
  return `"${value.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}
