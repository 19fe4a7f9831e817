import { programEnvironment } from '../../programs/programEnvironment.ts';
import { variable, type Environment } from '../../programs/programPath.ts';

/** Of Git's own variables, those that say how this machine's Git is set up, not which repository or program to use. */
const KEPT: readonly string[] = [
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_EXEC_PATH',
  'GIT_CEILING_DIRECTORIES',
  'GIT_DISCOVERY_ACROSS_FILESYSTEM',
];

/** Git run by `sudo` reads repositories of this user, too (https://git-scm.com/docs/git-config, safe.directory). */
const OWNER = 'SUDO_UID';

/** https://git-scm.com/docs/git#_environment_variables */
const FIXED: Readonly<Record<string, string>> = {
  LC_ALL: 'C',
  /** Nobody is there to answer. */
  GIT_TERMINAL_PROMPT: '0',
  /** Looking changes nothing: no index is written, and so no `post-index-change` hook is due. */
  GIT_OPTIONAL_LOCKS: '0',
  /** A partial clone does not fetch what it lacks; Git before 2.45 knows only the line below. */
  GIT_NO_LAZY_FETCH: '1',
  /** No transport has this name, so none is allowed. */
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_REPLACE_OBJECTS: '1',
  /** A folder named `:(top)` is a folder. */
  GIT_LITERAL_PATHSPECS: '1',
};

/**
 * Settings that a person, or a build machine, gives by `GIT_CONFIG_COUNT`
 * (https://git-scm.com/docs/git-config#_environment) and that are theirs to give: which repositories they trust, and
 * where Git LFS keeps its objects. All others could name a program.
 */
const SETTINGS: readonly string[] = ['safe.directory', 'lfs.storage'];

/** More settings than anybody gives are not looked for. */
const MOST_SETTINGS = 10_000;

/**
 * The environment Git runs in: what every program gets, and nothing that points Git at another repository or program.
 * It asks nobody over the network, so it gets no proxy either.
 */
export function gitEnvironment(
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  return {
    ...programEnvironment(environment, platform, { names: [...KEPT, OWNER] }),
    ...FIXED,
    ...settingsVariables(settingsIn(environment, platform)),
  };
}

/** Those of {@link SETTINGS} that the variables give; none where Git would not take the variables either. */
function settingsIn(
  environment: Environment,
  platform: NodeJS.Platform,
): readonly (readonly [key: string, value: string])[] {
  const count = variable(environment, platform, 'GIT_CONFIG_COUNT') ?? '';
  if (!/^\d{1,5}$/.test(count) || Number(count) > MOST_SETTINGS) return [];
  return Array.from({ length: Number(count) }, (_, index) => {
    const key = variable(environment, platform, `GIT_CONFIG_KEY_${index}`);
    const value = variable(environment, platform, `GIT_CONFIG_VALUE_${index}`);
    return key === undefined || value === undefined ? [] : [[key, value] as const];
  })
    .flat()
    .filter(([key]) => SETTINGS.includes(key.toLowerCase()));
}

function settingsVariables(settings: readonly (readonly [string, string])[]): Record<string, string> {
  if (settings.length === 0) return {};
  const each = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return Object.fromEntries([['GIT_CONFIG_COUNT', String(settings.length)], ...each]) as Record<
    string,
    string
  >;
}
