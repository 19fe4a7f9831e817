import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { Failure } from '../failure.ts';
import { type Sha256, asSha256 } from '../objectIds.ts';
import type { Addresses } from './addresses.ts';

/** The media type of the LFS API. */
export const LFS_JSON = 'application/vnd.git-lfs+json';

const action = z.object({
  href: z.string(),
  header: z.nullish(z.record(z.string(), z.union([z.string(), z.number()]))),
  expires_in: z.optional(z.unknown()),
  expires_at: z.optional(z.unknown()),
});

/** Fields we do not use are not named: servers leave them out, add others, or fill them with placeholders. */
export const batchAnswer = z.object({
  transfer: z.nullish(z.string()),
  objects: z.array(
    z.object({
      oid: z.string(),
      actions: z.nullish(
        z.object({ upload: z.nullish(action), verify: z.nullish(action), download: z.nullish(action) }),
      ),
      error: z.nullish(z.object({ code: z.nullish(z.number()), message: z.nullish(z.string()) })),
    }),
  ),
});

type ActionAnswer = z.infer<typeof action>;
export type BatchAnswer = z.infer<typeof batchAnswer>;

/** An object of the LFS store: its name and its size in bytes. */
export interface LfsObject {
  readonly oid: Sha256;
  readonly size: number;
}

/** An address the server signed or named, with the headers it wants there. */
export interface NamedRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/** How the server wants an object. `expiresAt`: Unix milliseconds by our clock, where something credible was told. */
export type UploadInstructions = {
  readonly verify: NamedRequest | undefined;
  readonly expiresAt: number | undefined;
} & (
  | { readonly transfer: 'basic'; readonly put: NamedRequest }
  | {
      readonly transfer: 'multipart';
      /** In order; all but the last take `partBytes`. */
      readonly parts: readonly URL[];
      readonly partBytes: number;
      readonly completion: URL;
      readonly headers: Readonly<Record<string, string>>;
    }
);

export type BatchedObject =
  | { readonly kind: 'stored' }
  /** The answer says nothing of it, however often it is asked: some servers leave out what they have. */
  | { readonly kind: 'leftOut' }
  | { readonly kind: 'wanted'; readonly instructions: UploadInstructions }
  | { readonly kind: 'refused'; readonly code: number | undefined; readonly message: string };

/**
 * Reads the answer to an upload batch (https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md; parts are
 * Hugging Face's extension). Objects that the answer leaves out are left out here. Throws `protocol` for instructions
 * we cannot follow.
 *
 * @param now Milliseconds of the Unix epoch.
 */
export function readBatch(
  answer: BatchAnswer,
  asked: readonly LfsObject[],
  addresses: Addresses,
  now: number,
): Map<Sha256, BatchedObject> {
  const sizes = new Map(asked.map(({ oid, size }) => [oid, size]));
  const read = new Map<Sha256, BatchedObject>();
  for (const { oid, actions, error } of answer.objects) {
    const sha256 = asSha256(oid);
    const size = sha256 && sizes.get(sha256);
    if (sha256 === undefined || size === undefined || read.has(sha256)) continue;
    if (error) {
      read.set(sha256, { kind: 'refused', code: error.code ?? undefined, message: error.message ?? '' });
    } else if (actions?.upload) {
      if (answer.transfer && !['basic', 'multipart'].includes(answer.transfer)) {
        throw new Failure(
          'protocol',
          l10n.t('The server wants uploads by “{0}”, which was not offered to it.', answer.transfer),
        );
      }
      const verify = actions.verify
        ? { url: addresses.named(actions.verify.href), headers: extraHeaders(actions.verify) }
        : undefined;
      read.set(sha256, {
        kind: 'wanted',
        instructions: instructionsOf(actions.upload, verify, size, addresses, now),
      });
    } else {
      read.set(sha256, { kind: 'stored' });
    }
  }
  return read;
}

/**
 * Whether the server has each object, by its answer to a download batch
 * (https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md). Objects of which it says neither are left out.
 */
export function readStored(
  { objects }: BatchAnswer,
  asked: readonly LfsObject[],
): ReadonlyMap<Sha256, boolean> {
  const wanted = new Set(asked.map(({ oid }) => oid));
  return new Map(
    objects.flatMap(({ oid, actions, error }): [Sha256, boolean][] => {
      const sha256 = asSha256(oid);
      if (sha256 === undefined || !wanted.has(sha256)) return [];
      if (error) return [[sha256, false]];
      return actions?.download ? [[sha256, true]] : [];
    }),
  );
}

/** S3 takes 10,000 (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html), Azure 50,000 blocks. */
const MOST_PARTS = 100_000;

function tooManyParts(): Failure {
  return new Failure(
    'protocol',
    l10n.t('The server asks for an upload in more than {0} parts, which no storage takes.', MOST_PARTS),
  );
}

function instructionsOf(
  upload: ActionAnswer,
  verify: NamedRequest | undefined,
  size: number,
  addresses: Addresses,
  now: number,
): UploadInstructions {
  const url = addresses.named(upload.href);
  const headers = extraHeaders(upload);
  const common = { verify, expiresAt: expiry(upload, now) };
  const chunkSize = upload.header?.chunk_size;
  if (chunkSize === undefined) return { transfer: 'basic', put: { url, headers }, ...common };

  const partBytes = Number(chunkSize);
  if (Object.keys(upload.header ?? {}).length > MOST_PARTS) throw tooManyParts();
  const parts = Object.entries(upload.header ?? {})
    .filter(([key]) => /^\d+$/.test(key))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, href]) => addresses.named(String(href)));
  if (!Number.isSafeInteger(partBytes) || partBytes <= 0 || parts.length !== Math.ceil(size / partBytes)) {
    throw new Failure(
      'protocol',
      l10n.t(
        'The server asks for an upload of {0} bytes in {1} parts of {2} bytes, which does not add up.',
        size,
        parts.length,
        String(chunkSize),
      ),
    );
  }
  return { transfer: 'multipart', parts, partBytes, completion: url, headers, ...common };
}

/** The headers of an action as the LFS specification means them, without Hugging Face's parts and `chunk_size`. */
function extraHeaders(action: ActionAnswer): Record<string, string> {
  return Object.fromEntries(
    Object.entries(action.header ?? {})
      .filter(
        ([name]) =>
          /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && !/^\d+$/.test(name) && name !== 'chunk_size',
      )
      .map(([name, value]): [string, string] => [name, String(value)])
      .filter(([, value]) => /^[\t\x20-\x7e]*$/.test(value)),
  );
}

/** Real servers say year 1 for "never" and have clocks of their own: what is past on arrival says nothing. */
function expiry({ expires_in, expires_at }: ActionAnswer, now: number): number | undefined {
  if (typeof expires_in === 'number' && expires_in > 0) return now + expires_in * 1000;
  const at = typeof expires_at === 'string' ? Date.parse(expires_at) : Number.NaN;
  return at > now ? at : undefined;
}
