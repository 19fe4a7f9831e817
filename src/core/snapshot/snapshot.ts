import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Failure } from '../failure.ts';
import type { GitObjectId, Sha256 } from '../objectIds.ts';
import type { CommandText } from '../shells/commandText.ts';

/** How Git LFS is asked for the content of a file. */
export interface LfsPlace {
  /** Where the commit has the pointer, from the repository's top, forward slashes. */
  readonly path: string;
  /** Whether settings of Git LFS may keep it from fetching this file (`lfs.fetchinclude`, `lfs.fetchexclude`). */
  readonly isFiltered: boolean;
  /** There is no server that Git LFS could ask: the repository has no remote, nor says otherwise where one is. */
  readonly isNowhere?: true;
}

/** Where a snapshot's content comes from, and so how what is lost or damaged is got again. */
export type Origin =
  | {
      /** `workTree`: the repository's LFS store lacks the content, and the checked-out file stands in for it. */
      readonly kind: 'git' | 'workTree';
      /** Of a file in Git LFS. */
      readonly lfs?: LfsPlace;
    }
  /** A Hugging Face client downloaded it. */
  | {
      readonly kind: 'download';
      /** The command that gets what is missing; undefined where its names cannot stand in one. */
      readonly complete: CommandText | undefined;
      /** The command that also gets again what is there. */
      readonly renew: CommandText | undefined;
    }
  /** Another hub has it, from where it is read while it is published. */
  | HubOrigin;

/** A version of a model of another hub, or some of its files. */
export interface HubOrigin {
  readonly kind: 'hub';
  /** What `HF_ENDPOINT` would hold. */
  readonly endpoint: URL;
  /** The model's own id there. */
  readonly model: string;
  /** The revision that was asked for. */
  readonly revision: string;
  /** Where the model is, for people and in the registry's commit: the endpoint and the id. */
  readonly address: string;
  /** Of the model, as its card names them; empty where it names none. */
  readonly licenses: readonly string[];
  readonly selection: Selection;
}

/** Which files of a version are meant, in a form that can be written down. */
export type Selection =
  | { readonly kind: 'all' }
  /** Safetensors, without the same weights in other formats. */
  | { readonly kind: 'safetensors' }
  /** One of several GGUF weights, by its first file, and what is no weights. */
  | { readonly kind: 'gguf'; readonly entry: string }
  /** Files that match any of the patterns: `files/pathPatterns.ts`. */
  | { readonly kind: 'patterns'; readonly patterns: readonly string[] };

/** A file kept in Git itself. */
export interface BlobFile {
  readonly kind: 'blob';
  /** The snapshot's. */
  readonly origin: Origin;
  /** Relative to the published folder, forward slashes, exactly as in the commit. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly gitSha1: GitObjectId;
  /**
   * The content, from byte `start` (default 0). Nobody reads on from `end` (default: its size), and what comes from afar
   * ends there. The caller destroys the stream when it stops early.
   */
  open(start?: number, end?: number): Promise<Readable>;
  /** The content of a small file, without the cost of a stream; absent where it is better read as one. */
  whole?(): Promise<Buffer>;
}

/** A file whose commit holds a Git LFS pointer: hash and size are known without reading the content. */
export interface LfsFile {
  readonly kind: 'lfs';
  /** The snapshot's, or where the content was last opened otherwise. */
  readonly origin: Origin;
  readonly path: string;
  /** Bytes of the content, not of the pointer. */
  readonly size: number;
  readonly sha256: Sha256;
  /** Git object id of the pointer. */
  readonly gitSha1: GitObjectId;
  /**
   * Whether the content is on this machine: in the LFS store, or by all that is known without reading it, in the work
   * tree. Only reading it whole proves it. Throws an `unpublishable` failure where a link is in its place.
   */
  present(): Promise<boolean>;
  /** The content, from byte `start` (default 0) up to `end` exclusive. Throws a `missingObject` failure without it. */
  open(start?: number, end?: number): Promise<Readable>;
  /**
   * The file that holds the content, opened for reading: the way to read much of it fast. Whoever opens it closes it.
   * Throws as {@link open} does; absent where the content is in no file of its own.
   */
  openFile?(): Promise<FileHandle>;
  /**
   * `once`: it comes from afar, and to read a byte twice costs as much as to have twice as many. Absent: it is read as
   * suits the reader.
   */
  readonly reading?: 'once';
}

export type SnapshotFile = BlobFile | LfsFile;

/** A change that is in the work tree or index but not in the commit, and therefore stays behind. */
export interface UncommittedChange {
  /** Relative to the published folder. */
  readonly path: string;
  /**
   * `touched`: a file whose size is the one that it had, but whose times or place are not what Git's index remembers.
   * Whether it differs only its whole content could tell, which is too much to read for that, as in Git LFS; or a
   * filter, which is not run.
   */
  readonly kind: 'modified' | 'added' | 'deleted' | 'renamed' | 'untracked' | 'conflicted' | 'touched';
}

/**
 * One commit's files, as they will be published. Nothing in it depends on the work tree, but `uncommitted`.
 *
 * A model registry's commits cannot hold symbolic links: a link to a file or folder of the same commit is here as the
 * content of its target, under the link's own path.
 */
export interface Snapshot {
  readonly origin: Origin;
  readonly commit: GitObjectId;
  /** undefined when HEAD is detached, and where Git has no part in the snapshot. */
  readonly branch: string | undefined;
  /** First line of the commit message. */
  readonly subject: string;
  readonly committedAt: Date;
  /** Absolute path of the work tree's top folder; of a model of another hub its address. */
  readonly repository: string;
  /** Absolute paths, links resolved, of the repository's Git folders; absent where Git has no part in the snapshot. */
  readonly gitFolders?: {
    /** The work tree's own, which holds HEAD. */
    readonly own: string;
    /** The one that all work trees of the repository share. */
    readonly common: string;
  };
  /** The published folder relative to `repository`, forward slashes; empty for the whole repository. */
  readonly folder: string;
  /** Sorted by path in code unit order; no path twice. */
  readonly files: readonly SnapshotFile[];
  readonly uncommitted: readonly UncommittedChange[];
  /** Why `uncommitted`, which is empty then, is not known; absent where it is. */
  readonly notCompared?: Failure;
  /**
   * `namespace/name` proposals, best first: README front matter, remote, folder name. Already valid model ids. Reads
   * the model card: whoever knows the model does not ask.
   */
  proposeModels(): Promise<readonly string[]>;
  /**
   * Ends every process and stream that was opened from this snapshot, and resolves when they are gone; aborting the
   * signal that the snapshot was opened with does the same. Afterwards nothing can be opened. May be called more than
   * once.
   */
  dispose(): Promise<void>;
}
