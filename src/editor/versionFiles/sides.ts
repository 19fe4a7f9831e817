import * as l10n from '@vscode/l10n';
import { type CommitName, shortName } from '../../core/objectIds.ts';

/** A version, as one side of a comparison. */
export interface VersionSide {
  /** `namespace/name`. */
  readonly model: string;
  readonly commit: CommitName;
  /** First line of its commit message, where it is known. */
  readonly subject: string | undefined;
}

/** Digits of a commit that people name it by. */
const SHORT_SHA = 7;
/** Characters of a subject in a title, at most: a tab is only so wide. */
const LONGEST_SUBJECT = 30;

/** `namespace/name@0123456`. Pure. */
export function versionName({ model, commit }: Pick<VersionSide, 'model' | 'commit'>): string {
  return `${model}@${shortName(commit, SHORT_SHA)}`;
}

/** `0123456 “Learn Spanish”`. Pure. */
export function commitWithSubject({ commit, subject }: Omit<VersionSide, 'model'>): string {
  const sha = shortName(commit, SHORT_SHA);
  return subject === undefined ? sha : l10n.t('{0} “{1}”', sha, inShort(subject));
}

/** What a comparison of two versions is called: both sides, the older one first, and a model that is the same once. Pure. */
export function titleOf(before: VersionSide, after: VersionSide): string {
  return before.model === after.model
    ? l10n.t('{0}: {1} ↔ {2}', before.model, commitWithSubject(before), commitWithSubject(after))
    : l10n.t('{0} ↔ {1}', versionName(before), versionName(after));
}

function inShort(subject: string): string {
  const characters = Array.from(subject);
  return characters.length > LONGEST_SUBJECT
    ? `${characters.slice(0, LONGEST_SUBJECT - 1).join('')}…`
    : subject;
}

/** What is known of when a version was published. */
interface Dated {
  readonly createdAt: Date | undefined;
  readonly commit: CommitName | undefined;
}

/**
 * Which of two versions is the older one: by their dates, else by their places in a list of versions. undefined where
 * neither tells. Pure.
 *
 * @param listed Commits of the model's versions, newest first; empty where they are of two models.
 */
export function olderOf<T extends Dated>(
  one: T,
  two: T,
  listed: readonly (CommitName | undefined)[],
): T | undefined {
  const [first, second] = [one.createdAt?.getTime(), two.createdAt?.getTime()];
  if (first !== undefined && second !== undefined && first !== second) return first < second ? one : two;
  const places = [one, two].map(({ commit }) => (commit === undefined ? -1 : listed.indexOf(commit)));
  const [place = -1, otherPlace = -1] = places;
  if (place < 0 || otherPlace < 0 || place === otherPlace) return undefined;
  return place > otherPlace ? one : two;
}
