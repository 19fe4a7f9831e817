/** What the name of a file says of the weights that it is a part of. */
interface ShardName {
  /** The same for all parts of the same weights, and for nothing else in a version. */
  readonly group: string;
  /** The name of the weights, with its folder: `model` of `model-00001-of-00002.fp16.safetensors`. */
  readonly stem: string;
  /** `fp16` of `model-00001-of-00002.fp16.safetensors`; empty where there is none. */
  readonly variant: string;
  readonly number: number;
  readonly total: number;
}

/** Programs differ in how many digits they write (`model-1-of-61.safetensors`). */
const SAFETENSORS_SHARD = /^(.*?)[._-](\d{1,6})-of-(\d{1,6})(?:\.([^./]+))?\.safetensors$/;
/** `llama_split_path` of llama.cpp. */
const GGUF_SHARD = /^(.*)-(\d{5})-of-(\d{5})()\.gguf$/;

/** Undefined where the name does not say that there are other files. */
export function shardName(path: string): ShardName | undefined {
  const match = GGUF_SHARD.exec(path) ?? SAFETENSORS_SHARD.exec(path);
  if (!match) return undefined;
  const [, stem = '', number, total = '', variant = ''] = match;
  return {
    group: `${stem}/${total}/${variant}/${path.endsWith('.gguf') ? 'gguf' : 'safetensors'}`,
    stem,
    variant,
    number: Number(number),
    total: Number(total),
  };
}
