import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Log } from '../../log.ts';
import { asGitObjectId, asSha256, type GitObjectId } from '../../objectIds.ts';
import { openRegularFile } from '../files/regularFile.ts';
import { isGone, isSystemError } from '../files/systemErrors.ts';
import type { ContentId } from './contentId.ts';

/** A file as the commit has it. */
export interface ListedFile {
  /** Bytes of the content. */
  readonly size: number;
  /** Undefined where the server told it in a shape of its own. */
  readonly id: ContentId | undefined;
}

/** Every file of a commit, by path. */
export type TreeListing = ReadonlyMap<string, ListedFile>;

/** A listing of 100,000 files takes about a fifth of this. Bytes. */
const LARGEST_LISTING = 128 * 1024 * 1024;

/**
 * `<folder>/trees/<commit>.json`, which huggingface_hub writes from 1.22 on when a whole commit is downloaded.
 * Undefined where there is none, or none that can be understood, which the log is told. Throws what the file system
 * says where there is one that may not be read.
 */
export async function readTreeListing(
  folder: string,
  commit: GitObjectId,
  log: Log,
): Promise<TreeListing | undefined> {
  const file = join(folder, 'trees', `${commit}.json`);
  let text: string;
  try {
    const handle = await openRegularFile(file);
    try {
      const { size } = await handle.stat();
      if (size > LARGEST_LISTING) throw new Error(`it has ${size} bytes`);
      text = await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isGone(error)) return undefined;
    // Without what it says, a part of a commit would pass for the whole.
    if (isSystemError(error)) throw error;
    log.warn(`The listing ${file} cannot be read and is left out of account: ${String(error)}`);
    return undefined;
  }
  const listing = parseTreeListing(text);
  if (listing === undefined) log.warn(`The listing ${file} cannot be understood and is left out of account.`);
  return listing;
}

const byteCount = z.int().check(z.nonnegative());
const listingShape = z.object({ format_version: z.literal(1), files: z.object({}) });
const fileShape = z.object({
  size: byteCount,
  blob_id: z.string(),
  lfs_sha256: z.nullish(z.string()),
  lfs_size: z.nullish(byteCount),
});

/**
 * A listing as huggingface_hub's `_tree_cache.py` writes it; undefined where it is of another format or a part of it is
 * not as it should be, as half a listing would pass for a smaller commit.
 */
export function parseTreeListing(text: string): TreeListing | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!listingShape.safeParse(json).success) return undefined;
  const { files } = json as { readonly files: object };
  const listing = new Map<string, ListedFile>();
  for (const [path, value] of Object.entries(files)) {
    const file = fileShape.safeParse(value);
    if (!file.success) return undefined;
    listing.set(path, listedFile(file.data));
  }
  return listing;
}

function listedFile({ size, blob_id, lfs_sha256, lfs_size }: z.infer<typeof fileShape>): ListedFile {
  const gitSha1 = asGitObjectId(blob_id);
  if (typeof lfs_sha256 === 'string') {
    const sha256 = asSha256(lfs_sha256);
    return { size: lfs_size ?? size, id: sha256 && { kind: 'lfs', sha256, pointer: gitSha1 } };
  }
  return { size, id: gitSha1 && { kind: 'blob', gitSha1 } };
}

/** A listing that {@link parseTreeListing} and huggingface_hub read; undefined where an object id is unknown. */
export function treeListingText(listing: TreeListing): string | undefined {
  const files: [string, object][] = [];
  for (const [path, { size, id }] of [...listing].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    const gitSha1 = id?.kind === 'lfs' ? id.pointer : id?.gitSha1;
    if (gitSha1 === undefined) return undefined;
    const lfs = id?.kind === 'lfs' ? { lfs_sha256: id.sha256, lfs_size: size } : {};
    files.push([path, { size, blob_id: gitSha1, ...lfs }]);
  }
  return JSON.stringify({ format_version: 1, files: Object.fromEntries(files) }, undefined, 1);
}
