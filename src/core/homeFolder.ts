import { homedir } from 'node:os';

/** Absolute path of this user's home folder; undefined where the system knows none, as for a nameless user. */
export function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    // Neither a variable nor a list of users names one.
    return undefined;
  }
}
