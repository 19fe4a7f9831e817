import type { Log } from '../log.ts';
import type { GitObjectId } from '../objectIds.ts';
import type { HashMemory } from '../snapshot/hashMemory.ts';
import type { Author } from './plans.ts';

/** How a plan is carried out. */
export interface Making {
  /** The plan's own, or who was asked for where it names none. */
  readonly author: Author;
  readonly message: string;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Absolute path of the Git program; found on PATH where it is left out. */
  readonly git?: string | undefined;
  /** Is told the hashes of large files, so that the publish that follows does not read them again. */
  readonly hashes?: HashMemory | undefined;
  /** Called often, with the bytes of the large files that were read since. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** A commit that was made. */
export interface Made {
  readonly commit: GitObjectId;
  /** Undefined where HEAD is on none. */
  readonly branch: string | undefined;
  /** Numbers of files. */
  readonly files: number;
  readonly lfsFiles: number;
  /**
   * Whether Git LFS looks after its files from now on. `absent`: it is not installed, so that Git takes each of them for
   * changed, and would commit its content, once it is written to. `unused`: there are none, or it was set up before.
   */
  readonly lfs: 'installed' | 'absent' | 'unused';
}
