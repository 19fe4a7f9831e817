import type { GitObjectId, Sha256 } from '../objectIds.ts';

/** A file of a commit in the registry. Ids that the server did not tell are undefined. */
export interface RemoteFile {
  readonly path: string;
  /** Bytes of the content. */
  readonly size: number | undefined;
  /** Git object id of the blob; of an LFS file's pointer. */
  readonly gitSha1: GitObjectId | undefined;
  /** Present for an LFS file. */
  readonly sha256: Sha256 | undefined;
}

/** A file of which the server tells nothing but its path. */
export function pathOnly(path: string): RemoteFile {
  return { path, size: undefined, gitSha1: undefined, sha256: undefined };
}

/** Whether a file can bear that path: servers list folders, too, without a path, or with a slash at its end. */
export function isFilePath(path: string): boolean {
  return path !== '' && !path.endsWith('/');
}
