import { allOf } from '../async/allOf.ts';
import { Failure } from '../failure.ts';
import type { HubConnection } from '../hub/connection.ts';
import type { RemoteFile } from '../hub/remoteFile.ts';
import { readGguf } from './gguf.ts';
import { createHeaderReader } from './headerReader.ts';
import { readSafetensors } from './safetensors.ts';
import type { WeightsSummary } from './summary.ts';
import { readWeightIndex } from './weightIndex.ts';
import { isWeightIndex, weightSets, type WeightSet } from './weightSets.ts';

const INDEXES_AT_ONCE = 4;

/**
 * The weights of a version, as its indexes put them together. An index that cannot be understood decides nothing.
 *
 * @param files All files of the version.
 * @throws Failure where an index could not be fetched, and the signal's reason when aborted.
 */
export async function readWeightSets(
  hub: HubConnection,
  revision: string,
  files: readonly RemoteFile[],
  signal: AbortSignal,
): Promise<readonly WeightSet[]> {
  const indexes = files.filter(({ path }) => isWeightIndex(path));
  const read = await allOf(indexes, INDEXES_AT_ONCE, signal, async (index, reading) => {
    const paths = await readWeightIndex(createHeaderReader(hub, revision, files, reading), index).catch(
      ifNoIndex,
    );
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
  const reader = createHeaderReader(hub, revision, files, signal);
  const summary = await (set.format === 'gguf'
    ? readGguf(reader, set, signal)
    : readSafetensors(reader, set, signal));
  signal.throwIfAborted();
  return summary;
}
