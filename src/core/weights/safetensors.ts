import { type SafetensorsFileHeader, type TensorInfo, parseSafetensorsMetadata } from '@huggingface/hub';
import * as z from 'zod';
import { allOf } from '../async/allOf.ts';
import type { RemoteFile } from '../hub/remoteFile.ts';
import { createHeaderFetch } from './headerFetch.ts';
import type { HeaderReader } from './headerReader.ts';
import { missingShards, refuseMissingShards } from './missingShards.ts';
import { MOST_TENSORS, type WeightsSummary, fits, longHeader, malformed, shares, shown } from './summary.ts';
import { parsedJson, readWeightIndex } from './weightIndex.ts';
import { isWeightIndex, type WeightSet } from './weightSets.ts';

/** Of the length of the header, at the beginning of a file. */
const LENGTH_BYTES = 8;
/** What the library parses, and what the format allows (`MAX_HEADER_SIZE` of its reference reader). */
const MOST_HEADER_BYTES = 25_000_000;
const MOST_HEADER_BYTES_OF_FORMAT = 100_000_000;
const FILES_AT_ONCE = 8;
/** What the library knows an index and a file of weights by. */
const INDEX = 'model.safetensors.index.json';
const FILE = '.safetensors';
const CONFIG = 'config.json';
const MOST_CONFIG_BYTES = 1024 * 1024;
/** A configuration that names more modules is not looked at: each is held against every tensor. */
const MOST_PATTERNS = 1000;

/** The format: https://huggingface.co/docs/safetensors/metadata_parsing */
export async function readSafetensors(
  reader: HeaderReader,
  set: WeightSet,
  signal: AbortSignal,
): Promise<WeightsSummary> {
  const holders = await filesOf(reader, set);
  await allOf(holders, FILES_AT_ONCE, signal, (file) => refuseLongHeader(reader, file));
  const parsed = await parseHeaders(reader, set.entry, holders);
  const files = Object.values(parsed.headers).map(tensorsOf);
  for (const [position, file] of holders.entries()) {
    await refuseMissingData(reader, file, files[position] ?? []);
  }
  const tensors = files.flat();
  const dtypes = shares(
    Object.entries(parsed.parameterCount).map(([dtype, count]) => [dtype, count] as const),
  );
  const parameters = dtypes.reduce((sum, share) => sum + share.parameters, 0);
  if (
    !fits(
      parameters,
      holders.map(({ size }) => size),
    )
  ) {
    throw malformed(set.entry);
  }
  return {
    parameters,
    dtypes,
    tensorCount: tensors.length,
    tensors: tensors.slice(0, MOST_TENSORS).map(([name, { dtype, shape }]) => ({
      name: shown(name),
      dtype: shown(dtype),
      shape,
    })),
    architecture: undefined,
    quantization: undefined,
    contextLength: undefined,
  };
}

type NamedTensor = readonly [name: string, info: TensorInfo];

function tensorsOf(header: SafetensorsFileHeader): readonly NamedTensor[] {
  return Object.entries<TensorInfo>(header).filter(([name]) => name !== '__metadata__');
}

/**
 * The files that hold the tensors, in order: what the index names, or what the names of files say.
 *
 * @throws Failure `corrupt` where one is missing, or where the index is none
 */
async function filesOf(reader: HeaderReader, set: WeightSet): Promise<readonly RemoteFile[]> {
  const index = isWeightIndex(set.entry) ? reader.files.get(set.entry) : undefined;
  if (!index) {
    refuseMissingShards(set);
    return set.files;
  }
  const paths = set.indexed ?? (await readWeightIndex(reader, index));
  const present = paths.flatMap((path) => reader.files.get(path) ?? []);
  if (paths.length === 0) throw malformed(index.path);
  if (present.length < paths.length)
    throw missingShards(index.path, paths.length - present.length, paths.length);
  return present;
}

/**
 * Has the library read them. It gets an index of our own, with a name of our own for each file: those in the version
 * are a stranger's, and it takes fewer of them for names than there are.
 */
async function parseHeaders(reader: HeaderReader, entry: string, holders: readonly RemoteFile[]) {
  const named = holders.map((file, position) => [`${position}${FILE}`, file] as const);
  const index = { weight_map: Object.fromEntries(named.map(([name]) => [name, name])) };
  const config = await modestConfig(reader);
  const headers = createHeaderFetch(
    new Map([...named, ...(config ? [[CONFIG, config] as const] : [])]),
    reader,
    {
      [INDEX]: JSON.stringify(index),
    },
  );
  const parsed = await parseSafetensorsMetadata({
    repo: { type: 'model', name: headers.place.repo },
    hubUrl: headers.place.hubUrl,
    revision: headers.place.revision,
    path: INDEX,
    fetch: headers.fetch,
    computeParametersCount: true,
  }).catch((error: unknown) => {
    headers.throwIfFailed();
    throw malformed(entry, error);
  });
  // The library goes on without a configuration that could not be read.
  headers.throwIfFailed();
  if (!parsed.sharded) throw malformed(entry);
  return parsed;
}

/** The library takes a longer one for damage, which it is not: the format's own reader goes to 100 MB. */
async function refuseLongHeader(reader: HeaderReader, file: RemoteFile): Promise<void> {
  const { length, size } = await headerOf(reader, file);
  if (length > MOST_HEADER_BYTES && length <= MOST_HEADER_BYTES_OF_FORMAT && LENGTH_BYTES + length <= size) {
    throw longHeader(file.path, length, MOST_HEADER_BYTES);
  }
}

/** Refuses a file that ends before its tensors do, or that is too short for what they are said to hold. */
async function refuseMissingData(
  reader: HeaderReader,
  file: RemoteFile,
  tensors: readonly NamedTensor[],
): Promise<void> {
  const { length: headerBytes, size } = await headerOf(reader, file);
  const begin = LENGTH_BYTES + headerBytes;
  const end = tensors.reduce((last, [, { data_offsets }]) => Math.max(last, data_offsets[1]), 0);
  const held = tensors.reduce(
    (sum, [, { shape }]) => sum + shape.reduce((product, length) => product * length, 1),
    0,
  );
  if (begin + end > size || !fits(held, [size])) throw malformed(file.path);
}

/** Bytes of the header that follows its length, and of the whole file. */
async function headerOf(
  reader: HeaderReader,
  file: RemoteFile,
): Promise<{ readonly length: number; readonly size: number }> {
  const { bytes, size } = await reader.read(file, 0, LENGTH_BYTES);
  if (bytes.length < LENGTH_BYTES) throw malformed(file.path);
  return { length: Number(bytes.readBigUInt64LE()), size };
}

const quantization = z
  .object({
    modules_to_not_convert: z.array(z.unknown()).optional(),
    ignore: z.array(z.unknown()).optional(),
  })
  .nullish();
const config = z.object({
  quantization_config: quantization,
  text_config: z.object({ quantization_config: quantization }).nullish(),
});

/** The version's configuration, unless it would keep this program busy. */
async function modestConfig(reader: HeaderReader): Promise<RemoteFile | undefined> {
  const file = reader.files.get(CONFIG);
  if (!file || (file.size ?? 0) > MOST_CONFIG_BYTES) return undefined;
  const { bytes } = await reader.read(file, 0, MOST_CONFIG_BYTES);
  const { data } = config.safeParse(parsedJson(bytes.toString()));
  if (!data) return undefined;
  const patterns = [data.quantization_config, data.text_config?.quantization_config].reduce(
    (sum, one) => sum + (one?.modules_to_not_convert?.length ?? 0) + (one?.ignore?.length ?? 0),
    0,
  );
  return patterns > MOST_PATTERNS ? undefined : file;
}
