import { allOf } from '../async/allOf.ts';
import type { RemoteFile } from '../hub/remoteFile.ts';
import type { HeaderReader } from './headerReader.ts';
import { missingShards, refuseMissingShards } from './missingShards.ts';
import { countParameters } from './packing.ts';
import { storedAs } from './quantization.ts';
import { readSafetensorsHeader } from './safetensorsHeader.ts';
import { MOST_TENSORS, type WeightsSummary, malformed, shown, summedUp } from './summary.ts';
import { parsedJson, readWeightIndex } from './weightIndex.ts';
import { isWeightIndex, type WeightSet } from './weightSets.ts';

const FILES_AT_ONCE = 8;
const CONFIG = 'config.json';
const MOST_CONFIG_BYTES = 1024 * 1024;

/** The format: https://huggingface.co/docs/safetensors/metadata_parsing */
export async function readSafetensors(
  reader: HeaderReader,
  set: WeightSet,
  signal: AbortSignal,
): Promise<WeightsSummary> {
  const holders = await filesOf(reader, set);
  const headers = await allOf(holders, FILES_AT_ONCE, signal, (file) => readSafetensorsHeader(reader, file));
  const tensors = headers.flat();
  const counted = countParameters(tensors, storedAs(await configOf(reader)));
  return {
    ...summedUp(set.entry, holders, counted),
    tensorCount: tensors.length,
    tensors: tensors.slice(0, MOST_TENSORS).map(({ name, dtype, shape }) => ({
      name: shown(name),
      dtype: shown(dtype),
      shape,
    })),
    architecture: undefined,
    quantization: undefined,
    contextLength: undefined,
  };
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

/** The version's configuration, unless it would keep this program busy. */
async function configOf(reader: HeaderReader): Promise<unknown> {
  const file = reader.files.get(CONFIG);
  if (!file || (file.size ?? 0) > MOST_CONFIG_BYTES) return undefined;
  const { bytes } = await reader.read(file, 0, MOST_CONFIG_BYTES);
  return parsedJson(bytes.toString());
}
