/** The attributes that hand a path to LFS, as servers and `git lfs track` write them. */
const TRACKED = /^(\S+)\s+filter=lfs\s+diff=lfs\s+merge=lfs\s+-text\s*$/;

/**
 * Whether `held` is `own` with lines that a server added by itself: each hands one of `objects`, by its whole path, to
 * LFS. Lines for patterns, and lines that are gone, are somebody's change.
 */
export function isServerEdit(own: string, theirs: string, objects: ReadonlySet<string>): boolean {
  const paths = new Set([...objects].map(withPlainSpaces));
  const left = linesOf(own).values();
  let next = left.next();
  for (const line of linesOf(theirs)) {
    if (!next.done && line === next.value) {
      next = left.next();
      continue;
    }
    const pattern = TRACKED.exec(line)?.[1];
    if (pattern === undefined || !paths.has(pathOf(pattern))) return false;
  }
  return next.done === true;
}

/** Blank lines say nothing. */
function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

/** A pattern says of white space only that it is some. */
function withPlainSpaces(path: string): string {
  return path.replace(/[\t\n\v\f\r ]/g, ' ');
}

/**
 * The path that a pattern without wildcards means (https://git-scm.com/docs/gitattributes,
 * https://git-scm.com/docs/gitignore).
 */
function pathOf(pattern: string): string {
  return pattern.replace(/^\//, '').replaceAll('[[:space:]]', ' ').replace(/\\(.)/g, '$1');
}
