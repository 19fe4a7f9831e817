import type { RemoteFile } from '../hub/remoteFile.ts';
import { shardName } from './shardNames.ts';

type WeightsFormat = 'safetensors' | 'gguf';

/** Files that hold the weights of one model together. A version may have several: components, or quantizations. */
export interface WeightSet {
  readonly format: WeightsFormat;
  /** What says which files belong together: the index of safetensors files, or the first file. Names the set. */
  readonly entry: string;
  /** The files that hold tensors, in order, at least one. */
  readonly files: readonly RemoteFile[];
  /** What its index names, where that was read; paths in the version, some of which may not be there. */
  readonly indexed?: readonly string[] | undefined;
}

/**
 * The files that each index says hold tensors, by the path of the index; paths in the version, some of which may not be
 * there. An index that is missing here has not been read.
 */
type IndexedFiles = ReadonlyMap<string, readonly string[]>;

const INDEX = /^(.*)\.safetensors\.index(?:\.([^./]+))?\.json$/;

/** What the name of an index says of its weights; undefined where it is none. */
export function indexName(path: string): { readonly stem: string; readonly variant: string } | undefined {
  const [, stem, variant = ''] = INDEX.exec(path) ?? [];
  return stem === undefined ? undefined : { stem, variant };
}

/** Whether a file says which safetensors files belong together, as `model.safetensors.index.fp16.json` does. */
export const isWeightIndex = (path: string): boolean => INDEX.test(path);

/**
 * The weights among a version's files, those first that a client loads by default: what has no folder, and what is
 * called `model`. Which files belong together is for an index to say, and for their names where there is none
 * (https://huggingface.co/docs/safetensors/metadata_parsing).
 *
 * @param indexed Where an index is not in it, the names of the files in its folder decide which of them it means.
 */
export function weightSets(
  files: readonly RemoteFile[],
  indexed: IndexedFiles = new Map(),
): readonly WeightSet[] {
  const left = new Map(files.flatMap((file) => (formatOf(file.path) ? [[file.path, file] as const] : [])));
  const sets = new Map<string, WeightSet>();
  const put = (entry: string, format: WeightsFormat, paths: readonly string[]) => {
    const taken = paths.flatMap((path) => left.get(path) ?? []).toSorted((a, b) => compare(a.path, b.path));
    if (taken.length > 0) sets.set(entry, { format, entry, files: taken, indexed: indexed.get(entry) });
    for (const { path } of taken) left.delete(path);
  };

  const indexes = files.map(({ path }) => path).filter(isWeightIndex);
  for (const index of indexes) put(index, 'safetensors', indexed.get(index) ?? []);
  const guessed = guesses([...left.keys()]);
  const unread = indexes.filter((index) => !indexed.has(index));
  // What has the name of one index is not for another.
  for (const guess of [guessed.ofThatName, guessed.shardsBeside, guessed.beside]) {
    for (const index of unread) {
      // Where there is a file of the index's own name, the index has been left behind.
      const isLeftBehind = guess === guessed.beside && left.has(`${indexName(index)?.stem}.safetensors`);
      if (!sets.has(index) && !isLeftBehind) put(index, 'safetensors', guess(index));
    }
  }

  const groups = new Map<string, [string, ...string[]]>();
  for (const path of [...left.keys()].sort(compare)) {
    const name = shardName(path)?.group ?? path;
    const group = groups.get(name);
    if (group) group.push(path);
    else groups.set(name, [path]);
  }
  for (const group of groups.values()) put(group[0], formatOf(group[0]) ?? 'safetensors', group);
  return [...sets.values()].sort((a, b) => rank(a) - rank(b) || compare(a.entry, b.entry));
}

/**
 * What an index that was not read may mean among `paths`. Whoever asks first is given the files, and the next index
 * nothing of them: of a version of very many indexes each file is looked at a few times, and not once for each.
 */
function guesses(paths: readonly string[]) {
  const safetensors = paths.filter((path) => formatOf(path) === 'safetensors');
  const shards = safetensors.filter((path) => shardName(path));
  const ofNames = grouped(shards, (path) => key(shardName(path)));
  const shardsOfFolders = grouped(shards, folderOf);
  const filesOfFolders = grouped(safetensors, folderOf);
  const take = (groups: Map<string, string[]>, group: string): readonly string[] => {
    const taken = groups.get(group) ?? [];
    groups.delete(group);
    return taken;
  };
  return {
    ofThatName: (index: string) => take(ofNames, key(indexName(index))),
    shardsBeside: (index: string) => take(shardsOfFolders, folderOf(index)),
    beside: (index: string) => take(filesOfFolders, folderOf(index)),
  };
}

function grouped(paths: readonly string[], groupOf: (path: string) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const group = groups.get(groupOf(path));
    if (group) group.push(path);
    else groups.set(groupOf(path), [path]);
  }
  return groups;
}

function key(name: { readonly stem: string; readonly variant: string } | undefined): string {
  return JSON.stringify([name?.stem, name?.variant]);
}

function formatOf(path: string): WeightsFormat | undefined {
  if (path.endsWith('.safetensors')) return 'safetensors';
  return path.endsWith('.gguf') ? 'gguf' : undefined;
}

/** Whether a path is that of weights: a file of them, or the index of several. */
export function isWeightsPath(path: string): boolean {
  return formatOf(path) !== undefined || isWeightIndex(path);
}

/** With its `/`; empty for the top. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function rank({ entry }: WeightSet): number {
  const [name = '', ...folders] = entry.split('/').reverse();
  const component = ['transformer', 'unet'].includes(folders[0] ?? '') ? 1 : 2;
  return (
    (folders.length === 0 ? 0 : component) * 2 + (/^(?:model|diffusion_pytorch_model)[.-]/.test(name) ? 0 : 1)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
