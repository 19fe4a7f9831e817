import { posix, win32 } from 'node:path';

interface CacheSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The person's home folder. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

export interface CacheFolder {
  /** Absolute path of the folder that holds the `models--…` folders. */
  readonly folder: string;
  /** Whether snapshots may hold links. */
  readonly links: boolean;
}

/**
 * Where Hugging Face's clients keep models
 * (https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables; `constants.py`):
 * `HF_HUB_CACHE`, else `HUGGINGFACE_HUB_CACHE`, else `hub` in `HF_HOME`, else in `huggingface` in `XDG_CACHE_HOME`,
 * else in `~/.cache`. `~` and variables in them are expanded. Undefined where that is no absolute path: it would depend
 * on where a program was started.
 */
export function cacheFolder({ environment, home, platform }: CacheSurroundings): CacheFolder | undefined {
  const paths = platform === 'win32' ? win32 : posix;
  const named = (name: string): string | undefined => {
    const value = environment[name];
    return value === undefined || value === '' ? undefined : value;
  };
  const xdg = named('XDG_CACHE_HOME') ?? paths.join(home, '.cache');
  const hfHome = named('HF_HOME') ?? paths.join(xdg, 'huggingface');
  const raw = named('HF_HUB_CACHE') ?? named('HUGGINGFACE_HUB_CACHE') ?? paths.join(hfHome, 'hub');
  const folder = expanded(raw, { environment, home, platform });
  if (!paths.isAbsolute(folder)) return undefined;
  return { folder: paths.normalize(folder), links: !isTrue(environment.HF_HUB_DISABLE_SYMLINKS) };
}

/** As Python's `expanduser` and `expandvars` do; what is not set stays as it is written. */
function expanded(path: string, { environment, home, platform }: CacheSurroundings): string {
  const separators = platform === 'win32' ? /^~(?=$|[/\\])/ : /^~(?=$|\/)/;
  const variables = platform === 'win32' ? /\$(\w+)|\$\{([^}]*)\}|%([^%]+)%/g : /\$(\w+)|\$\{([^}]*)\}/g;
  return path
    .replace(separators, () => home)
    .replace(
      variables,
      (all: string, bare?: string, braced?: string, percent?: string) =>
        environment[bare ?? braced ?? percent ?? ''] ?? all,
    );
}

function isTrue(value: string | undefined): boolean {
  return ['1', 'ON', 'YES', 'TRUE'].includes(value?.toUpperCase() ?? '');
}
