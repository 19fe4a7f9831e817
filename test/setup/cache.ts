import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** Folder under which tests keep what is expensive to fetch: `MODEL_REGISTRIES_TEST_CACHE`, or the platform's place. */
export function cacheRoot({ platform, environment, home }: Surroundings): string {
  // An empty variable counts as unset: XDG Base Directory Specification.
  const set = (name: string) => (environment[name] === '' ? undefined : environment[name]);
  const chosen = set('MODEL_REGISTRIES_TEST_CACHE');
  if (chosen !== undefined) return resolve(chosen);
  const platformCache =
    platform === 'win32'
      ? (set('LOCALAPPDATA') ?? join(home, 'AppData', 'Local'))
      : (set('XDG_CACHE_HOME') ?? join(home, '.cache'));
  return join(platformCache, 'model-registries-test');
}

/** Absolute path of the cache folder of that name, made when missing. */
export async function cacheDirectory(name: string): Promise<string> {
  const directory = join(
    cacheRoot({ platform: process.platform, environment: process.env, home: homedir() }),
    name,
  );
  await mkdir(directory, { recursive: true });
  return directory;
}
