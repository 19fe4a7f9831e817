import { foldedName } from '../snapshot/foldedName.ts';
import { isRefusedPath } from '../snapshot/refusedPath.ts';

/** Why a path of a commit cannot become a file here. */
export type PathProblem =
  /** It leads out of the folder, or to where Git, a client or this extension keeps its own. */
  | { readonly kind: 'refused'; readonly path: string }
  /** The platform has no files of that name. */
  | { readonly kind: 'impossible'; readonly path: string }
  /** To the file system it is the same file as `other`, or a folder that `other` lies in, or the other way round. */
  | { readonly kind: 'collision'; readonly path: string; readonly other: string };

export interface FileNaming {
  readonly platform: NodeJS.Platform;
  /** Whether names that differ in case, or in how their accents are put together, name the same file. */
  readonly ignoresCase: boolean;
}

/**
 * What is wrong with the paths of a commit, which are a stranger's. A path without a problem has only components that
 * the file system takes for themselves: joined to a folder it names a file below that folder, and none that another one
 * names.
 */
export function pathProblems(paths: readonly string[], naming: FileNaming): PathProblem[] {
  const problems: PathProblem[] = [];
  const sound: string[] = [];
  for (const path of paths) {
    if (isRefusedPath(path) || /\p{Surrogate}/u.test(path) || path.includes('\0')) {
      problems.push({ kind: 'refused', path });
    } else if (naming.platform === 'win32' && !isWindowsPath(path))
      problems.push({ kind: 'impossible', path });
    else sound.push(path);
  }
  return [...problems, ...collisions(sound, naming)];
}

/** What no name may hold, names of devices, lost ends: learn.microsoft.com/windows/win32/fileio/naming-a-file. */
const NOT_IN_WINDOWS = /[<>:"|?*\\\p{Cc}]|[. ]$/u;
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)/i;

function isWindowsPath(path: string): boolean {
  return path
    .split('/')
    .every((component) => !NOT_IN_WINDOWS.test(component) && !WINDOWS_DEVICE.test(component));
}

function collisions(paths: readonly string[], { ignoresCase }: FileNaming): PathProblem[] {
  const files = new Map<string, string>();
  const problems: PathProblem[] = [];
  for (const path of paths) {
    const name = ignoresCase ? foldedName(path) : path;
    const other = files.get(name);
    if (other === undefined) files.set(name, path);
    else problems.push({ kind: 'collision', path, other });
  }
  for (const [name, path] of files) {
    for (let end = name.indexOf('/'); end !== -1; end = name.indexOf('/', end + 1)) {
      const other = files.get(name.slice(0, end));
      if (other !== undefined) problems.push({ kind: 'collision', path, other });
    }
  }
  return problems;
}
