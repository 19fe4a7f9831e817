import * as z from 'zod/mini';
import type { RemoteFile } from '../hub/remoteFile.ts';
import { inWords } from '../schemas.ts';
import type { HeaderReader } from './headerReader.ts';
import { malformed } from './summary.ts';
import { folderOf } from './weightSets.ts';

/** https://huggingface.co/docs/safetensors/metadata_parsing: the file that holds each tensor, beside the index. */
const indexContent = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * The files that an index says hold tensors: paths in the version, each once, in order. Whether they are there is for
 * the caller to see; a name that leads elsewhere is that of no file.
 *
 * @throws Failure `corrupt` where it is no index, and `refused` where it is longer than headers are.
 */
export async function readWeightIndex(reader: HeaderReader, index: RemoteFile): Promise<readonly string[]> {
  const { bytes } = await reader.read(index, 0, Infinity);
  const { data, error } = indexContent.safeParse(parsedJson(bytes.toString()), inWords);
  if (!data) throw malformed(index.path, error);
  return [...new Set(Object.values(data.weight_map))].sort().map((name) => folderOf(index.path) + name);
}

export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
