/**
 * A line of `.gitignore` that ignores one file or folder (https://git-scm.com/docs/gitignore#_pattern_format).
 *
 * @param path from the folder of the `.gitignore`, forward slashes.
 */
export function ignoreLine(path: string): string {
  // A line cannot hold a line end, and has no quotes: a class stands for it that holds nothing printed.
  return `/${escaped(path).replace(/[\r\n]/g, '[[:cntrl:]]')}`.replace(/ +$/, (spaces) =>
    '\\ '.repeat(spaces.length),
  );
}

/**
 * What stands for one file in `.gitattributes` (https://git-scm.com/docs/gitattributes): a pattern ends at the first
 * white space, unless it is quoted as a string of C, which git-lfs reads, too. The `[[:space:]]` that git-lfs writes
 * would mean every name that differs in the kind of space.
 *
 * @param path from the folder of the `.gitattributes`, forward slashes.
 */
export function attributePattern(path: string): string {
  const pattern = `/${escaped(path)}`;
  return /[\t\n\v\f\r ]/.test(pattern) ? quoted(pattern) : pattern;
}

/** Without what a pattern takes for anything but itself. */
function escaped(path: string): string {
  return path.replace(/[\\*?[]/g, '\\$&');
}

/** As a string of C, of which Git and git-lfs read the same. */
function quoted(pattern: string): string {
  const inner = pattern
    .replace(/["\\]/g, '\\$&')
    .replace(/[\t\n\v\f\r]/g, (space) => C_ESCAPES[space] ?? space);
  return `"${inner}"`;
}

const C_ESCAPES: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
};
