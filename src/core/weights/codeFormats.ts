import { decompressed, isCompressed, isTar, isZip, type Member, tarMembers, zipMembers } from './archives.ts';
import { type CodeFormat, formatByName, pickleByName } from './codeNames.ts';
import { pickleVerdict } from './pickleOpcodes.ts';

export type { CodeFormat } from './codeNames.ts';

/** How a file begins. {@link CODE_SAMPLE} bytes are enough, fewer may be. */
interface Beginning {
  readonly bytes: Buffer;
  /** Of the whole file, in bytes. */
  readonly size: number;
}

/** Bytes at the beginning of a file by which {@link codeFormatOf} tells. */
export const CODE_SAMPLE = 64 * 1024;

/**
 * The format of a file that can run code when it is loaded, whatever lies beside it; undefined for others. A file
 * whose name many formats share, such as `.bin`, is a pickle unless its content proves that no loader would run any
 * of it: weights of other formats are cleared, a pickle without magic bytes is not.
 *
 * @param path with forward slashes, or a name alone.
 * @param beginning where it is at hand. Without it a file is judged by its name.
 */
export function codeFormatOf(path: string, beginning?: Beginning): CodeFormat | undefined {
  const byName = formatByName(path);
  if (byName !== undefined) return byName;
  const inside = beginning && formatByContent(path, beginning);
  if (inside !== undefined) return inside;
  switch (pickleByName(path)) {
    case 'usual':
      return 'pickle';
    case 'often':
      return beginning && isNoPickle(path, beginning) ? undefined : 'pickle';
    case 'seldom':
      return beginning && !isNoPickle(path, beginning) ? 'pickle' : undefined;
    case 'never':
      return undefined;
  }
}

function formatByContent(path: string, { bytes, size }: Beginning): CodeFormat | undefined {
  if (isProgram(bytes)) return 'program';
  // Without the magic bytes much else begins like a pickle.
  if (hasPickleMagic(bytes) && pickleVerdict(bytes, size) !== 'fails') return 'pickle';
  if (isZip(bytes)) return formatOfMembers(path, [...zipMembers(bytes)]);
  if (isTar(bytes)) return formatOfMembers(path, [...tarMembers(bytes)]);
  const inner = decompressed(bytes);
  if (inner.length > 0) return formatByContent(path, { bytes: inner, size: Infinity });
  if (isNumpyOfObjects(bytes)) return 'pickle';
  return formatOfText(path, bytes);
}

/** Of an archive: that of the first file in it that has one. */
function formatOfMembers(path: string, members: readonly Member[]): CodeFormat | undefined {
  // https://github.com/pytorch/pytorch/blob/main/torch/csrc/jit/docs/serialization.md
  if (members.some(({ name }) => /(?:^|\/)(?:constants\.pkl$|code\/__torch__)/.test(name)))
    return 'torchScript';
  const isPlainArchive = /\.(?:zip|tar|tgz|gz)$/i.test(path);
  for (const { name, beginning } of members) {
    const likely = pickleByName(name);
    const isPickle =
      likely === 'usual' || (likely === 'often' && isPlainArchive) || isNumpyOfObjects(beginning);
    const format = formatByName(name) ?? (isPickle ? 'pickle' : undefined);
    if (format !== undefined) return format;
  }
  return undefined;
}

/** ELF, Mach-O, Windows (by its header, or as a program for every system begins), and `#!`. */
function isProgram(bytes: Buffer): boolean {
  const magic = bytes.toString('hex', 0, 4);
  if (/^(?:7f454c46|feedfac[ef]|c[ef]faedfe|cafebabe)$/.test(magic)) return true;
  const text = bytes.toString('latin1', 0, 6);
  if (/^#! ?\//.test(text) || text === 'MZqFpD') return true;
  if (!text.startsWith('MZ') || bytes.length < 64) return false;
  const header = bytes.readUInt32LE(60);
  return bytes.toString('latin1', header, header + 4) === 'PE\0\0';
}

/** An array of Python objects is a pickle (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). */
function isNumpyOfObjects(bytes: Buffer): boolean {
  return isNumpy(bytes) && /'descr':[^}]*'[|<>=]?O\d*'/.test(bytes.toString('latin1', 0, 4096));
}

function isNumpy(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, 6) === '\x93NUMPY';
}

function formatOfText(path: string, bytes: Buffer): CodeFormat | undefined {
  if (/config\.json$/i.test(path) && bytes.includes('"auto_map"')) return 'pythonReference';
  const isYaml = /\.ya?ml$/i.test(path);
  return isYaml &&
    /^[^#\n]*(?:!!|tag:yaml\.org,2002:)python\/(?:object|name|module)/m.test(bytes.toString('latin1'))
    ? 'pythonYaml'
    : undefined;
}

/** Whether the beginning proves that no loader of pickles gets as far as to run something. */
function isNoPickle(path: string, { bytes, size }: Beginning): boolean {
  if (size === 0) return true;
  if (isZip(bytes) || isTar(bytes) || isCompressed(bytes)) return pickleByName(path) === 'seldom';
  return bytes.length > 0 && !hasPickleMagic(bytes) && pickleVerdict(bytes, size) === 'fails';
}

/** The opcode `PROTO`, which pickles of protocol 2 and later begin with. */
function hasPickleMagic([opcode, protocol = 0]: Buffer): boolean {
  return opcode === 0x80 && protocol >= 2 && protocol <= 5;
}
