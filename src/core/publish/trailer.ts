import type { GitObjectId } from '../objectIds.ts';

const KEY = 'Git-Commit';

/** The trailer that ties a commit in the registry to the commit that was published. */
export function trailerFor(commit: GitObjectId): string {
  return `${KEY}: ${commit}`;
}

/**
 * Whether a commit message of the registry says that it was published as `commit`: its last paragraph, and not its
 * first, is the trailer and nothing else, and no other line of the message reads as one.
 */
export function namesCommit(message: string, commit: GitObjectId): boolean {
  const [first = '', ...others] = message.trim().split(PARAGRAPH_END);
  const last = others.pop();
  return last === trailerFor(commit) && ![first, ...others].some(readsAsTrailer);
}

/**
 * `text` without a line that reads as our trailer: such a line is quoted as in a letter (`> `), where Git
 * (https://git-scm.com/docs/git-interpret-trailers) and other readers see none.
 */
export function withoutTrailers(text: string): string {
  return text.replace(LINE, (line) => (isTrailer(line) ? `> ${line}` : line));
}

/** What some reader of lines takes for the end of one: those of Python's `str.splitlines` are the most. */
const LINE_ENDS = '\n\r\v\f\x1C\x1D\x1E\x85\u2028\u2029';
const LINE = new RegExp(`[^${LINE_ENDS}]+`, 'g');
const PARAGRAPH_END = /\r?\n(?:[ \t]*\r?\n)+/;

function readsAsTrailer(text: string): boolean {
  return (text.match(LINE) ?? []).some(isTrailer);
}

/** What stands between letters without being seen: white space, marks, and what only formats. */
const UNSEEN = /[\s\p{M}\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]/gu;
const READ_AS = `${KEY}:`.toLowerCase();

/**
 * Whether a person or a lenient reader may take a line for our trailer, in any case, spacing and width. Letters of
 * other alphabets look like ours, and no list of them is ever whole: any character beyond ASCII may stand for any of
 * ours, as long as most are ours.
 */
function isTrailer(line: string): boolean {
  const seen = Array.from(line.normalize('NFKC').replace(UNSEEN, '').toLowerCase()).slice(0, READ_AS.length);
  if (seen.length < READ_AS.length) return false;
  const ours = seen.filter((letter, index) => letter === READ_AS[index]).length;
  return (
    ours > READ_AS.length / 2 && seen.every((letter, index) => letter === READ_AS[index] || letter > '\x7f')
  );
}
