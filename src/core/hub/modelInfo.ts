import * as z from 'zod/mini';
import { asCommitName, type CommitName } from '../objectIds.ts';
import { addressesOf } from './addresses.ts';
import type { HubConnection } from './connection.ts';
import { readInfo } from './head.ts';

/** What a hub tells of a model at a revision. */
export interface ModelInfo {
  /** The model's own id: another one than was asked for, where the server led on from that. */
  readonly id: string;
  /** Undefined where nothing was committed yet, or the server gives its commits no names. */
  readonly commit: CommitName | undefined;
  /** Whether its owners decide who may read its files (https://huggingface.co/docs/hub/models-gated). */
  readonly isGated: boolean;
  /** As its card names it: an identifier, several, or whatever was written there; empty where it names none. */
  readonly licenses: readonly string[];
  /** When the revision was made, as far as the server tells. */
  readonly modifiedAt: Date | undefined;
}

/** An id as servers list them, be it against the rules for new ones. */
const anyId = z.catch(
  z.optional(
    z
      .string()
      .check(z.regex(/^(?!\.{1,2}(?:\/|$))[^\p{C}\p{Z}\\?#%/]+(?:\/(?!\.{1,2}$)[^\p{C}\p{Z}\\?#%/]+)?$/u)),
  ),
  undefined,
);
const license = z.catch(
  z.nullish(
    z.union([
      z.pipe(
        z.string(),
        z.transform((one) => [one]),
      ),
      z.array(z.string()),
    ]),
  ),
  undefined,
);

const infoAnswer = z.object({
  id: anyId,
  sha: z.catch(z.nullish(z.string()), undefined),
  /** `false`, `"auto"` or `"manual"`. */
  gated: z.catch(z.nullish(z.union([z.boolean(), z.string()])), undefined),
  lastModified: z.catch(z.nullish(z.string()), undefined),
  cardData: z.catch(z.nullish(z.object({ license })), undefined),
  tags: z.catch(z.nullish(z.array(z.string())), undefined),
});

/**
 * `GET /api/models/{id}/revision/{revision}`; undefined where the server knows no such model or revision.
 *
 * @throws Failure, and the signal's reason when aborted.
 */
export async function readModelInfo(
  hub: HubConnection,
  revision: string,
  signal: AbortSignal,
): Promise<ModelInfo | undefined> {
  const response = await readInfo(
    hub,
    addressesOf(hub.endpoint, hub.model).ofRevision('revision', revision),
    signal,
  );
  if (response.status === 404) return undefined;
  const { id, sha, gated, lastModified, cardData, tags } = response.json(infoAnswer);
  const modified = new Date(lastModified ?? Number.NaN);
  const tagged = (tags ?? []).flatMap((tag) => /^license:(.+)$/.exec(tag)?.[1] ?? []);
  return {
    id: id ?? hub.model,
    commit: asCommitName(sha ?? ''),
    isGated: gated !== undefined && gated !== null && gated !== false,
    licenses: cardData?.license ?? tagged,
    modifiedAt: Number.isNaN(modified.getTime()) ? undefined : modified,
  };
}
