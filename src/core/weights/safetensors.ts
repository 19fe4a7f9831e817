import { allOf } from '../async/allOf.ts';
import type { RemoteFile } from '../hub/remoteFile.ts';
import { parsePythonJson } from '../pythonJson.ts';
import type { HeaderReader } from './headerReader.ts';
import { missingShards, refuseMissingShards } from './missingShards.ts';
import { countParameters } from './packing.ts';
import { storedAs } from './quantization.ts';
import { readSafetensorsHeader } from './safetensorsHeader.ts';
import { malformed, summedUp } from './summary.ts';
import { readWeightIndex } from './weightIndex.ts';
import { isWeightIndex, type WeightSet } from './weightSets.ts';
import type { WeightTable } from './weightTable.ts';

const FILES_AT_ONCE = 8;
/** Tells how weights are packed. */
export const CONFIG = 'config.json';
const MOST_CONFIG_BYTES = 1024 * 1024;

/** The format: https://huggingface.co/docs/safetensors/metadata_parsing */
export async function readSafetensors(
  reader: HeaderReader,
  set: WeightSet,
  signal: AbortSignal,
): Promise<WeightTable> {
  const files = await filesOf(reader, set);
  const headers = await allOf(files, FILES_AT_ONCE, signal, async (file) => ({
    file: file.path,
    ...(await readSafetensorsHeader(reader, file)),
  }));
  const tensors = headers.flatMap(({ file, tensors: own }) => own.map((tensor) => ({ ...tensor, file })));
  const counted = countParameters(tensors, storedAs(await configOf(reader)));
  return {
    set,
    files,
    tensors,
    // Where files disagree, the first counts.
    metadata: new Map(headers.toReversed().flatMap(({ metadata }) => [...metadata])),
    ...summedUp(set.entry, files, counted),
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
  try {
    return parsePythonJson(bytes.toString());
  } catch {
    return undefined;
  }
}
