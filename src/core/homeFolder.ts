import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';

/**
 * Absolute path of this user's home folder; undefined where the system knows none, as for a nameless user, or a variable
 * names none, such as an empty `HOME`: what is kept there would land wherever a program was started.
 */
export function homeFolder(): string | undefined {
  try {
    const home = homedir();
    return isAbsolute(home) ? home : undefined;
  } catch {
    // Neither a variable nor a list of users names one.
    return undefined;
  }
}
