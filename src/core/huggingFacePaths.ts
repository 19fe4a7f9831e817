import { posix, win32 } from 'node:path';

export interface HuggingFaceSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The person's home folder. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

/**
 * Where Hugging Face's clients keep something
 * (https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables; `constants.py`): at the first
 * of those variables that is set, else as `name` in `HF_HOME`, else in `huggingface` in `XDG_CACHE_HOME`, else in
 * `~/.cache`. `~` and variables in them are expanded. Undefined where that is no absolute path: it would depend on
 * where a program was started.
 */
export function huggingFacePath(
  variables: readonly string[],
  name: string,
  { environment, home, platform }: HuggingFaceSurroundings,
): string | undefined {
  const paths = platform === 'win32' ? win32 : posix;
  const valueOf = (variable: string): string | undefined => {
    const value = environment[variable];
    return value === '' ? undefined : value;
  };
  const named = variables.map(valueOf).find((value) => value !== undefined);
  const xdg = valueOf('XDG_CACHE_HOME') ?? paths.join(home, '.cache');
  const hfHome = valueOf('HF_HOME') ?? paths.join(xdg, 'huggingface');
  const path = expanded(named ?? paths.join(hfHome, name), { environment, home, platform });
  return paths.isAbsolute(path) ? paths.normalize(path) : undefined;
}

/** As Python's `expanduser` and `expandvars` do; what is not set stays as it is written. */
function expanded(path: string, { environment, home, platform }: HuggingFaceSurroundings): string {
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
