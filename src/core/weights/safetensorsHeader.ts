import * as z from 'zod/mini';
import type { RemoteFile } from '../hub/remoteFile.ts';
import type { HeaderReader } from './headerReader.ts';
import { elements, fits, longHeader, malformed } from './summary.ts';
import { parsedJson } from './weightIndex.ts';

/** A tensor as the header of its file names it. Texts are a stranger's, and as long as they like. */
interface SafetensorsTensor {
  readonly name: string;
  /** Such as `BF16`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Bytes of the file before its data, and before what follows them. */
  readonly begin: number;
  readonly end: number;
}

interface SafetensorsHeader {
  /** In the order of the header. */
  readonly tensors: readonly SafetensorsTensor[];
  /** What programs note besides, under `__metadata__`; a stranger's, too. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Of the length of the header, at the beginning of a file. */
const LENGTH_BYTES = 8;
/** What is read of a header, and what the format allows (`MAX_HEADER_SIZE` of its reference reader). */
const MOST_BYTES = 25_000_000;
const MOST_BYTES_OF_FORMAT = 100_000_000;
/** No dimension is longer; the largest in use are vocabularies, of some hundred thousand words. */
const LONGEST_DIMENSION = 2 ** 32;

const METADATA = '__metadata__';

const natural = z.int().check(z.nonnegative());
const tensorInfo = z.object({
  dtype: z.string(),
  shape: z.array(natural.check(z.maximum(LONGEST_DIMENSION))),
  data_offsets: z.tuple([natural, natural]),
});

/**
 * What a file begins with: 8 bytes of the header's length, JSON, and then the data
 * (https://huggingface.co/docs/safetensors/index#format). Only the header is read.
 *
 * @throws Failure `corrupt` where it is none, or tells of more than the file has room for, and `refused` where it is
 *   longer than what is read.
 */
export async function readSafetensorsHeader(
  reader: Pick<HeaderReader, 'read'>,
  file: RemoteFile,
): Promise<SafetensorsHeader> {
  const { bytes: prefix, size } = await reader.read(file, 0, LENGTH_BYTES);
  if (prefix.length < LENGTH_BYTES) throw malformed(file.path);
  const length = Number(prefix.readBigUInt64LE());
  const dataBegin = LENGTH_BYTES + length;
  if (dataBegin > size || length > MOST_BYTES_OF_FORMAT) throw malformed(file.path);
  if (length > MOST_BYTES) throw longHeader(file.path, length, MOST_BYTES);
  const { bytes } = await reader.read(file, LENGTH_BYTES, dataBegin);
  const header = headerIn(bytes.toString(), dataBegin);
  if (!header?.tensors.every(({ begin, end }) => begin <= end && end <= size)) throw malformed(file.path);
  const numbers = header.tensors.reduce((sum, { shape }) => sum + elements(shape), 0);
  if (!fits(numbers, [size])) throw malformed(file.path);
  return header;
}

/** Undefined where the text is no header. */
function headerIn(text: string, dataBegin: number): SafetensorsHeader | undefined {
  const header = parsedJson(text);
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return undefined;
  const tensors: SafetensorsTensor[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [name, info] of Object.entries(header)) {
    if (name === METADATA) {
      metadata = notes(info);
      continue;
    }
    const { data } = tensorInfo.safeParse(info);
    if (!data) return undefined;
    const [begin, end] = data.data_offsets;
    tensors.push({
      name,
      dtype: data.dtype,
      shape: data.shape,
      begin: dataBegin + begin,
      end: dataBegin + end,
    });
  }
  return { tensors, metadata };
}

/** Texts alone, as the format has them: the rest is no reason to read no tensor. */
function notes(info: unknown): ReadonlyMap<string, string> {
  const entries = typeof info === 'object' && info !== null ? Object.entries(info) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
