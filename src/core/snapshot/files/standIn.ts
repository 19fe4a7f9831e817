import { isPlainText } from './plainText.ts';

/**
 * What may be in a file in place of the content that its name promises:
 *
 * - `lfsPointer`: a Git LFS pointer (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md), as some servers send
 *   instead of what it stands for.
 * - `link`: the text of a link into a Hugging Face cache, which was copied by something that knows no links.
 * - `annexed`: a pointer of git-annex (https://git-annex.branchable.com/internals/pointer_file/) or of git-xet.
 * - `encrypted`: what git-crypt, transcrypt, age, GnuPG or Ansible make of a file.
 */
export type StandIn = 'lfsPointer' | 'link' | 'annexed' | 'encrypted';

/** Pointers are shorter, and macOS pads the text of a link to this. Bytes. */
export const LONGEST_STAND_IN = 1067;

/** Bytes by which a longer file is known for one. */
const BEGINNING = 64;

const LFS_POINTER =
  /^\s*version https?:\/\/(?:git-lfs\.github\.com|hawser\.github\.com|git-media\.io)\/[^\n]*\n[^]*^oid sha256:[0-9a-f]{64}\s*$/m;
/** huggingface_hub's own links: `../../blobs/<etag>`. */
const OWN_LINK = /^(?:\.\.[/\\])+blobs[/\\](?:[0-9a-f]{2}[/\\])?[^/\\\s]+$/;
const ANNEX_POINTER = /^\/annex\/objects\/\S/;
const ANNEX_LINK = /^(?:\.{1,2}[/\\])*\.git[/\\]annex[/\\]objects[/\\]\S/;
const XET_POINTER = /^# xet version \d/;
/** `Salted__` is OpenSSL's, in base64 where transcrypt writes it. */
const ENCRYPTED =
  /^(?:\0GITCRYPT\0|Salted__|U2FsdGVkX1|age-encryption\.org\/v\d|-----BEGIN (?:AGE ENCRYPTED FILE|PGP MESSAGE)-----|\$ANSIBLE_VAULT;)/;

/**
 * What stands in for a file's content, by how it begins, or by all of it where it is no longer than
 * {@link LONGEST_STAND_IN}; undefined where nothing known does.
 *
 * @param size of the whole file, in bytes.
 */
export function standInOf(beginning: Uint8Array, size: number): StandIn | undefined {
  const text = Buffer.from(
    beginning.buffer,
    beginning.byteOffset,
    Math.min(beginning.length, size > LONGEST_STAND_IN ? BEGINNING : LONGEST_STAND_IN),
  ).toString('latin1');
  if (ENCRYPTED.test(text)) return 'encrypted';
  if (ANNEX_POINTER.test(text) || XET_POINTER.test(text)) return 'annexed';
  if (size > LONGEST_STAND_IN || beginning.length < size) return undefined;
  if (ANNEX_LINK.test(text)) return 'annexed';
  if (LFS_POINTER.test(text)) return 'lfsPointer';
  return isOwnLink(beginning) ? 'link' : undefined;
}

/**
 * Whether the whole content of a file is what something without links made of a link into a Hugging Face cache: the
 * target alone, or as Samba and macOS (`XSym`) or Cygwin (`!<symlink>`) write it.
 */
function isOwnLink(content: Uint8Array): boolean {
  const target = linkTextOf(Buffer.from(content.buffer, content.byteOffset, content.length));
  return target !== undefined && OWN_LINK.test(target);
}

const CYGWIN = Buffer.from('!<symlink>');
const UTF_16_MARK = Buffer.from([0xff, 0xfe]);

function linkTextOf(content: Buffer): string | undefined {
  // mount.cifs(8), mfsymlinks: a line each for the length and for a checksum.
  const [, length] = /^XSym\n(\d{4})\n[0-9a-f]{32}\n/.exec(content.toString('latin1')) ?? [];
  if (length !== undefined) {
    const start = 'XSym\n0000\n'.length + 33;
    return content.toString('utf8', start, start + Number(length)).replace(/\n[^]*$/, '');
  }
  if (content.subarray(0, CYGWIN.length).equals(CYGWIN)) {
    const rest = content.subarray(CYGWIN.length);
    const isWide = rest.subarray(0, 2).equals(UTF_16_MARK);
    return rest.toString(isWide ? 'utf16le' : 'utf8', isWide ? 2 : 0).replace(/\0[^]*$/, '');
  }
  return isPlainText(content, true) ? content.toString('utf8').trimEnd() : undefined;
}
