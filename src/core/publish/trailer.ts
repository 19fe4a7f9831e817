import { asCommitName, asGitObjectId, type CommitName, type GitObjectId } from '../objectIds.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** Of a commit of this machine, and of one of another hub: where its model is, and what it is called there. */
const COMMIT = 'Git-Commit';
const ADDRESS = 'Imported-From';
const SOURCE = 'Source-Commit';

/** The trailer that ties a commit in the registry to the commit that was published. */
function trailerFor(commit: GitObjectId): string {
  return `${COMMIT}: ${commit}`;
}

/** What of a snapshot is named in the registry. Without an origin it is this machine's. */
export type Named = Pick<Snapshot, 'commit'> & Partial<Pick<Snapshot, 'origin'>>;

/** The trailers that tie a commit in the registry to what was published, a line each. */
export function trailersFor({ commit, origin }: Named): string {
  if (origin?.kind !== 'hub') return trailerFor(commit);
  return `${ADDRESS}: ${origin.address}\n${SOURCE}: ${commit}`;
}

/** Whether a commit message of the registry says that it was published as `commit` of this machine. */
export function namesCommit(message: string, commit: GitObjectId): boolean {
  return endsWith(message, trailerFor(commit));
}

/** Whether a commit message of the registry says that it was published as that snapshot. */
export function namesSnapshot(message: string, snapshot: Named): boolean {
  return endsWith(message, trailersFor(snapshot));
}

/** What a commit of the registry says that it was published as. */
export type PublishedAs =
  /** A commit of the machine that it was published from. */
  | { readonly kind: 'git'; readonly commit: GitObjectId }
  /** A version of another hub; `address` is its page there. */
  | { readonly kind: 'hub'; readonly address: string; readonly commit: CommitName };

/** What a commit message of the registry says it was published as; undefined where it says nothing of it. */
export function publishedAs(message: string): PublishedAs | undefined {
  const last = lastParagraph(message) ?? '';
  const [, sha = ''] = GIT_TRAILER.exec(last) ?? [];
  const git = asGitObjectId(sha);
  if (git) return { kind: 'git', commit: git };
  const [, address, source = ''] = HUB_TRAILERS.exec(last) ?? [];
  const commit = asCommitName(source);
  return address !== undefined && commit ? { kind: 'hub', address, commit } : undefined;
}

const GIT_TRAILER = new RegExp(`^${COMMIT}: ([0-9a-f]{40})$`);
const HUB_TRAILERS = new RegExp(`^${ADDRESS}: (\\S+)\\n${SOURCE}: (\\S+)$`);

/** Whether a message ends with those trailers and nothing else. */
function endsWith(message: string, trailers: string): boolean {
  return lastParagraph(message) === trailers;
}

/** The last paragraph of a message, where it is not its first, and no line before it reads as a trailer. */
function lastParagraph(message: string): string | undefined {
  const [first = '', ...others] = message.trim().split(PARAGRAPH_END);
  const last = others.pop();
  return [first, ...others].some(readsAsTrailer) ? undefined : last?.replaceAll('\r\n', '\n');
}

/**
 * `text` without a line that reads as one of our trailers: such a line is quoted as in a letter (`> `), where Git
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
const NOT_SEEN = String.raw`[\s\p{M}\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]`;
const UNSEEN = new RegExp(NOT_SEEN, 'gu');
/** The first of some that are not seen; or a letter with its marks, but for those that nobody could tell apart any more. */
const PIECE = new RegExp(String.raw`(${NOT_SEEN})${NOT_SEEN}{0,1000}|[^]\p{M}{0,32}`, 'gu');
const READ_AS = [COMMIT, ADDRESS, SOURCE].map((key) => `${key}:`.toLowerCase());
/** Letters of a line that can matter: of three, as of a Korean syllable, one may be made. */
const MOST_LETTERS = 3 * Math.max(...READ_AS.map((key) => key.length));

/**
 * Whether a person or a lenient reader may take a line for one of our trailers, in any case, spacing and width. Letters of
 * other alphabets look like ours, and no list of them is ever whole: any character beyond ASCII may stand for any of
 * ours, as long as most are ours.
 */
function isTrailer(line: string): boolean {
  const seen = Array.from(beginningOf(line).normalize('NFKC').replace(UNSEEN, '').toLowerCase());
  return READ_AS.some((key) => readsAs(key, seen.slice(0, key.length)));
}

/**
 * As much of a line as can matter. A stranger's may have megabytes, of which NFKC makes many times as many; and marks
 * without end it puts in order in a time that grows with their square.
 */
function beginningOf(line: string): string {
  const pieces: string[] = [];
  let letters = 0;
  let isGap = false;
  for (const [piece, unseen] of line.matchAll(PIECE)) {
    // Gaps of any length are one.
    if (unseen === undefined || !isGap) pieces.push(unseen ?? piece);
    isGap = unseen !== undefined;
    if (!isGap) letters += 1;
    if (letters > MOST_LETTERS) break;
  }
  return pieces.join('');
}

function readsAs(key: string, seen: readonly string[]): boolean {
  if (seen.length < key.length) return false;
  const ours = seen.filter((letter, index) => letter === key[index]).length;
  return ours > key.length / 2 && seen.every((letter, index) => letter === key[index] || letter > '\x7f');
}
