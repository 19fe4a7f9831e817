import { posix, win32 } from 'node:path';

const OURS = 'model-registries';

interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The person's home folder, absolute; undefined where there is none. */
  readonly home: string | undefined;
}

/**
 * Absolute path of the folder for what may be forgotten but is better kept between runs: `XDG_STATE_HOME`
 * (https://specifications.freedesktop.org/basedir-spec/latest/), `%LOCALAPPDATA%`, or `~/Library/Application Support`.
 * Undefined where neither a variable nor a home folder tells.
 */
export function stateFolder({ platform, environment, home }: Surroundings): string | undefined {
  const paths = platform === 'win32' ? win32 : posix;
  const inFolder = (folder: string | undefined): string | undefined =>
    folder && paths.isAbsolute(folder) ? paths.join(folder, OURS) : undefined;
  const inHome = (...names: readonly string[]): string | undefined =>
    home === undefined ? undefined : paths.join(home, ...names, OURS);
  if (platform === 'win32') return inFolder(environment.LOCALAPPDATA) ?? inHome('AppData', 'Local');
  if (platform === 'darwin') return inHome('Library', 'Application Support');
  return inFolder(environment.XDG_STATE_HOME) ?? inHome('.local', 'state');
}
