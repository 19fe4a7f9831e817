import { createHash } from 'node:crypto';
import { allOf } from '../../async/allOf.ts';
import { isWeightsFile } from '../../localModels/fileNames.ts';
import { isPlainText } from '../files/plainText.ts';
import { NotTheFile, openRegularFile } from '../files/regularFile.ts';
import type { ContentHashes } from '../hashMemory.ts';
import type { Content } from './content.ts';
import { ChangedWhileRead, contentHashes, feed, type HashingOptions } from '../files/contentHashes.ts';
import { isNamedBy, type ContentId } from './contentId.ts';

/**
 * A content whose only name is the one that a client keeps it under, and nothing lists the commit. The name is the
 * server's ETag: on a Hub a Git object id or a SHA-256, which also tells a plain file from an LFS one; elsewhere a
 * SHA-1, or anything else that looks so.
 */
interface Claim {
  readonly path: string;
  readonly content: Extract<Content, { kind: 'content' }>;
  readonly id: ContentId;
}

type Settled = Pick<Claim, 'path' | 'content'> &
  (
    | { readonly kind: 'identified'; readonly id: ContentId }
    /** It is not what its name says, though names of that place do say what contents are. */
    | { readonly kind: 'refused'; readonly refusal: 'changed' }
  );

const HASHES_AT_ONCE = 4;
/** Plain files up to here are read at once: it is less work than one request. Bytes. */
const SMALL = 64 * 1024;
/** A Hub keeps no larger plain file (https://huggingface.co/docs/hub/storage-limits). Bytes. */
const LARGEST_PLAIN = 10 * 1024 * 1024;
/** By how much of a file a text is told. Bytes. */
const TOLD_BY = 64 * 1024;

/**
 * What the contents are, in the order of the claims. Weights and other binary content that bear a SHA-256 are taken at
 * their name, which is proved while they are sent, once some other name of the same place has proved right. Texts are
 * plain files, whatever their names' form. A name that is not its content's hash is a proof of damage only where others
 * are.
 */
export async function settleClaims(
  claims: readonly Claim[],
  options: HashingOptions,
): Promise<readonly Settled[]> {
  const { signal } = options;
  const texts = new Set(
    (
      await allOf(claims, HASHES_AT_ONCE, signal, async (claim) => ((await isText(claim)) ? [claim] : []))
    ).flat(),
  );
  const read = new Map<Claim, Required<ContentHashes> | 'changed'>();
  const readAll = async (some: readonly Claim[]): Promise<void> => {
    await allOf(some, HASHES_AT_ONCE, signal, async (claim) => {
      read.set(claim, await hashesOf(claim, options));
    });
  };
  const isRight = (claim: Claim): boolean => {
    const hashes = read.get(claim);
    return hashes !== undefined && hashes !== 'changed' && isNamedBy(hashes, claim.id);
  };

  const cheap = claims.filter(
    (claim) => texts.has(claim) || claim.content.size <= (claim.id.kind === 'blob' ? SMALL : 0),
  );
  await readAll(cheap.length > 0 ? cheap : smallestOf(claims));
  if (read.size > 0 && !claims.some(isRight)) await readAll(claims.filter((claim) => !read.has(claim)));
  const namesAreHashes = claims.some(isRight);

  return allOf(claims, HASHES_AT_ONCE, signal, async (claim): Promise<Settled> => {
    const { path, content } = claim;
    const hashes = read.get(claim);
    if (hashes === undefined) return { path, content, kind: 'identified', id: claim.id };
    const isDoubtful = !isRight(claim) && (namesAreHashes || claims.length === 1);
    if (hashes === 'changed' || (isDoubtful && !(await isNamedBySha1(claim, options))))
      return { path, content, kind: 'refused', refusal: 'changed' };
    const isObject = claim.id.kind === 'lfs' && !texts.has(claim);
    const { sha256, gitSha1 } = hashes;
    const id: ContentId = isObject ? { kind: 'lfs', sha256 } : { kind: 'blob', gitSha1 };
    return { path, content, kind: 'identified', id };
  });
}

/** One that is read just to know whether names are hashes, where there is one of a reasonable size. */
function smallestOf(claims: readonly Claim[]): readonly Claim[] {
  const [smallest] = [...claims].sort((a, b) => a.content.size - b.content.size);
  return smallest === undefined || smallest.content.size > LARGEST_PLAIN ? [] : [smallest];
}

/** Whether a content that bears a SHA-256 is a text, which a Hub keeps as a plain file. */
async function isText({ path, content: { file, size }, id }: Claim): Promise<boolean> {
  if (id.kind !== 'lfs' || size > LARGEST_PLAIN || isWeightsFile(path)) return false;
  const handle = await openRegularFile(file, size).catch((error: unknown) => {
    if (error instanceof NotTheFile) return undefined;
    throw error;
  });
  try {
    const memory = Buffer.alloc(Math.min(size, TOLD_BY));
    const { bytesRead = 0 } = (await handle?.read(memory, 0, memory.length, 0)) ?? {};
    return bytesRead > 0 && isPlainText(memory.subarray(0, bytesRead), bytesRead === size);
  } finally {
    await handle?.close();
  }
}

async function hashesOf(
  { content: { file } }: Claim,
  options: HashingOptions,
): Promise<Required<ContentHashes> | 'changed'> {
  try {
    return await contentHashes(file, options);
  } catch (error) {
    if (error instanceof ChangedWhileRead || error instanceof NotTheFile) return 'changed';
    throw error;
  }
}

/** Some servers' ETag is the SHA-1 of the content, which looks like a Git object id. */
async function isNamedBySha1({ content: { file }, id }: Claim, { signal }: HashingOptions): Promise<boolean> {
  if (id.kind !== 'blob') return false;
  const hash = createHash('sha1');
  const handle = await openRegularFile(file);
  try {
    await feed(handle, [hash], signal);
  } finally {
    await handle.close();
  }
  return hash.digest('hex') === id.gitSha1;
}
