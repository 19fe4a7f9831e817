import { allOf } from '../async/allOf.ts';
import { Failure } from '../failure.ts';
import type { HubConnection } from '../hub/connection.ts';
import type { RemoteFile } from '../hub/remoteFile.ts';
import { fileTypeName } from './ggmlTypes.ts';
import { countOf, readGguf } from './gguf.ts';
import { createHeaderReader, type HeaderReader } from './headerReader.ts';
import { readSafetensors } from './safetensors.ts';
import { MOST_TENSORS, shown, type WeightsSummary } from './summary.ts';
import { readWeightIndex } from './weightIndex.ts';
import { isWeightIndex, weightSets, type WeightSet } from './weightSets.ts';
import type { MetadataValue, WeightTable } from './weightTable.ts';

/** Gives a reader of files, with an allowance of its own, that reads until the signal aborts. */
export type OpenReader = (signal: AbortSignal) => HeaderReader;

const INDEXES_AT_ONCE = 4;

/** Each is a request, and a version may consist of nothing else. */
const MOST_INDEXES = 200;

/**
 * The weights of a version, as its indexes put them together. An index that cannot be understood decides nothing; nor does
 * one of more than {@link MOST_INDEXES}, of which those in the fewest folders are read.
 *
 * @param files All files of the version.
 * @throws Failure where an index could not be fetched, and the signal's reason when aborted.
 */
export function readWeightSets(
  hub: HubConnection,
  revision: string,
  files: readonly RemoteFile[],
  signal: AbortSignal,
): Promise<readonly WeightSet[]> {
  return weightSetsAmong(files, (reading) => createHeaderReader(hub, revision, files, reading), signal);
}

/** The same of files that are read otherwise. */
export async function weightSetsAmong(
  files: readonly RemoteFile[],
  open: OpenReader,
  signal: AbortSignal,
): Promise<readonly WeightSet[]> {
  const depth = ({ path }: RemoteFile) => path.split('/').length;
  const indexes = files
    .filter(({ path }) => isWeightIndex(path))
    .toSorted((one, other) => depth(one) - depth(other))
    .slice(0, MOST_INDEXES);
  const read = await allOf(indexes, INDEXES_AT_ONCE, signal, async (index, reading) => {
    const paths = await readWeightIndex(open(reading), index).catch(ifNoIndex);
    return paths ? [[index.path, paths] as const] : [];
  });
  return weightSets(files, new Map(read.flat()));
}

/** Whoever reads the weights that it names is told what is wrong with it. */
function ifNoIndex(error: unknown): undefined {
  if (error instanceof Failure && (error.kind === 'corrupt' || error.kind === 'refused')) return undefined;
  throw error;
}

/**
 * Reads the headers of `set`, by ranges and never whole files.
 *
 * @param files All files of the version: an index may name others, and the configuration tells how weights are packed.
 * @throws Failure `corrupt` where a header is not one or a file is missing, `refused` where one is longer than what is
 *   read, and the signal's reason when aborted.
 */
export async function readWeights(
  hub: HubConnection,
  revision: string,
  set: WeightSet,
  files: readonly RemoteFile[],
  signal: AbortSignal,
): Promise<WeightsSummary> {
  return summaryOf(await readWeightTable(createHeaderReader(hub, revision, files, signal), set, signal));
}

/** All that the headers of `set` tell. Throws as {@link readWeights} does. */
export async function readWeightTable(
  reader: HeaderReader,
  set: WeightSet,
  signal: AbortSignal,
): Promise<WeightTable> {
  const read = set.format === 'gguf' ? readGguf : readSafetensors;
  const table = await read(reader, set, signal);
  signal.throwIfAborted();
  return table;
}

function summaryOf({ set, parameters, dtypes, tensors, metadata }: WeightTable): WeightsSummary {
  return {
    parameters,
    dtypes,
    tensorCount: tensors.length,
    tensors: tensors.slice(0, MOST_TENSORS).map(({ name, dtype, shape }) => ({
      name: shown(name),
      dtype: shown(dtype),
      shape,
    })),
    ...(set.format === 'gguf' ? modelOf(metadata) : NO_MODEL),
  };
}

type Model = Pick<WeightsSummary, 'architecture' | 'quantization' | 'contextLength'>;

const NO_MODEL: Model = { architecture: undefined, quantization: undefined, contextLength: undefined };

/** What a GGUF says of its model. */
function modelOf(metadata: ReadonlyMap<string, MetadataValue>): Model {
  const architecture = metadata.get('general.architecture');
  const fileType = countOf(metadata.get('general.file_type'));
  const name = typeof architecture === 'string' ? shown(architecture) || undefined : undefined;
  return {
    architecture: name,
    quantization: fileType === undefined ? undefined : fileTypeName(fileType),
    contextLength: countOf(metadata.get(`${name ?? ''}.context_length`)),
  };
}
