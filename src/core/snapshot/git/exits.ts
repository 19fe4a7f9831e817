import { GitError } from 'simple-git';

/** Longest standard error that is kept, in characters. */
export const LONGEST_STDERR = 16 * 1024;

/** What of Git's standard output may come with an exit code that is an answer. */
type Said = 'something' | 'nothing' | 'anything';

/** The exit codes that are answers of one call to Git; any other one, and death by a signal, is a failure. */
export type Answers = Readonly<Record<number, Said>>;

/** There always is an answer, and it is not empty. */
export const SAID: Answers = { 0: 'something' };
/** There may be no such thing, which Git says by exit code 1 without a word (`--quiet` in its documentation). */
export const SAID_OR_NONE: Answers = { 0: 'something', 1: 'nothing' };
/** A list, which may have no entries. */
export const LISTED: Answers = { 0: 'anything' };

/** Git ended in a way that is no answer. */
export class GitExit extends GitError {
  override readonly name = 'GitExit';
  /** Such as `rev-parse`. */
  readonly command: string;
  /** undefined where a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor(command: string, exitCode: number | null, stderr: string) {
    super(undefined, `git ${command} ended with ${String(exitCode)}: ${stderr}`);
    this.command = command;
    this.exitCode = exitCode ?? undefined;
    this.stderr = stderr;
  }

  /** Whether Git said why; a process that was ended by others did not come to that. */
  get isExplained(): boolean {
    return this.exitCode !== undefined && this.stderr.trim() !== '';
  }
}

/** Why this is no answer; undefined where it is one. */
export function noAnswerOf(
  answers: Answers,
  command: string,
  {
    exitCode,
    stdout,
    stderr,
  }: { readonly exitCode: number | null; readonly stdout: number; readonly stderr: string },
): GitExit | undefined {
  const said = exitCode === null ? undefined : answers[exitCode];
  switch (said) {
    case 'anything':
      return undefined;
    case 'something':
      if (stdout > 0) return undefined;
      break;
    case 'nothing':
      if (stdout === 0 && stderr === '') return undefined;
      break;
    case undefined:
      break;
  }
  return new GitExit(command, exitCode, stderr);
}
