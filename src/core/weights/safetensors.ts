import { type SafetensorsFileHeader, type TensorInfo, parseSafetensorsMetadata } from '@huggingface/hub';
import * as z from 'zod';
import type { RemoteFile } from '../hub/client.ts';
import { createHeaderFetch } from './headerFetch.ts';
import type { HeaderReader } from './headerReader.ts';
import { MOST_TENSORS, type WeightsSummary, fits, malformed, shares, shown } from './summary.ts';
import type { WeightSet } from './weightSets.ts';

/** Of the length of the header, at the beginning of a file. */
const LENGTH_BYTES = 8;
const CONFIG = 'config.json';
const MOST_CONFIG_BYTES = 1024 * 1024;
/** A configuration that names more modules is not looked at: each is held against every tensor. */
const MOST_PATTERNS = 1000;

/** The formats of header and index: https://huggingface.co/docs/safetensors/metadata_parsing */
export async function readSafetensors(reader: HeaderReader, set: WeightSet): Promise<WeightsSummary> {
  const headers = createHeaderFetch(await withModestConfig(reader), reader);
  const parsed = await parseSafetensorsMetadata({
    repo: { type: 'model', name: headers.place.repo },
    hubUrl: headers.place.hubUrl,
    revision: headers.place.revision,
    // It goes into an address as it is.
    path: set.entry.split('/').map(encodeURIComponent).join('/'),
    fetch: headers.fetch,
    computeParametersCount: true,
  }).catch((error: unknown) => {
    headers.throwIfFailed();
    throw malformed(set.entry, error);
  });
  // The library goes on without a configuration that could not be read.
  headers.throwIfFailed();
  const folder = set.entry.slice(0, set.entry.lastIndexOf('/') + 1);
  const files = parsed.sharded
    ? Object.entries(parsed.headers).map(([name, header]) => [folder + name, tensorsOf(header)] as const)
    : [[set.entry, tensorsOf(parsed.header)] as const];
  for (const [path, tensors] of files) await refuseMissingData(reader, path, tensors);
  const tensors = files.flatMap(([, ofFile]) => ofFile);
  const dtypes = shares(
    Object.entries(parsed.parameterCount).map(([dtype, count]) => [dtype, count] as const),
  );
  const parameters = dtypes.reduce((sum, share) => sum + share.parameters, 0);
  if (
    !fits(
      parameters,
      files.map(([path]) => reader.files.get(path)?.size),
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

/** Refuses a file that ends before its tensors do, or that is too short for what they are said to hold. */
async function refuseMissingData(
  reader: HeaderReader,
  path: string,
  tensors: readonly NamedTensor[],
): Promise<void> {
  const file = reader.files.get(path);
  if (!file) throw malformed(path);
  const { bytes, size } = await reader.read(file, 0, LENGTH_BYTES);
  const begin = LENGTH_BYTES + Number(bytes.readBigUInt64LE());
  const end = tensors.reduce((last, [, { data_offsets }]) => Math.max(last, data_offsets[1]), 0);
  const held = tensors.reduce(
    (sum, [, { shape }]) => sum + shape.reduce((product, length) => product * length, 1),
    0,
  );
  if (begin + end > size || !fits(held, [size])) throw malformed(path);
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

/** The version's files, without a configuration that would keep this program busy. */
async function withModestConfig(reader: HeaderReader): Promise<ReadonlyMap<string, RemoteFile>> {
  const { files } = reader;
  const file = files.get(CONFIG);
  if (!file) return files;
  const others = new Map(files);
  others.delete(CONFIG);
  if ((file.size ?? 0) > MOST_CONFIG_BYTES) return others;
  const { bytes } = await reader.read(file, 0, MOST_CONFIG_BYTES);
  const { data } = config.safeParse(parsedJson(bytes.toString()));
  if (!data) return others;
  const patterns = [data.quantization_config, data.text_config?.quantization_config].reduce(
    (sum, one) => sum + (one?.modules_to_not_convert?.length ?? 0) + (one?.ignore?.length ?? 0),
    0,
  );
  return patterns > MOST_PATTERNS ? others : files;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
