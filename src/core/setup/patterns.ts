/**
 * A line of `.gitignore` that ignores one file or folder (https://git-scm.com/docs/gitignore#_pattern_format).
 *
 * @param path from the folder of the `.gitignore`, forward slashes.
 */
export function ignoreLine(path: string): string {
  // A line cannot hold a line end: any one character stands for it.
  return `/${escaped(path).replace(/[\r\n]/g, '?')}`.replace(/ +$/, (spaces) => '\\ '.repeat(spaces.length));
}

/**
 * What stands for one file in `.gitattributes` (https://git-scm.com/docs/gitattributes): a pattern ends at the first
 * white space, which is written as git-lfs writes it, so that it reads it, too.
 *
 * @param path from the folder of the `.gitattributes`, forward slashes.
 */
export function attributePattern(path: string): string {
  return `/${escaped(path).replace(/[\t\n\v\f\r ]/g, '[[:space:]]')}`;
}

/** Without what a pattern takes for anything but itself. */
function escaped(path: string): string {
  return path.replace(/[\\*?[]/g, '\\$&');
}
