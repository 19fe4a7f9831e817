import { posix, win32 } from 'node:path';

const OURS = 'model-registries';

export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The person's home folder, absolute. */
  readonly home: string;
}

/**
 * Absolute path of the folder for what may be forgotten but is better kept between runs: `XDG_STATE_HOME`
 * (https://specifications.freedesktop.org/basedir-spec/latest/), `%LOCALAPPDATA%`, or `~/Library/Application Support`.
 */
export function stateFolder({ platform, environment, home }: Surroundings): string {
  if (platform === 'win32') {
    const local = environment.LOCALAPPDATA;
    return win32.join(local && win32.isAbsolute(local) ? local : win32.join(home, 'AppData', 'Local'), OURS);
  }
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', OURS);
  const state = environment.XDG_STATE_HOME;
  return posix.join(state && posix.isAbsolute(state) ? state : posix.join(home, '.local', 'state'), OURS);
}
