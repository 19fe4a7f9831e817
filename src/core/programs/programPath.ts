import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { posix, win32 } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable; Windows does not tell capitals in names. */
export function variable(
  environment: Environment,
  platform: NodeJS.Platform,
  name: string,
): string | undefined {
  const isName = (key: string) => (platform === 'win32' ? key.toUpperCase() === name : key === name);
  return Object.entries(environment).find(([key]) => isName(key))?.[1];
}

/**
 * The folders of PATH, in order. Only absolute ones count: a program in the folder a person works in must never run
 * because of its name, and on Windows a bare name would find it there first.
 */
function pathFolders(environment: Environment, platform: NodeJS.Platform): string[] {
  const paths = platform === 'win32' ? win32 : posix;
  return (variable(environment, platform, 'PATH') ?? '')
    .split(paths.delimiter)
    .map((folder) => folder.replace(/^"(.*)"$/, '$1'))
    .filter((folder) => paths.isAbsolute(folder));
}

/**
 * Where the program `name` may be, in order. An absolute path stands for itself; a bare name is looked for in the
 * folders of PATH, on Windows as an `.exe` only, because scripts would need a shell; a relative path is nowhere.
 */
export function programCandidates(
  name: string,
  environment: Environment,
  platform: NodeJS.Platform,
): string[] {
  const paths = platform === 'win32' ? win32 : posix;
  const file = platform === 'win32' && !/\.exe$/i.test(name) ? `${name}.exe` : name;
  if (paths.isAbsolute(name)) return [file];
  if (name === '' || paths.basename(name) !== name || /^\.+$/.test(name) || name.includes(':')) return [];
  return pathFolders(environment, platform).map((folder) => paths.join(folder, file));
}

/** The first of `candidates` that may be run; undefined where there is none. */
export async function firstProgram(candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.X_OK);
      return candidate;
    } catch {
      // The next folder may have it.
    }
  }
  return undefined;
}
