import { isUtf8 } from 'node:buffer';
import { asGitObjectId, type GitObjectId } from '../../objectIds.ts';

type TreeEntryKind = 'file' | 'link' | 'submodule';

interface EntryOf<Kind extends TreeEntryKind> {
  readonly kind: Kind;
  /** From the repository's top, forward slashes. */
  readonly path: string;
  readonly oid: GitObjectId;
  /** Bytes; 0 for submodules. */
  readonly size: number;
}

export type LinkEntry = EntryOf<'link'>;
export type ContentEntry = EntryOf<'file'>;
export type SubmoduleEntry = EntryOf<'submodule'>;
export type TreeEntry = LinkEntry | ContentEntry | SubmoduleEntry;

export interface TreeListing {
  readonly entries: readonly TreeEntry[];
  /** Paths that are not UTF-8, escaped as {@link escapedPath} does. */
  readonly undecodable: readonly string[];
  /** Paths whose content is not in the repository, as in a partial clone. */
  readonly absent: readonly string[];
}

/** Parses the output of `git ls-tree -r -z -l` (https://git-scm.com/docs/git-ls-tree#_output_format), in one pass. */
export function parseTree(output: Buffer): TreeListing {
  const entries: TreeEntry[] = [];
  const undecodable: string[] = [];
  const absent: string[] = [];
  for (let start = 0; start < output.length;) {
    const nul = output.indexOf(0, start);
    const end = nul < 0 ? output.length : nul;
    const tab = output.indexOf(0x09, start);
    if (tab < 0 || tab > end) {
      throw new Error(`not a line of git ls-tree: ${output.toString('latin1', start, end)}`);
    }
    const header = output.toString('latin1', start, tab);
    const [mode = '', , id = ''] = header.split(' ', 3);
    const size = header.slice(header.lastIndexOf(' '));
    const oid = asGitObjectId(id);
    if (oid === undefined) {
      throw new Error(`not a SHA-1 in git ls-tree: ${id}`);
    }
    const name = output.subarray(tab + 1, end);
    if (isUtf8(name)) {
      const kind = mode === '120000' ? 'link' : mode === '160000' ? 'submodule' : 'file';
      const path = name.toString('utf8');
      entries.push({ kind, path, oid, size: kind === 'submodule' ? 0 : Number(size) });
      // Git writes BAD where it cannot tell.
      if (kind !== 'submodule' && !/^ *\d+$/.test(size)) {
        absent.push(path);
      }
    } else {
      undecodable.push(escapedPath(name));
    }
    start = end + 1;
  }
  return { entries, undecodable, absent };
}

/** A path for people to read: printable ASCII as it is, every other byte and the backslash as `\xNN`. */
export function escapedPath(path: Uint8Array): string {
  return [...path]
    .map((byte) =>
      byte >= 0x20 && byte < 0x7f && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
}
