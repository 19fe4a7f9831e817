declare const brand: unique symbol;

/** A SHA-256 of content as 64 lower-case hexadecimal digits. */
export type Sha256 = string & { readonly [brand]: 'sha256' };

/** A Git object id (SHA-1) as 40 lower-case hexadecimal digits. */
export type GitObjectId = string & { readonly [brand]: 'gitObjectId' };

/** `text` as a SHA-256, or undefined where it is not one. Upper case is folded. */
export function asSha256(text: string): Sha256 | undefined {
  return /^[0-9a-f]{64}$/i.test(text) ? (text.toLowerCase() as Sha256) : undefined;
}

/** `text` as a Git object id, or undefined where it is not one. Upper case is folded. */
export function asGitObjectId(text: string): GitObjectId | undefined {
  return /^[0-9a-f]{40}$/i.test(text) ? (text.toLowerCase() as GitObjectId) : undefined;
}
