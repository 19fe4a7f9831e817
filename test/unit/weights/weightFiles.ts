/** Weights as programs write them, of a few bytes: only the headers matter, and the data are zeros. */

export interface TensorShape {
  readonly dtype: string;
  readonly shape: readonly number[];
}

const BITS: Readonly<Record<string, number>> = { F32: 32, F16: 16, BF16: 16, I32: 32, U8: 8 };

/** https://huggingface.co/docs/safetensors/index#format */
export function safetensors(tensors: Readonly<Record<string, TensorShape>>): Buffer {
  let end = 0;
  const header = Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape }]) => {
      const begin = end;
      end += shape.reduce((product, length) => product * length, 1) * ((BITS[dtype] ?? 8) / 8);
      return [name, { dtype, shape, data_offsets: [begin, end] }];
    }),
  );
  return Buffer.concat([
    safetensorsHeader(JSON.stringify({ __metadata__: { format: 'pt' }, ...header })),
    Buffer.alloc(end),
  ]);
}

/** A header of that text, whatever it is. */
export function safetensorsHeader(text: string, length = BigInt(Buffer.byteLength(text))): Buffer {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length);
  return Buffer.concat([prefix, Buffer.from(text)]);
}

export type GgufValue = string | number | readonly string[];

export interface GgufTensor {
  readonly name: string;
  /** The fastest-changing dimension first, as in the file. */
  readonly shape: readonly bigint[];
  /** ggml type: 0 is F32, 1 is F16, 2 is Q4_0. */
  readonly type: number;
}

/** https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, version 3 */
export function gguf(
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
  {
    tensorCount = BigInt(tensors.length),
    valueCount = BigInt(Object.keys(metadata).length),
    data = 4096,
  }: { readonly tensorCount?: bigint; readonly valueCount?: bigint; readonly data?: number } = {},
): Buffer {
  return Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(tensorCount),
    u64(valueCount),
    ...Object.entries(metadata).flatMap(([key, value]) => [text(key), ...ggufValue(value)]),
    ...tensors.flatMap(({ name, shape, type }) => [
      text(name),
      u32(shape.length),
      ...shape.map(u64),
      u32(type),
      u64(0n),
    ]),
    Buffer.alloc(data),
  ]);
}

function ggufValue(value: GgufValue): Buffer[] {
  if (typeof value === 'number') return [u32(4), u32(value)];
  if (typeof value === 'string') return [u32(8), text(value)];
  return [u32(9), u32(8), u64(BigInt(value.length)), ...value.map(text)];
}

function text(value: string): Buffer {
  return Buffer.concat([u64(BigInt(Buffer.byteLength(value))), Buffer.from(value)]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
