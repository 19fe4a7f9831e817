import type { HubClientOptions, RemoteFile } from '../hub/client.ts';
import { readGguf } from './gguf.ts';
import { createHeaderReader } from './headerReader.ts';
import { readSafetensors } from './safetensors.ts';
import type { WeightsSummary } from './summary.ts';
import type { WeightSet } from './weightSets.ts';

/**
 * Reads the headers of `set`, by ranges and never whole files.
 *
 * @param files All files of the version: an index may name others, and the configuration tells how weights are packed.
 * @throws Failure `corrupt` where a header is not one, and the signal's reason when aborted.
 */
export async function readWeights(
  hub: HubClientOptions,
  revision: string,
  set: WeightSet,
  files: readonly RemoteFile[],
  signal: AbortSignal,
): Promise<WeightsSummary> {
  const reader = createHeaderReader(hub, revision, files, signal);
  const summary = await (set.format === 'gguf'
    ? readGguf(reader, set, signal)
    : readSafetensors(reader, set));
  signal.throwIfAborted();
  return summary;
}
