import type { Sha256 } from '../objectIds.ts';
import { blobKey, type HashMemory } from '../snapshot/hashMemory.ts';
import type { BlobFile } from '../snapshot/snapshot.ts';
import { sha256Of } from './content.ts';

/** The SHA-256 of a blob's content. One that is remembered is not read again: it is proved when it is sent. */
export async function blobSha256(
  file: BlobFile,
  hashes: HashMemory | undefined,
  signal: AbortSignal,
): Promise<Sha256> {
  const key = blobKey(file.gitSha1);
  const known = await hashes?.sha256Of(key);
  if (known !== undefined) return known;
  const sha256 = await sha256Of(file, signal);
  await hashes?.remember(key, { sha256 });
  return sha256;
}
