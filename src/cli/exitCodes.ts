/** How the program ends; documented in the README and in `--help`. */
export const EXIT = {
  /** Published, or already there. */
  done: 0,
  failed: 1,
  wrongUse: 2,
  /** What a shell reports of a program that Ctrl-C ended: https://tldp.org/LDP/abs/html/exitcodes.html */
  cancelled: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The command line cannot be obeyed. `message` is a sentence that says how to write it. */
export class WrongUse extends Error {
  override readonly name = 'WrongUse';
}
