import { join } from 'node:path';
import { asGitObjectId, type GitObjectId } from '../../objectIds.ts';
import { isGone } from '../files/systemErrors.ts';
import { allOf } from '../../async/allOf.ts';
import { readSmallFile } from '../files/regularFile.ts';
import { walk } from '../files/walk.ts';

const REFS_AT_ONCE = 8;
/** A commit and a line end. Bytes. */
const LONGEST_REF = 42;

/** What `<storage>/refs` holds: the commit of each branch or tag at the time it was downloaded. */
export async function readRefs(
  storage: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, GitObjectId>> {
  const top = join(storage, 'refs');
  let entries;
  try {
    entries = await walk(top, signal);
  } catch (error) {
    if (isGone(error)) return new Map();
    throw error;
  }
  const files = entries.filter(({ kind }) => kind === 'file');
  const refs = await allOf(files, REFS_AT_ONCE, signal, async ({ path, file }) => {
    const text = (await readSmallFile(file, LONGEST_REF))?.toString('latin1');
    const commit = text === undefined ? undefined : asGitObjectId(text.trim());
    return commit === undefined ? [] : [[path, commit] as const];
  });
  return new Map(refs.flat());
}

/**
 * The branch that was downloaded as `commit`: `main` before others. Tags look the same as branches here; pull requests
 * (`refs/pr/1`) and shortened commits, which stand here too, are neither.
 */
export function branchOf(refs: ReadonlyMap<string, GitObjectId>, commit: GitObjectId): string | undefined {
  const names = [...refs.keys()].filter(
    (name) => refs.get(name) === commit && !name.startsWith('refs/') && !commit.startsWith(name),
  );
  return names.includes('main') ? 'main' : names.sort()[0];
}
