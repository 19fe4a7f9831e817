import { asGitObjectId, asSha256, type GitObjectId, type Sha256 } from '../../objectIds.ts';
import type { ContentHashes } from '../hashMemory.ts';

/** How a commit names a file's content. */
export type ContentId =
  | { readonly kind: 'blob'; readonly gitSha1: GitObjectId }
  | {
      readonly kind: 'lfs';
      readonly sha256: Sha256;
      /** Git object id of the pointer; undefined where only its content is known. */
      readonly pointer?: GitObjectId | undefined;
    };

/**
 * The name under which huggingface_hub keeps a content, which is the server's ETag: SHA-256 of an LFS file, Git object
 * id of another one (https://huggingface.co/docs/hub/local-cache). Undefined for ETags of another shape.
 */
export function contentIdOf(etag: string): ContentId | undefined {
  const sha256 = asSha256(etag);
  if (sha256 !== undefined) return { kind: 'lfs', sha256 };
  const gitSha1 = asGitObjectId(etag);
  return gitSha1 && { kind: 'blob', gitSha1 };
}

/** Whether both name the same content by the same kind of hash. Where this is false they may still mean the same. */
export function isSameId(one: ContentId, other: ContentId): boolean {
  return one.kind === 'lfs'
    ? other.kind === 'lfs' && one.sha256 === other.sha256
    : other.kind === 'blob' && one.gitSha1 === other.gitSha1;
}

/** Whether content with these hashes is what `id` names. */
export function isNamedBy(hashes: Required<ContentHashes>, id: ContentId): boolean {
  return id.kind === 'lfs' ? id.sha256 === hashes.sha256 : id.gitSha1 === hashes.gitSha1;
}
