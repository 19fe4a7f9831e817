import type { Failure } from '../failure.ts';
import type { ContentId } from '../snapshot/hfCache/contentId.ts';
import type { TreeListing } from '../snapshot/hfCache/treeListing.ts';
import type { CommitName, GitObjectId } from '../objectIds.ts';
import type { HubTarget } from '../hosts/host.ts';

/** A version of a model in a registry. */
export interface DownloadSource {
  readonly hub: HubTarget;
  /** `namespace/name`. */
  readonly model: string;
  readonly commit: CommitName;
}

export type DownloadDestination =
  /** Into a folder of a person's choice, as `hf download --local-dir` does. Absolute path; made where it is missing. */
  | { readonly kind: 'folder'; readonly path: string }
  /** Into a Hugging Face cache (https://huggingface.co/docs/hub/local-cache). */
  | {
      readonly kind: 'cache';
      /** Absolute path of the folder that holds the `models--…` folders. */
      readonly folder: string;
      /** Whether links may be tried. Where they are not, or where the platform refuses them, snapshots hold files. */
      readonly links: boolean;
    }
  /** One file under a name of a person's choice, who has agreed to replace what is there. Absolute path. */
  | { readonly kind: 'file'; readonly path: string };

/** A file of the commit that is to come. */
export interface WantedFile {
  /** As in the commit, forward slashes. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly id: ContentId;
}

/** What a download into the cache would come among: libraries load a model by its name, from whichever server. */
export interface CacheConflict {
  /** A snapshot that is there, and that its branch names or that the download is about. */
  readonly snapshot: GitObjectId;
  /** The endpoint that it came from; undefined where another client got it, from wherever. */
  readonly filledFrom: string | undefined;
  /** The branch that would name the download's version from then on; undefined where none would. */
  readonly branch: string | undefined;
}

/** What a download will do, worked out by reading only. */
export interface DownloadPlan {
  readonly source: DownloadSource;
  readonly destination: DownloadDestination;
  /** Absolute path of the folder or file that will hold the model or the file. */
  readonly path: string;
  /** Every file of the commit. */
  readonly listing: TreeListing;
  /** What the destination lacks. */
  readonly missing: readonly WantedFile[];
  /** Those of `missing` that need no fetching: their content is in the cache, under another version. */
  readonly stored: readonly WantedFile[];
  /** What is there already, byte for byte. */
  readonly present: readonly WantedFile[];
  /** What is there with other content, or is something else than a file. It is only replaced where a person agreed. */
  readonly differing: readonly WantedFile[];
  /** Bytes of all files together. */
  readonly totalBytes: number;
  /** Bytes to fetch for `missing`: equal contents count once, what an earlier download left counts not at all. */
  readonly bytes: number;
  /** The branch whose head the commit is, where it is the one that the registry publishes to. */
  readonly branch: string | undefined;
  /** Undefined where the destination is no cache, or what it holds of the model came from the same endpoint. */
  readonly cacheConflict: CacheConflict | undefined;
}

/** Tells at most every 100 ms, and the final numbers. */
export interface DownloadProgress {
  /** On this machine, what an earlier download left included. Falls where a content has to be fetched anew. */
  readonly receivedBytes: number;
  readonly totalBytes: number;
  readonly doneFiles: number;
  readonly totalFiles: number;
}

/** How a download ended. Cancelling is an outcome of its own, never a failure. */
export type DownloadOutcome =
  | {
      readonly kind: 'downloaded';
      /** Absolute path of the folder or file that holds the model or the file now. */
      readonly path: string;
      /** Files that were put there. */
      readonly files: number;
      /** Paths that were left as they are, since nobody agreed to replace them. */
      readonly kept: readonly string[];
      readonly receivedBytes: number;
    }
  | { readonly kind: 'cancelled'; readonly receivedBytes: number }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly receivedBytes: number };

export interface DownloadOptions {
  readonly onProgress: (progress: DownloadProgress) => void;
  /** Aborting stops every socket; what came so far stays, for the next download to go on from. */
  readonly signal: AbortSignal;
  /** Connections at once, at most. Absent: as many as the link is worth. */
  readonly concurrency?: number;
  /** What becomes of the plan's `differing`. */
  readonly differing: 'keep' | 'replace';
  /** A person agreed to the plan's `cacheConflict`. Absent: where there is one by now, it fails with `conflict`. */
  readonly cacheConflict?: 'replace';
}

/** Plans and carries out downloads. One per process. */
export interface Downloader {
  /**
   * Works out by reading only what a download would do. `paths` restricts it to files of the commit; one exactly for a
   * destination of kind `file`. Throws a `Failure`, or the signal's reason when aborted.
   */
  plan(
    source: DownloadSource,
    destination: DownloadDestination,
    options: { readonly signal: AbortSignal; readonly paths?: readonly string[] },
  ): Promise<DownloadPlan>;
  /**
   * Carries a plan out. A file appears under its name only whole, and with the hash that the commit names. Never throws
   * for what a server, a disk or a person does; when it resolves no socket, file handle or timer of it is left.
   */
  download(plan: DownloadPlan, options: DownloadOptions): Promise<DownloadOutcome>;
}
