import { weightsFormatOf } from '../../core/localModels/fileNames.ts';
import type { CommitName, GitObjectId } from '../../core/objectIds.ts';
import { namesCommit, type PublishedAs } from '../../core/publish/trailer.ts';
import { rowId, type Row, type VersionRow } from '../rows.ts';

/** What the list of a version's files tells of it. */
export interface FileFacts {
  /** Bytes of all its files. */
  readonly size: number;
  /** Formats of its weights, those of the most bytes first, as people call them. */
  readonly formats: readonly string[];
}

/** What a version's row tells besides what the registry's list says. */
export interface VersionDetails {
  /** It is the HEAD of a repository of the workspace, published or as such. */
  readonly head: boolean;
  /** First line of the commit message. */
  readonly subject: string | undefined;
  /** What its message says it was published as. */
  readonly origin: PublishedAs | undefined;
  /** Known once its files are listed. */
  readonly files: FileFacts | undefined;
}

/** What is known of versions' files, of those that were listed. A version never changes. */
export class ListedVersions {
  readonly #known = new Map<string, FileFacts>();

  /** undefined where it is not known. */
  of(row: VersionRow): FileFacts | undefined {
    return this.#known.get(rowId(row));
  }

  /** Takes the facts from all rows below a version. Returns whether they are news. */
  learn(row: VersionRow, children: readonly Row[]): boolean {
    const facts = factsOf(children);
    if (facts === undefined || this.of(row)) return false;
    this.#known.set(rowId(row), facts);
    return true;
  }
}

/** undefined where a page of the files or the size of one is missing. */
function factsOf(children: readonly Row[]): FileFacts | undefined {
  let size = 0;
  const weights = new Map<string, number>();
  for (const child of children) {
    if (child.kind !== 'file' && child.kind !== 'folder') return undefined;
    for (const file of child.kind === 'folder' ? child.files : [child]) {
      if (file.size === undefined) return undefined;
      size += file.size;
      const format = weightsFormatOf(file.path);
      if (format !== undefined) weights.set(format, (weights.get(format) ?? 0) + file.size);
    }
  }
  const formats = [...weights].sort(([, one], [, other]) => other - one).map(([format]) => format);
  return { size, formats };
}

/** Whether a version is one of `heads`: its own commit, or the one that its message says was published as it. */
export function isHead(
  commit: CommitName | undefined,
  message: string | undefined,
  heads: ReadonlySet<GitObjectId>,
): boolean {
  return [...heads].some((head) => head === commit || (message !== undefined && namesCommit(message, head)));
}
