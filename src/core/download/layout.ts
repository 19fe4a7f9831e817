import type { ContentId } from '../snapshot/hfCache/contentId.ts';
import type { CacheConflict, WantedFile } from './downloading.ts';

/** Where the file of a path of the commit stands at the destination. */
export type Standing =
  | 'missing'
  /** Its content is kept here, and needs only a name. */
  | 'stored'
  | 'present'
  /** Something else is there. */
  | 'differing';

/** A content that is whole and proved, and has no name of its own yet. One of its methods is called, once. */
export interface ProvedContent {
  /** Gives it the name `to` (absolute path, on the same file system) in one step. */
  moveTo(to: string): Promise<void>;
  /** It is not needed: what it was gathered in is not left behind. */
  drop(): Promise<void>;
}

/** How a destination holds files. */
export interface Layout {
  /** Absolute path of the folder or file that will hold the model or the file. */
  readonly path: string;
  /** Looks only. Reads a content to tell whether it is the one. Throws a `Failure` where nothing can be put there. */
  look(file: WantedFile, signal: AbortSignal): Promise<Standing>;
  /** What else the destination holds under the name of the model. Looks only. */
  conflict(signal: AbortSignal): Promise<CacheConflict | undefined>;
  /** Makes the folders that every file needs. Before anything below. */
  begin(): Promise<void>;
  /** Absolute path of the file in which a content gathers until it is whole: the same for every download of it. */
  partialFile(id: ContentId): string;
  /**
   * Puts a content under the names of `files`, which all have it; what another process has put there meanwhile stays,
   * where it is the same.
   *
   * @param content `stored`: it is kept here already.
   */
  place(
    files: readonly [WantedFile, ...WantedFile[]],
    content: ProvedContent | 'stored',
    placing: Placing,
  ): Promise<void>;
  /** Notes, once every file has its place, which version this is. `present` are the files that were there before. */
  end(present: readonly WantedFile[]): Promise<void>;
  /** Whether a content that is needed under several names takes its room once for each. Known after {@link begin}. */
  readonly copies: boolean;
}

/** What has been agreed to for the places of files. */
export interface Placing {
  /** Paths at which a person agreed to lose what is there. */
  readonly agreed: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/**
 * What stands between a content's name and `.incomplete`: huggingface_hub takes random digits there, and never
 * continues such a file; these are always ours (“more” in ASCII).
 */
export const PARTIAL_SUFFIX = '.6d6f7265.incomplete';

/** What ends the name of what is noted beside a partial file that is fetched in ranges (“rang” in ASCII). */
const NOTES_SUFFIX = '.72616e67.incomplete';

/** Absolute path of what is noted of the partial file at `path`. */
export function rangeNotesOf(path: string): string {
  return path.slice(0, -PARTIAL_SUFFIX.length) + NOTES_SUFFIX;
}
