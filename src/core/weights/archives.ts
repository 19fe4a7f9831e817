import { constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

/** A file in an archive, as far as it was read. */
export interface Member {
  readonly name: string;
  /** How it begins, unpacked; a few hundred bytes. */
  readonly beginning: Buffer;
}

const LOCAL_HEADER = Buffer.from('PK\x03\x04', 'latin1');
const LOCAL_HEADER_BYTES = 30;
const TAR_BLOCK = 512;
/** Bytes of a compressed file that are looked at; DEFLATE makes no more than a thousand times as many of them. */
const COMPRESSED_BYTES = 4096;
const MEMBER_BYTES = 512;

const GZIP = Buffer.from('1f8b', 'hex');
/** How files begin that are compressed, and that loaders unpack by themselves (joblib, pandas, Python's `tarfile`). */
const MAGICS: readonly Buffer[] = [
  GZIP,
  ...['425a68', 'fd377a585a00', '5d0000', '04224d18', '28b52ffd', '377abcaf'].map((hex) =>
    Buffer.from(hex, 'hex'),
  ),
];

export function isZip(bytes: Buffer): boolean {
  return bytes.subarray(0, LOCAL_HEADER.length).equals(LOCAL_HEADER);
}

/**
 * A header's sum is that of its bytes, those of the sum itself taken for spaces (POSIX.1-2001, pax, "ustar
 * Interchange Format").
 */
export function isTar(bytes: Buffer): boolean {
  if (bytes.length < TAR_BLOCK) return false;
  const header = Buffer.from(bytes.subarray(0, TAR_BLOCK)).fill(0x20, 148, 156);
  const stated = /^[\0 ]*([0-7]+)/.exec(bytes.toString('latin1', 148, 156))?.[1];
  return stated !== undefined && parseInt(stated, 8) === header.reduce((sum, byte) => sum + byte, 0);
}

export function isCompressed(bytes: Buffer): boolean {
  if (MAGICS.some((magic) => bytes.subarray(0, magic.length).equals(magic))) return true;
  return isZlib(bytes) && unpacked(inflateSync, bytes).length > 0;
}

/** What a file of gzip or zlib begins with, unpacked; nothing of any other. */
export function decompressed(bytes: Buffer): Buffer {
  // To have it refused takes long, and nearly every file would be.
  if (bytes.subarray(0, GZIP.length).equals(GZIP)) return unpacked(gunzipSync, bytes);
  return isZlib(bytes) ? unpacked(inflateSync, bytes) : Buffer.alloc(0);
}

/** Whether it begins as zlib does, which weights may, too (RFC 1950, 2.2): the two bytes are a multiple of 31. */
function isZlib(bytes: Buffer): boolean {
  return bytes[0] === 0x78 && bytes.length > 2 && bytes.readUInt16BE() % 31 === 0;
}

/**
 * The files whose headers lie within the beginning of a ZIP file
 * (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.7).
 */
export function* zipMembers(bytes: Buffer): Iterable<Member> {
  let at = bytes.indexOf(LOCAL_HEADER);
  for (; at !== -1 && at + LOCAL_HEADER_BYTES <= bytes.length; at = bytes.indexOf(LOCAL_HEADER, at + 1)) {
    const isStored = bytes.readUInt16LE(at + 8) === 0;
    const nameEnd = at + LOCAL_HEADER_BYTES + bytes.readUInt16LE(at + 26);
    const data = bytes.subarray(nameEnd + bytes.readUInt16LE(at + 28));
    const beginning = isStored ? data : unpacked(inflateRawSync, data);
    yield {
      name: bytes.toString('utf8', at + LOCAL_HEADER_BYTES, nameEnd),
      beginning: beginning.subarray(0, MEMBER_BYTES),
    };
  }
}

/** The files whose headers lie within the beginning of a tar file. */
export function* tarMembers(bytes: Buffer): Iterable<Member> {
  for (let at = 0; isTar(bytes.subarray(at));) {
    const data = at + TAR_BLOCK;
    const size = parseInt(bytes.toString('latin1', at + 124, at + 136), 8) || 0;
    yield {
      name: bytes.toString('utf8', at, at + 100).replace(/\0[^]*$/, ''),
      beginning: bytes.subarray(data, data + Math.min(size, MEMBER_BYTES)),
    };
    at = data + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
  }
}

/** Nothing where it is not compressed so. The end is missing: all that comes out until there is taken. */
function unpacked(unpack: typeof inflateSync, bytes: Buffer): Buffer {
  try {
    return unpack(bytes.subarray(0, COMPRESSED_BYTES), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}
