import * as z from 'zod/mini';
import { asCommitName, asGitObjectId } from '../../core/objectIds.ts';
import { hubSource } from '../../core/publish/hubSource.ts';
import { textAs } from '../../core/schemas.ts';
import type { PublishedRecord } from '../publishService.ts';

/** Records that are kept; the oldest go first. */
export const KEPT_RECORDS = 500;

/** Of a failure's sentence, so that no server fills the workspace's memory. */
const MESSAGE_LENGTH = 2000;

const objectId = textAs(asGitObjectId, 'no Git object id');
const commitName = textAs(asCommitName, 'no name of a commit');
const count = z.number().check(z.nonnegative());

const record = z.object({
  id: z.string().check(z.minLength(1)),
  repository: z.string(),
  folder: z.string(),
  source: z.optional(hubSource),
  commit: objectId,
  subject: z.string(),
  destination: z.object({
    accountId: z.string(),
    organization: z.string(),
    registry: z.string(),
    model: z.string(),
    endpoint: z.url({ protocol: /^https?$/ }),
  }),
  outcome: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('published'),
      version: commitName,
      created: z.boolean(),
      verified: z.boolean(),
      serverEdited: z._default(z.array(z.string()), []),
    }),
    z.object({ kind: z.literal('cancelled') }),
    z.object({
      kind: z.literal('failed'),
      message: z.pipe(
        z.string(),
        z.transform((text) => text.slice(0, MESSAGE_LENGTH)),
      ),
    }),
  ]),
  startedAt: count,
  tookMs: count,
  sentBytes: count,
  savedBytes: count,
});

const stored = z.object({ version: z.literal(1), records: z.array(z.unknown()) });

/** How records are kept in a workspace's memory. */
type StoredHistory = z.infer<typeof stored>;

/** What a memory holds, newest first: nothing of another version of it, and no records that make no sense. */
export function readHistory(value: unknown): readonly PublishedRecord[] {
  if (value === undefined) return [];
  const found = stored.safeParse(value).data?.records ?? [];
  return found.flatMap((one): PublishedRecord[] => {
    const { data } = record.safeParse(one);
    if (data === undefined) return [];
    const { source, ...rest } = data;
    return [{ ...rest, ...(source && { source }) }];
  });
}

export function storedHistory(records: readonly PublishedRecord[]): StoredHistory {
  return { version: 1, records: [...records] };
}

/** `records` with a new one in front, and those that no longer have room. */
export function withRecord(
  records: readonly PublishedRecord[],
  added: PublishedRecord,
): { readonly kept: readonly PublishedRecord[]; readonly dropped: readonly PublishedRecord[] } {
  const all = [added, ...records.filter(({ id }) => id !== added.id)];
  return { kept: all.slice(0, KEPT_RECORDS), dropped: all.slice(KEPT_RECORDS) };
}
