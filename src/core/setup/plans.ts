import type { GitObjectId } from '../objectIds.ts';

/** A file that a commit adds, changes or removes. */
export interface PlannedFile {
  /** From the top folder, forward slashes. */
  readonly path: string;
  readonly change: 'added' | 'modified' | 'deleted';
  /** Where its content is kept: in Git itself, or in Git LFS, with a pointer in the commit. */
  readonly store: 'git' | 'lfs';
  /** Bytes; 0 of a file that is removed. */
  readonly size: number;
}

/** A text file that is written for the person, at the top. What stood in it stays. */
export interface WrittenFile {
  readonly path: '.gitignore' | '.gitattributes' | 'README.md';
  /** Lines that it gets. */
  readonly added: readonly string[];
  /** All that it holds then. */
  readonly content: Buffer;
  /** What it holds now; undefined where there is none. */
  readonly before: Buffer | undefined;
}

/** What a line of `.gitignore` keeps out of the commit. */
export interface Ignored {
  /** The line. */
  readonly line: string;
  readonly files: number;
  readonly bytes: number;
}

/** Something in the folder that no commit of it can hold. */
export interface LeftOut {
  readonly path: string;
  /** A repository in the folder; a link that leads out of it, or to nothing that is committed. */
  readonly why: 'nestedRepository' | 'link';
}

/** Who a commit is of. */
export interface Author {
  readonly name: string;
  readonly email: string;
}

/** What Git would do at a commit, and this program does not. */
export type Unobserved =
  /** A hook of that name. */
  | { readonly kind: 'hook'; readonly name: string }
  /** Signs the commit (`commit.gpgsign`). */
  | { readonly kind: 'signature' };

interface Plan {
  /** Absolute path of the folder that is the top of the work tree. */
  readonly top: string;
  /** What the commit holds that its parent does not, sorted by path. */
  readonly files: readonly PlannedFile[];
  /** Those of them that look like they hold secrets. */
  readonly secrets: readonly string[];
  /** Undefined where nobody said who commits here: whoever carries the plan out does. */
  readonly author: Author | undefined;
  readonly leftOut: readonly LeftOut[];
  readonly unobserved: readonly Unobserved[];
}

/** What makes a repository of a folder. */
export interface SetupPlan extends Plan {
  readonly kind: 'setUp';
  /** `new`: there is none. `empty`: there is one without a commit. */
  readonly repository: 'new' | 'empty';
  readonly writes: readonly WrittenFile[];
  /** Whether Git LFS, which keeps some of the files, is not installed. */
  readonly lacksLfs: boolean;
  readonly ignored: readonly Ignored[];
  /** Paths that the index holds and the commit does not, because they are ignored: the index is to lose them. */
  readonly unstaged: readonly string[];
  /** What is certain of the model card's license; undefined where nothing says which it is, or a card is there already. */
  readonly card: { readonly license: string | undefined } | undefined;
}

/** What commits changes. */
export interface CommitPlan extends Plan {
  readonly kind: 'commit';
  /** From `top`, forward slashes: nothing outside of it is committed. Empty for all. */
  readonly folder: string;
  /** The commit that it follows; undefined for the first. */
  readonly parent: GitObjectId | undefined;
}

/** Sum of the bytes that a plan's files have. */
export function bytesOf(files: readonly { readonly size: number }[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
