import type { RemoteFile } from '../hub/client.ts';

export type WeightsFormat = 'safetensors' | 'gguf';

/** Files that hold the weights of one model together. A version may have several: components, or the same model quantized otherwise. */
export interface WeightSet {
  readonly format: WeightsFormat;
  /** What the header is read by: the file itself, the index of safetensors shards, or the first GGUF shard. Names the set. */
  readonly entry: string;
  /** The files that hold tensors, in order, at least one. */
  readonly files: readonly RemoteFile[];
}

const INDEX = '.safetensors.index.json';
const SAFETENSORS_SHARD = /^(.*?)[_-]\d{5,6}-of-\d{5,6}\.safetensors$/;
const GGUF_SHARD = /^(.*)-\d{5}-of-(\d{5})\.gguf$/;

/**
 * The weights among a version's files, those first that a client loads by default: what has no folder, and what is called `model`.
 * Shards belong together by their names; which of them count is for the index to say
 * (https://huggingface.co/docs/safetensors/metadata_parsing, and `llama_split_path` of llama.cpp).
 */
export function weightSets(files: readonly RemoteFile[]): readonly WeightSet[] {
  const groups = new Map<string, { format: WeightsFormat; files: RemoteFile[] }>();
  const indexes = new Map<string, string>();
  for (const file of files) {
    if (file.path.endsWith(INDEX)) indexes.set(file.path.slice(0, -INDEX.length), file.path);
    const format = file.path.endsWith('.safetensors')
      ? 'safetensors'
      : file.path.endsWith('.gguf')
        ? 'gguf'
        : undefined;
    if (format === undefined) continue;
    const key = `${format}:${groupOf(file.path)}`;
    const group = groups.get(key) ?? { format, files: [] };
    group.files.push(file);
    groups.set(key, group);
  }
  const sets = [...groups].flatMap(([key, group]): WeightSet[] => {
    const sorted = group.files.toSorted((a, b) => compare(a.path, b.path));
    const [first] = sorted;
    if (!first) return [];
    if (group.format === 'gguf') return [{ format: 'gguf', entry: first.path, files: sorted }];
    const index = indexes.get(key.slice('safetensors:'.length));
    if (index !== undefined && SAFETENSORS_SHARD.test(first.path)) {
      return [{ format: 'safetensors', entry: index, files: sorted }];
    }
    // Shards that no index puts together are files of their own.
    return sorted.map((file) => ({ format: 'safetensors', entry: file.path, files: [file] }));
  });
  return sets.sort((a, b) => rank(a) - rank(b) || compare(a.entry, b.entry));
}

function groupOf(path: string): string {
  const [, shardOf, total = ''] = GGUF_SHARD.exec(path) ?? SAFETENSORS_SHARD.exec(path) ?? [];
  return shardOf === undefined ? path.replace(/\.safetensors$/, '') : shardOf + total;
}

function rank({ entry }: WeightSet): number {
  const [name = '', ...folders] = entry.split('/').reverse();
  const component = ['transformer', 'unet'].includes(folders[0] ?? '') ? 1 : 2;
  return (
    (folders.length === 0 ? 0 : component) * 2 + (/^(?:model|diffusion_pytorch_model)\./.test(name) ? 0 : 1)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
