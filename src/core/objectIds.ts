import { createHash, type Hash } from 'node:crypto';

declare const brand: unique symbol;

/** A SHA-256 of content as 64 lower-case hexadecimal digits. */
export type Sha256 = string & { readonly [brand]: 'sha256' };

/** A Git object id (SHA-1) as 40 lower-case hexadecimal digits. */
export type GitObjectId = string & { readonly [brand]: 'gitObjectId' };

/**
 * The name that a registry gives one of its commits. It is opaque: most are Git object ids, others have 64 digits, and
 * some servers name a commit by the revision that leads to it. Names are compared, sent back and shown, and nothing is
 * read out of them.
 */
export type CommitName = string & { readonly [brand]: 'commitName' | 'gitObjectId' };

/** `text` as a SHA-256, or undefined where it is not one. Upper case is folded. */
export function asSha256(text: string): Sha256 | undefined {
  return /^[0-9a-f]{64}$/i.test(text) ? (text.toLowerCase() as Sha256) : undefined;
}

/** `text` as a Git object id, or undefined where it is not one. Upper case is folded. */
export function asGitObjectId(text: string): GitObjectId | undefined {
  return /^[0-9a-f]{40}$/i.test(text) ? (text.toLowerCase() as GitObjectId) : undefined;
}

/** Longer names are in no protocol, and would not be shown as a whole. Characters. */
const LONGEST_NAME = 256;

/**
 * `text` as the name of a commit, or undefined where it names nothing: where it is empty, or could stand in no address
 * or line of text. Upper case is folded in Git object ids only.
 */
export function asCommitName(text: string): CommitName | undefined {
  const git = asGitObjectId(text);
  if (git !== undefined) return git;
  const isName = text !== '' && text.length <= LONGEST_NAME && !/^\.{1,2}$|[\s\p{C}]/u.test(text);
  return isName ? (text as CommitName) : undefined;
}

/** Whether a name can be that of one commit only: a hash, by its form. Words and numbers may lead elsewhere. */
export function isHashName(name: CommitName): boolean {
  return /^[0-9a-f]{40,128}$/i.test(name);
}

/** Begins the Git object id of a blob of `size` bytes: SHA-1 of a header and the content, which the caller adds. */
export function blobHash(size: number | bigint): Hash {
  return createHash('sha1').update(`blob ${size}\0`);
}

/** The Git object id of a blob that is there whole. */
export function blobId(content: Uint8Array): GitObjectId {
  return blobHash(content.byteLength).update(content).digest('hex') as GitObjectId;
}

/** The Git object id of a pointer as https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md#the-pointer has it. */
export function pointerId(sha256: Sha256, size: number): GitObjectId {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`;
  return blobId(Buffer.from(pointer));
}

/** Git object id and SHA-256 of nothing: Git LFS stores no object for it. */
export const EMPTY = {
  gitSha1: 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391' as GitObjectId,
  sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' as Sha256,
} as const;
