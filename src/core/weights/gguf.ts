import {
  GGMLFileQuantizationType,
  GGMLQuantizationType,
  type GGUFParseOutput,
  gguf,
} from '@huggingface/gguf';
import { allOf } from '../async/allOf.ts';
import { createHeaderFetch } from './headerFetch.ts';
import type { HeaderReader } from './headerReader.ts';
import { refuseMissingShards } from './missingShards.ts';
import { MOST_TENSORS, type WeightsSummary, fits, malformed, shares, shown } from './summary.ts';
import type { WeightSet } from './weightSets.ts';

/** The library reads two megabytes of each file at a time. */
const FILES_AT_ONCE = 4;

/** The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
export async function readGguf(
  reader: HeaderReader,
  set: WeightSet,
  signal: AbortSignal,
): Promise<WeightsSummary> {
  refuseMissingShards(set);
  const shards = await allOf(set.files, FILES_AT_ONCE, signal, ({ path }) => readHeader(reader, path));
  // A file may have lost the name that says so.
  for (const shard of shards) {
    refuseMissingShards(set, countOf(metadataOf(shard).get('split.count')));
  }
  const tensors = shards.flatMap(({ tensorInfos }) => tensorInfos);
  const counted = tensors.map(
    ({ dtype, shape }) =>
      [typeName(dtype), shape.reduce((product, length) => product * Number(length), 1)] as const,
  );
  const parameters = counted.reduce((sum, [, count]) => sum + count, 0);
  if (
    !fits(
      parameters,
      set.files.map(({ path }) => reader.files.get(path)?.size),
    )
  )
    throw malformed(set.entry);
  const metadata = metadataOf(shards[0]);
  const architecture = textOf(metadata.get('general.architecture'));
  return {
    parameters,
    dtypes: shares(counted),
    tensorCount: tensors.length,
    tensors: tensors.slice(0, MOST_TENSORS).map(({ name, dtype, shape }) => ({
      name: shown(name),
      dtype: typeName(dtype),
      // The fastest-changing dimension comes first in the file; people write it last.
      shape: shape.map(Number).reverse(),
    })),
    architecture,
    quantization: quantizationOf(metadata.get('general.file_type')),
    contextLength: countOf(metadata.get(`${architecture ?? ''}.context_length`)),
  };
}

async function readHeader(reader: HeaderReader, path: string): Promise<GGUFParseOutput> {
  const headers = createHeaderFetch(reader.files, reader);
  const header = await gguf(headers.addressOf(path), { fetch: headers.fetch }).catch((error: unknown) => {
    headers.throwIfFailed();
    throw malformed(path, error);
  });
  headers.throwIfFailed();
  // The library takes what lies beyond the end for zeros.
  const file = reader.files.get(path);
  const size = file && (await reader.read(file, 0, 1)).size;
  if (size === undefined || header.tensorInfoByteRange[1] > size) throw malformed(path);
  return header;
}

function metadataOf(header: GGUFParseOutput | undefined): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>(Object.entries(header?.metadata ?? {}));
}

function typeName(type: number): string {
  return (GGMLQuantizationType as Readonly<Record<number, string>>)[type] ?? String(type);
}

function quantizationOf(value: unknown): string | undefined {
  const type = countOf(value);
  return type === undefined
    ? undefined
    : (GGMLFileQuantizationType as Readonly<Record<number, string>>)[type]?.replace(/^MOSTLY_/, '');
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? shown(value) || undefined : undefined;
}

function countOf(value: unknown): number | undefined {
  const count = typeof value === 'bigint' ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}
