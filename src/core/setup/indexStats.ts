import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';

/** Where the checksum of an index is, from its end. Bytes. */
const CHECKSUM = 20;
const HEADER = 12;
/** The stat data, with the mode that stays as it is. */
const STATS = 40;
const MODE_AT = 24;
const OID = 20;
const EXTENDED = 0x4000;
const SECOND = 1_000_000_000n;

/** The bytes are no index that this program knows. */
class UnknownIndex extends Error {
  override readonly name = 'UnknownIndex';
}

/**
 * An index (https://git-scm.com/docs/index-format, versions 2 to 4) in which the entries at `stats` have those metadata
 * of files, so that Git takes the files for what it has compared. The way that Git itself offers is to read each of
 * them whole, through a filter.
 *
 * @param stats by path from the top. Paths that the index does not hold are passed over.
 */
export function withStats(
  index: Buffer,
  stats: ReadonlyMap<string, BigIntStats>,
  platform: NodeJS.Platform,
): Buffer {
  const patched = Buffer.from(index);
  const version = patched.length < HEADER + CHECKSUM ? 0 : patched.readUInt32BE(4);
  if (patched.toString('latin1', 0, 4) !== 'DIRC' || version < 2 || version > 4) throw new UnknownIndex();
  const end = patched.length - CHECKSUM;
  let at = HEADER;
  let path: Buffer = Buffer.alloc(0);
  for (let left = patched.readUInt32BE(8); left > 0; left -= 1) {
    if (at + STATS + OID + 2 > end) throw new UnknownIndex();
    const isExtended = (patched.readUInt16BE(at + STATS + OID) & EXTENDED) !== 0;
    const nameAt = at + STATS + OID + (isExtended ? 4 : 2);
    const name = version === 4 ? compressedName(patched, nameAt, path) : plainName(patched, nameAt);
    const found = stats.get(name.path.toString('utf8'));
    if (found !== undefined) writeStats(patched, at, found, platform);
    path = name.path;
    // Entries of the older versions are padded to a multiple of eight, with one to eight bytes.
    at = version === 4 ? name.end : at + Math.ceil((name.end - at) / 8) * 8;
  }
  if (at > end) throw new UnknownIndex();
  // Where Git was told to skip the checksum there are zeros.
  if (!patched.subarray(end).every((byte) => byte === 0)) {
    createHash('sha1').update(patched.subarray(0, end)).digest().copy(patched, end);
  }
  return patched;
}

/** A name, and where the zero behind it ends. */
interface EntryName {
  readonly path: Buffer;
  readonly end: number;
}

function plainName(index: Buffer, at: number): EntryName {
  const zero = index.indexOf(0, at);
  if (zero < 0) throw new UnknownIndex();
  return { path: index.subarray(at, zero), end: zero + 1 };
}

/** How many bytes of the name before are dropped, as a number of variable length, then what follows the rest of it. */
function compressedName(index: Buffer, at: number, previous: Buffer): EntryName {
  let next = at;
  let byte = index.readUInt8(next++);
  let dropped = byte & 0x7f;
  while ((byte & 0x80) !== 0) {
    byte = index.readUInt8(next++);
    dropped = (dropped + 1) * 128 + (byte & 0x7f);
  }
  if (dropped > previous.length) throw new UnknownIndex();
  const { path, end } = plainName(index, next);
  return { path: Buffer.concat([previous.subarray(0, previous.length - dropped), path]), end };
}

function writeStats(index: Buffer, at: number, stats: BigIntStats, platform: NodeJS.Platform): void {
  const isWindows = platform === 'win32';
  // Git for Windows has the time of creation in place of that of change, and no numbers of devices, files and users.
  const changedNs = isWindows ? stats.birthtimeNs : stats.ctimeNs;
  const number = (value: bigint) => (isWindows ? 0n : value);
  const fields = [
    changedNs / SECOND,
    changedNs % SECOND,
    stats.mtimeNs / SECOND,
    stats.mtimeNs % SECOND,
    number(stats.dev),
    number(stats.ino),
    undefined,
    number(stats.uid),
    number(stats.gid),
    sizeField(stats.size),
  ];
  for (const [number, value] of fields.entries()) {
    if (number * 4 === MODE_AT || value === undefined) continue;
    index.writeUInt32BE(Number(BigInt.asUintN(32, value)), at + number * 4);
  }
}

/** Git takes a size of none for a file that it has to read; from 2.43 on it keeps multiples of 4 GiB from that. */
function sizeField(size: bigint): bigint {
  return size !== 0n && BigInt.asUintN(32, size) === 0n ? 0x8000_0000n : size;
}
