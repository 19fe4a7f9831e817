import { allOf } from '../async/allOf.ts';
import { fileTypeName, tensorTypeName } from './ggmlTypes.ts';
import { readGgufHeader, type GgufValue } from './ggufHeader.ts';
import type { HeaderReader } from './headerReader.ts';
import { refuseMissingShards } from './missingShards.ts';
import { MOST_TENSORS, type WeightsSummary, elements, shown, summedUp } from './summary.ts';
import type { WeightSet } from './weightSets.ts';

/** Two megabytes or more are read of each. */
const FILES_AT_ONCE = 4;

/** The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
export async function readGguf(
  reader: HeaderReader,
  set: WeightSet,
  signal: AbortSignal,
): Promise<WeightsSummary> {
  refuseMissingShards(set);
  const shards = await allOf(set.files, FILES_AT_ONCE, signal, (file) => readGgufHeader(reader, file));
  // A file may have lost the name that says so.
  for (const shard of shards) refuseMissingShards(set, countOf(shard.metadata.get('split.count')));
  const tensors = shards.flatMap((shard) => shard.tensors);
  const counted = tensors.map(({ type, shape }) => [tensorTypeName(type), elements(shape)] as const);
  const metadata = shards[0]?.metadata ?? new Map<string, GgufValue>();
  const architecture = textOf(metadata.get('general.architecture'));
  const fileType = countOf(metadata.get('general.file_type'));
  return {
    ...summedUp(set.entry, set.files, counted),
    tensorCount: tensors.length,
    tensors: tensors.slice(0, MOST_TENSORS).map(({ name, type, shape }) => ({
      name: shown(name),
      dtype: tensorTypeName(type),
      // The fastest-changing dimension comes first in the file; people write it last.
      shape: shape.toReversed(),
    })),
    architecture,
    quantization: fileType === undefined ? undefined : fileTypeName(fileType),
    contextLength: countOf(metadata.get(`${architecture ?? ''}.context_length`)),
  };
}

function textOf(value: GgufValue | undefined): string | undefined {
  return typeof value === 'string' ? shown(value) || undefined : undefined;
}

function countOf(value: GgufValue | undefined): number | undefined {
  const count = typeof value === 'bigint' ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}
