import * as z from 'zod/mini';
import { asCommitName } from '../../core/objectIds.ts';
import { accountKey, type VersionAddress } from '../versionFiles/fileAddress.ts';
import { subjectOf, type Row } from '../rows.ts';

/** What a model page is about: a version, or the newest one where the commit is undefined. Holds no secret. */
export type PageAddress = Omit<VersionAddress, 'commit'> & Partial<Pick<VersionAddress, 'commit'>>;

const LONGEST = 1000;
const text = z.string().check(z.minLength(1), z.maxLength(LONGEST));
const saved = z.strictObject({
  account: text,
  organization: text,
  registry: text,
  model: text,
  commit: z.optional(text),
});

/** The address that VS Code kept of a page; undefined where it is something else. */
export function restoredAddress(state: unknown): PageAddress | undefined {
  const { data } = saved.safeParse(state);
  if (!data) return undefined;
  const { commit, ...place } = data;
  if (commit === undefined) return place;
  const id = asCommitName(commit);
  return id && { ...place, commit: id };
}

/** The page of a row; undefined for one that is neither model nor version. */
export function addressOfRow(row: Row): PageAddress | undefined {
  const subject = subjectOf(row);
  if (subject?.model === undefined) return undefined;
  const { session, registry, model, commit } = subject;
  const { organization, slug } = registry;
  return {
    account: accountKey(session.accountId),
    organization,
    registry: slug,
    model,
    ...(commit && { commit }),
  };
}

/** Pages with the same key are one: a model has one page, and its versions are chosen there. */
export function pageKey({ account, organization, registry, model }: PageAddress): string {
  return JSON.stringify([account, organization, registry, model]);
}
