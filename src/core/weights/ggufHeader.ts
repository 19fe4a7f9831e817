import type { RemoteFile } from '../hub/remoteFile.ts';
import type { HeaderReader } from './headerReader.ts';
import { malformed } from './summary.ts';

/** A tensor as the header of its file names it. Its name is a stranger's, and as long as they like. */
interface GgufTensor {
  readonly name: string;
  /** By ggml's number. */
  readonly type: number;
  /** The fastest-changing dimension first, as in the file. */
  readonly shape: readonly number[];
  /** Bytes of the file before its data. */
  readonly begin: number;
}

export type GgufValue = string | number | bigint | boolean | GgufList;

/** Of lists no value is read: they are vocabularies of megabytes. */
interface GgufList {
  /** The number of its values' type. */
  readonly type: number;
  readonly length: number;
  /** Its values as they lie in the file: a view of all that was read of it. */
  readonly bytes: Buffer;
}

export interface GgufHeader {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
  /** Bytes of the whole file. */
  readonly size: number;
}

/** Most headers with a vocabulary fit, or fit into a few times as many. */
const FIRST_BYTES = 2 * 1024 * 1024;

/**
 * What a file begins with (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 1 to 3, of either byte
 * order). No more is kept than was received: what a header says of its lengths is believed when the bytes are there.
 *
 * @throws Failure `corrupt` where it is no header, or tells of more than the file has room for, and `refused` where it
 *   is longer than what is read.
 */
export async function readGgufHeader(
  reader: Pick<HeaderReader, 'read'>,
  file: RemoteFile,
): Promise<GgufHeader> {
  for (let end = FIRST_BYTES; ; end *= 2) {
    const { bytes, size } = await reader.read(file, 0, end);
    try {
      return { ...parse(new Cursor(bytes, size)), size };
    } catch (error) {
      if (error instanceof Unreadable) throw malformed(file.path, error);
      if (!(error instanceof Unread)) throw error;
    }
  }
}

/** Whatever follows, it is no header. */
class Unreadable extends Error {}

/** The header goes on after the bytes that are there, and so does the file. */
class Unread extends Error {}

const MAGIC = 'GGUF';
const DEFAULT_ALIGNMENT = 32;
/** ggml knows four. */
const MOST_DIMENSIONS = 8;
/** No dimension is longer; the largest in use are vocabularies, of some hundred thousand words. */
const LONGEST_DIMENSION = 2 ** 32;
/** Lists of lists of lists. */
const DEEPEST_LIST = 4;

/** @throws Unread, Unreadable */
function parse(cursor: Cursor): Omit<GgufHeader, 'size'> {
  cursor.begin();
  const tensorCount = cursor.count(4 + 4 + 4 + 8);
  const valueCount = cursor.count(4 + 4 + 1);
  const metadata = new Map<string, GgufValue>();
  for (let at = 0; at < valueCount; at += 1) metadata.set(cursor.text(), valueAt(cursor, cursor.u32()));
  const tensors: GgufTensor[] = [];
  for (let at = 0; at < tensorCount; at += 1) tensors.push(tensorAt(cursor));
  const alignment = Number(metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT);
  if (!Number.isSafeInteger(alignment) || alignment <= 0) throw new Unreadable('It is aligned to nothing.');
  const data = Math.ceil(cursor.position / alignment) * alignment;
  return { metadata, tensors: tensors.map((tensor) => ({ ...tensor, begin: data + tensor.begin })) };
}

function tensorAt(cursor: Cursor): GgufTensor {
  const name = cursor.text();
  const dimensions = cursor.u32();
  if (dimensions > MOST_DIMENSIONS) throw new Unreadable(`A tensor has ${dimensions} dimensions.`);
  const shape = Array.from({ length: dimensions }, () => cursor.length());
  if (shape.some((length) => length > LONGEST_DIMENSION)) throw new Unreadable('A dimension is too long.');
  return { name, shape, type: cursor.u32(), begin: Number(cursor.u64()) };
}

const TEXT = 8;
const LIST = 9;

function valueAt(cursor: Cursor, type: number): GgufValue {
  if (type === TEXT) return cursor.text();
  return type === LIST ? listAt(cursor, 1) : cursor.number(numberType(type));
}

function listAt(cursor: Cursor, depth: number): GgufList {
  if (depth > DEEPEST_LIST) throw new Unreadable('Lists are in lists without end.');
  const type = cursor.u32();
  const size = type === TEXT || type === LIST ? undefined : numberType(type).size;
  const length = cursor.count(size ?? 4);
  const begin = cursor.position;
  if (size !== undefined) cursor.skip(length * size);
  else {
    for (let at = 0; at < length; at += 1) {
      if (type === LIST) listAt(cursor, depth + 1);
      else cursor.skip(cursor.length());
    }
  }
  return { type, length, bytes: cursor.since(begin) };
}

/** A number or truth value in metadata: its bytes, and how it is read. */
interface NumberType {
  readonly size: number;
  readonly read: (view: DataView, at: number, isLittleEndian: boolean) => number | bigint | boolean;
}

/** By the type that the file names. */
const NUMBERS: ReadonlyMap<number, NumberType> = new Map<number, NumberType>([
  [0, { size: 1, read: (view, at) => view.getUint8(at) }],
  [1, { size: 1, read: (view, at) => view.getInt8(at) }],
  [2, { size: 2, read: (view, at, isLittleEndian) => view.getUint16(at, isLittleEndian) }],
  [3, { size: 2, read: (view, at, isLittleEndian) => view.getInt16(at, isLittleEndian) }],
  [4, { size: 4, read: (view, at, isLittleEndian) => view.getUint32(at, isLittleEndian) }],
  [5, { size: 4, read: (view, at, isLittleEndian) => view.getInt32(at, isLittleEndian) }],
  [6, { size: 4, read: (view, at, isLittleEndian) => view.getFloat32(at, isLittleEndian) }],
  [7, { size: 1, read: (view, at) => view.getUint8(at) !== 0 }],
  [10, { size: 8, read: (view, at, isLittleEndian) => view.getBigUint64(at, isLittleEndian) }],
  [11, { size: 8, read: (view, at, isLittleEndian) => view.getBigInt64(at, isLittleEndian) }],
  [12, { size: 8, read: (view, at, isLittleEndian) => view.getFloat64(at, isLittleEndian) }],
]);

function numberType(type: number): NumberType {
  const known = NUMBERS.get(type);
  if (known === undefined) throw new Unreadable(`There are no values of type ${type}.`);
  return known;
}

/** Reads one value after the other, as far as there are bytes. */
class Cursor {
  readonly #view: DataView;
  readonly #bytes: Buffer;
  readonly #size: number;
  #isLittleEndian = true;
  /** Of lengths and counts. */
  #lengthBytes: 4 | 8 = 8;
  #position = 0;

  /** @param size Bytes of the whole file. */
  constructor(bytes: Buffer, size: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#size = size;
  }

  /** Bytes that were read. */
  get position(): number {
    return this.#position;
  }

  /** What was gone over from there on. */
  since(begin: number): Buffer {
    return this.#bytes.subarray(begin, this.#position);
  }

  /** Reads the magic number and the version, which tell how the rest is written. */
  begin(): void {
    if (this.#bytes.toString('latin1', 0, this.skip(MAGIC.length)) !== MAGIC)
      throw new Unreadable('It is no GGUF.');
    const at = this.skip(4) - 4;
    // Nothing else tells the byte order: versions are small.
    this.#isLittleEndian = this.#view.getUint16(at, true) !== 0;
    const version = this.#view.getUint32(at, this.#isLittleEndian);
    if (version < 1 || version > 3) throw new Unreadable(`There is no version ${version}.`);
    if (version === 1) this.#lengthBytes = 4;
  }

  /** Goes on by so many bytes, and tells where that is. */
  skip(bytes: number): number {
    const end = this.#position + bytes;
    if (end > this.#size) throw new Unreadable('The file ends before its header.');
    if (end > this.#bytes.length) throw new Unread();
    this.#position = end;
    return end;
  }

  u32(): number {
    return this.#view.getUint32(this.skip(4) - 4, this.#isLittleEndian);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.skip(8) - 8, this.#isLittleEndian);
  }

  length(): number {
    return this.#lengthBytes === 4 ? this.u32() : Number(this.u64());
  }

  /** @param bytes Of the shortest of what is counted; the file has to have room for that many. */
  count(bytes: number): number {
    const count = this.length();
    if (count * bytes > this.#size) throw new Unreadable(`The file has no room for ${count} of them.`);
    return count;
  }

  text(): string {
    const length = this.length();
    return this.#bytes.toString('utf8', this.#position, this.skip(length));
  }

  number({ size, read }: NumberType): number | bigint | boolean {
    return read(this.#view, this.skip(size) - size, this.#isLittleEndian);
  }
}
