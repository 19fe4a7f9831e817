import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { allOf } from '../async/allOf.ts';
import type { GitObjectId } from '../objectIds.ts';
import { cacheLocation } from '../snapshot/hfCache/location.ts';
import { branchOf, readRefs } from '../snapshot/hfCache/refs.ts';

/** A snapshot of a model in the Hugging Face cache. */
export interface CachedModel {
  /** `namespace/name`, or `name` for the few models of old that have no namespace. */
  readonly model: string;
  readonly commit: GitObjectId;
  /** The branch or tag that was downloaded as it. */
  readonly branch: string | undefined;
  /** Absolute path of the snapshot's folder. */
  readonly folder: string;
}

const MODELS_AT_ONCE = 8;
/** More snapshots are not listed. */
const MOST_SNAPSHOTS = 2000;

/** Whether the cache in `cache` (absolute path) has a folder of any model. */
export async function hasCachedModels(cache: string): Promise<boolean> {
  return (await storages(cache)).length > 0;
}

/** The snapshots in the cache in `cache` (absolute path), by model, then commit. None where there is no cache. */
export async function cachedModels(cache: string, signal: AbortSignal): Promise<readonly CachedModel[]> {
  const perModel = await allOf(await storages(cache), MODELS_AT_ONCE, signal, async (storage) => {
    const snapshots = join(storage, 'snapshots');
    const [entries, refs] = await Promise.all([
      readdir(snapshots, { withFileTypes: true }).catch(() => []),
      readRefs(storage, signal).catch(() => new Map<string, GitObjectId>()),
    ]);
    return entries
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }): CachedModel[] => {
        const folder = join(snapshots, name);
        const location = cacheLocation(folder);
        if (location?.commit === undefined) return [];
        const { model, commit } = location;
        return [{ model, commit, branch: branchOf(refs, commit), folder }];
      });
  });
  return perModel
    .flat()
    .sort((a, b) => compare(a.model, b.model) || compare(a.commit, b.commit))
    .slice(0, MOST_SNAPSHOTS);
}

/** The `models--…` folders, absolute. */
async function storages(cache: string): Promise<readonly string[]> {
  const entries = await readdir(cache, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(cache, name))
    .filter((folder) => cacheLocation(folder) !== undefined);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
