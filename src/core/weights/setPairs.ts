import { shardName } from './shardNames.ts';
import { folderOf, indexName, type WeightSet } from './weightSets.ts';

/** The same weights of two versions; a side that has none is undefined. */
export interface SetPair {
  readonly before: WeightSet | undefined;
  readonly after: WeightSet | undefined;
}

/**
 * Which weights of one version are which of another: those of the same name, whether in one file or in several. Of what
 * is left, the only ones of a folder and format belong together, and then the only ones of a format.
 */
export function pairSets(before: readonly WeightSet[], after: readonly WeightSet[]): readonly SetPair[] {
  const pairs: SetPair[] = [];
  let [earlier, later] = [before, after];
  for (const keyOf of [nameOf, placeOf, formatOf]) {
    const [ours, theirs] = [groupedBy(keyOf, earlier), groupedBy(keyOf, later)];
    for (const [key, group] of ours) {
      const other = theirs.get(key) ?? [];
      if (group.length === 1 && other.length === 1) pairs.push({ before: group[0], after: other[0] });
    }
    const paired = new Set(pairs.flatMap((pair) => [pair.before, pair.after]));
    earlier = earlier.filter((set) => !paired.has(set));
    later = later.filter((set) => !paired.has(set));
  }
  const entryOf = (pair: SetPair): string => (pair.after ?? pair.before)?.entry ?? '';
  return [
    ...pairs,
    ...earlier.map((set) => ({ before: set, after: undefined })),
    ...later.map((set) => ({ before: undefined, after: set })),
  ].sort((a, b) => (entryOf(a) < entryOf(b) ? -1 : 1));
}

/** What both `model.safetensors` and its parts and index are called. */
function nameOf({ entry, format }: WeightSet): string {
  const { stem, variant } = indexName(entry) ??
    shardName(entry) ?? { stem: entry.slice(0, -`.${format}`.length), variant: '' };
  return `${stem}${variant === '' ? '' : `.${variant}`}.${format}`;
}

function placeOf({ entry, format }: WeightSet): string {
  return `${folderOf(entry)}:${format}`;
}

function formatOf({ format }: WeightSet): string {
  return format;
}

function groupedBy(
  keyOf: (set: WeightSet) => string,
  sets: readonly WeightSet[],
): ReadonlyMap<string, readonly WeightSet[]> {
  const groups = new Map<string, WeightSet[]>();
  for (const set of sets) {
    const group = groups.get(keyOf(set));
    if (group) group.push(set);
    else groups.set(keyOf(set), [set]);
  }
  return groups;
}
