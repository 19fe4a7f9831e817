import { homedir } from 'node:os';

/** Absolute path of this user's home folder; undefined where the system knows none, as for a user id of a container that has no name. */
export function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    // Neither a variable nor a list of users names one.
    return undefined;
  }
}
