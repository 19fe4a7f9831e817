import { extname, posix } from 'node:path';
import { isWeightsFile } from '../localModels/fileNames.ts';
import { attributePattern } from '../snapshot/git/patterns.ts';

/** From this size on, in bytes, content that is no text is better kept in Git LFS; and any content from the second on. */
export const BINARY_BYTES = 100_000;
const LARGE_BYTES = 10 * 1024 * 1024;

/** A file, as far as it decides on what Git LFS keeps. */
export interface LfsCandidate {
  /** From the top, forward slashes. */
  readonly path: string;
  readonly size: number;
  /** Whether it begins like a text; undefined where nobody looked. */
  readonly isText: boolean | undefined;
  /** What attributes say of `filter` already: `unspecified`, `unset`, `set` or a name. */
  readonly filter: string;
}

/** What a line of `.gitattributes` says so that Git LFS keeps the content, as `git lfs track` writes it. */
const ATTRIBUTES = 'filter=lfs diff=lfs merge=lfs -text';

/**
 * The lines that `.gitattributes` is to get, sorted: a pattern for each ending of weights, and the path of every other
 * file that is large, or no text. Where attributes say something of a file already, that stays as it is.
 */
export function lfsLines(files: readonly LfsCandidate[]): readonly string[] {
  const wanted = files.filter((file) => file.filter === 'unspecified' && belongsIntoLfs(file));
  // A pattern would overrule what is said of others of that ending.
  const decided = new Set(
    files.filter(({ filter }) => filter !== 'unspecified').map(({ path }) => extname(path)),
  );
  const patterns = wanted.map(({ path }) => {
    const ending = extname(path);
    const isPlain = isWeightsFile(path) && /^\.\w+$/.test(ending) && !decided.has(ending);
    return isPlain ? `*${ending}` : attributePattern(path);
  });
  return [...new Set(patterns)].sort().map((pattern) => `${pattern} ${ATTRIBUTES}`);
}

/** Whether a file should be kept in Git LFS, by its size, its name and its content. */
function belongsIntoLfs({ path, size, isText }: LfsCandidate): boolean {
  if (OF_GIT.has(posix.basename(path))) return false;
  if (size >= LARGE_BYTES) return true;
  return size >= BINARY_BYTES && (isWeightsFile(path) || isText === false);
}

/** Git reads these itself. */
const OF_GIT: ReadonlySet<string> = new Set(['.gitattributes', '.gitignore', '.gitmodules', '.lfsconfig']);
