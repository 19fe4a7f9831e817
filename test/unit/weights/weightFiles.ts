import type { RemoteFile } from '../../../src/core/hub/remoteFile.ts';
import type { HeaderReader } from '../../../src/core/weights/headerReader.ts';

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

/** The file of a version that has that content. */
export function fileOf(content: Buffer, size = content.length): RemoteFile {
  return { path: 'model', size, gitSha1: undefined, sha256: undefined };
}

/** Reads from memory. @param size That of the whole file, of which `content` is what a server sends before it stops. */
export function memoryReader(content: Buffer, size = content.length): Pick<HeaderReader, 'read'> {
  return {
    read: (_file, start, end) => Promise.resolve({ bytes: content.subarray(start, end), size }),
  };
}

export type GgufValue = string | number | readonly string[];

export interface GgufTensor {
  readonly name: string;
  /** The fastest-changing dimension first, as in the file. */
  readonly shape: readonly bigint[];
  /** ggml type: 0 is F32, 1 is F16, 2 is Q4_0. */
  readonly type: number;
  /** Bytes of the data before its own; 0 where left out. */
  readonly begin?: bigint;
}

interface GgufOptions {
  readonly tensorCount?: bigint;
  readonly valueCount?: bigint;
  /** Bytes after the header. */
  readonly data?: number;
  readonly version?: 1 | 2 | 3;
  readonly isBigEndian?: boolean;
}

/** https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
export function gguf(
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
  {
    tensorCount = BigInt(tensors.length),
    valueCount = BigInt(Object.keys(metadata).length),
    data = 4096,
    version = 3,
    isBigEndian = false,
  }: GgufOptions = {},
): Buffer {
  const number = (bytes: 4 | 8, value: bigint): Buffer => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigUInt64LE(value);
    const written = buffer.subarray(0, bytes);
    return isBigEndian ? written.reverse() : written;
  };
  const u32 = (value: number): Buffer => number(4, BigInt(value));
  const length = (value: bigint): Buffer => number(version === 1 ? 4 : 8, value);
  const text = (value: string): Buffer =>
    Buffer.concat([length(BigInt(Buffer.byteLength(value))), Buffer.from(value)]);
  const typed = (value: GgufValue): Buffer[] => {
    if (typeof value === 'number') return [u32(4), u32(value)];
    if (typeof value === 'string') return [u32(8), text(value)];
    return [u32(9), u32(8), length(BigInt(value.length)), ...value.map(text)];
  };
  return Buffer.concat([
    Buffer.from('GGUF'),
    u32(version),
    length(tensorCount),
    length(valueCount),
    ...Object.entries(metadata).flatMap(([key, value]) => [text(key), ...typed(value)]),
    ...tensors.flatMap(({ name, shape, type, begin = 0n }) => [
      text(name),
      u32(shape.length),
      ...shape.map(length),
      u32(type),
      number(8, begin),
    ]),
    Buffer.alloc(data),
  ]);
}
