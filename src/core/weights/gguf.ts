import { createHash } from 'node:crypto';
import { allOf } from '../async/allOf.ts';
import { tensorBytes, tensorTypeName } from './ggmlTypes.ts';
import { readGgufHeader, type GgufHeader, type GgufValue } from './ggufHeader.ts';
import type { HeaderReader } from './headerReader.ts';
import { refuseMissingShards } from './missingShards.ts';
import { elements, summedUp } from './summary.ts';
import type { WeightSet } from './weightSets.ts';
import type { MetadataValue, StoredTensor, WeightTable } from './weightTable.ts';

/** Two megabytes or more are read of each. */
const FILES_AT_ONCE = 4;

/** The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
export async function readGguf(
  reader: HeaderReader,
  set: WeightSet,
  signal: AbortSignal,
): Promise<WeightTable> {
  refuseMissingShards(set);
  const shards = await allOf(set.files, FILES_AT_ONCE, signal, async (file) => {
    const header = await readGgufHeader(reader, file);
    return { tensors: tensorsOf(header, file.path), metadata: metadataOf(header) };
  });
  // A file may have lost the name that says so.
  for (const shard of shards) refuseMissingShards(set, countOf(shard.metadata.get('split.count')));
  const tensors = shards.flatMap((shard) => shard.tensors);
  return {
    set,
    files: set.files,
    tensors,
    metadata: shards[0]?.metadata ?? new Map(),
    ...summedUp(
      set.entry,
      set.files,
      tensors.map(({ dtype, shape }) => [dtype, elements(shape)]),
    ),
  };
}

/** A count as metadata holds it; undefined where it is none. */
export function countOf(value: MetadataValue | undefined): number | undefined {
  const count = typeof value === 'bigint' ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

function tensorsOf({ tensors, size }: GgufHeader, file: string): readonly StoredTensor[] {
  const begins = [...new Set(tensors.map(({ begin }) => begin)), size].sort((a, b) => a - b);
  const nextOf = new Map(begins.map((begin, at) => [begin, begins[at + 1] ?? begin]));
  return tensors.map(({ name, type, shape, begin }) => ({
    name,
    dtype: tensorTypeName(type),
    // The fastest-changing dimension comes first in the file; people write it last.
    shape: shape.toReversed(),
    file,
    begin,
    // Of a new type all up to the next tensor counts, though some of it fills a gap.
    end: begin + (tensorBytes(type, elements(shape)) ?? (nextOf.get(begin) ?? begin) - begin),
  }));
}

function metadataOf({ metadata }: GgufHeader): ReadonlyMap<string, MetadataValue> {
  return new Map([...metadata].map(([key, value]) => [key, valueOf(value)]));
}

/** Of a list its digest alone: the megabytes that it was read from are not kept. */
function valueOf(value: GgufValue): MetadataValue {
  if (typeof value !== 'object') return value;
  const { type, length, bytes } = value;
  return { length, digest: createHash('sha256').update(`${type}:`).update(bytes).digest('hex') };
}
