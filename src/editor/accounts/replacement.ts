/** What a token reaches. */
export interface Reach {
  readonly scopes: ReadonlySet<string>;
  /** Slugs; undefined where they could not be listed. */
  readonly organizations: ReadonlySet<string> | undefined;
}

/**
 * What becomes of a token when another one of the same user is signed in. `keep`: they reach different organizations.
 * `replace`: the new one reaches and may do all that it did. `ask`: something would be lost.
 */
export type Replacement =
  | { readonly kind: 'keep' }
  | { readonly kind: 'replace' }
  | {
      readonly kind: 'ask';
      /** Scopes and organizations that the new one lacks. */
      readonly lost: { readonly scopes: readonly string[]; readonly organizations: readonly string[] };
      /** Whether both can be kept without showing the same rows twice. */
      readonly mayKeep: boolean;
    };

/** Nobody gets the same rows twice, and nobody loses a row or a right unasked. */
export function replacementOf(before: Reach, after: Reach): Replacement {
  const scopes = [...before.scopes].filter((scope) => !after.scopes.has(scope));
  const { organizations: had } = before;
  const { organizations: has } = after;
  if (had === undefined || has === undefined) {
    return { kind: 'ask', lost: { scopes, organizations: [] }, mayKeep: true };
  }
  const organizations = [...had].filter((slug) => !has.has(slug));
  const isDisjoint = had.size > 0 && organizations.length === had.size;
  if (isDisjoint) return { kind: 'keep' };
  if (scopes.length === 0 && organizations.length === 0) return { kind: 'replace' };
  return { kind: 'ask', lost: { scopes, organizations }, mayKeep: organizations.length > 0 };
}
