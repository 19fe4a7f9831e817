import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommitName, isHashName } from '../objectIds.ts';
import { treeListingText, type TreeListing } from '../snapshot/hfCache/treeListing.ts';
import { hasCode } from '../snapshot/files/systemErrors.ts';
import { makeFolders } from './confinement.ts';
import { replaceWithText } from './placing.ts';

/** https://bford.info/cachedir/: the first line is all that programs look at. */
export const CACHE_TAG = 'Signature: 8a477f597d28d172789f06886806bc55\n# https://bford.info/cachedir/\n';

/**
 * Writes `<root>/<folder>/trees/<commit>.json`, by which clients tell whether all of a version is there. None of a name
 * that is no hash: it may mean another version tomorrow.
 */
export async function writeTreeListing(
  root: string,
  folder: string,
  commit: CommitName,
  listing: TreeListing,
): Promise<void> {
  const text = isHashName(commit) ? treeListingText(listing) : undefined;
  if (text === undefined) return;
  await replaceWithText(join(await makeFolders(root, `${folder}/trees`), `${commit}.json`), text);
}

/** Writes a file where there is none. */
export async function writeNew(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: 'wx' }).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error;
  });
}
