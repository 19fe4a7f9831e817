import type { CommitName, GitObjectId } from '../../core/objectIds.ts';
import { namesCommit } from '../../core/publish/trailer.ts';
import { rowId, type Row, type VersionRow } from '../rows.ts';

/** What a version's row tells besides what the registry's list says. */
export interface VersionDetails {
  /** It is the HEAD of a repository of the workspace, published or as such. */
  readonly head: boolean;
  /** First line of the commit message. */
  readonly subject: string | undefined;
  /** Bytes of all its files; known once they are listed. */
  readonly size: number | undefined;
}

export class VersionSizes {
  readonly #sizes = new Map<string, number>();

  /** Bytes; undefined where they are not known. */
  of(row: VersionRow): number | undefined {
    return this.#sizes.get(rowId(row));
  }

  /** Takes the size from all rows below a version. Returns whether that is news. */
  learn(row: VersionRow, children: readonly Row[]): boolean {
    const size = sizeOf(children);
    if (size === undefined || this.of(row) === size) return false;
    this.#sizes.set(rowId(row), size);
    return true;
  }
}

/** Bytes of all files of a version; undefined where a page of them or the size of one is missing. */
function sizeOf(children: readonly Row[]): number | undefined {
  let sum = 0;
  for (const child of children) {
    if (child.kind !== 'file' && child.kind !== 'folder') return undefined;
    for (const { size } of child.kind === 'folder' ? child.files : [child]) {
      if (size === undefined) return undefined;
      sum += size;
    }
  }
  return sum;
}

/** Whether a version is one of `heads`: its own commit, or the one that its message says was published as it. */
export function isHead(
  commit: CommitName | undefined,
  message: string | undefined,
  heads: ReadonlySet<GitObjectId>,
): boolean {
  return [...heads].some((head) => head === commit || (message !== undefined && namesCommit(message, head)));
}
