/** What a claim can be compared with. */
export type PolicyScalar = string | number | boolean | null;

/**
 * A comparison with a claim of a token; of a rule all have to hold.
 * https://buildkite.com/docs/package-registries/security/oidc#claim-rule-matchers
 */
export type Matcher =
  | { readonly kind: 'equals' | 'not_equals'; readonly value: PolicyScalar }
  | { readonly kind: 'in' | 'not_in'; readonly values: readonly PolicyScalar[] }
  | { readonly kind: 'matches'; readonly globs: readonly string[] };

export const MATCHER_KINDS = [
  'equals',
  'not_equals',
  'in',
  'not_in',
  'matches',
] as const satisfies readonly Matcher['kind'][];

/** Whether the value of a claim satisfies it. */
export function holds(matcher: Matcher, claim: PolicyScalar): boolean {
  switch (matcher.kind) {
    case 'equals':
      return claim === matcher.value;
    case 'not_equals':
      return claim !== matcher.value;
    case 'in':
      return matcher.values.includes(claim);
    case 'not_in':
      return !matcher.values.includes(claim);
    case 'matches':
      // It is not applied to what is no text.
      return typeof claim !== 'string' || matcher.globs.some((glob) => globMatches(glob, claim));
  }
}

/**
 * Whether all of `text` is what `glob` stands for: `*` is any text, an empty one and one with slashes too, `?` any one character.
 * Takes time in proportion to the product of both lengths at most.
 */
export function globMatches(glob: string, text: string): boolean {
  const pattern = Array.from(glob);
  const characters = Array.from(text);
  let at = 0;
  let next = 0;
  /** Where the last `*` is, and how much it took so far. */
  let star = -1;
  let taken = 0;
  while (next < characters.length) {
    if (pattern[at] === '*') {
      star = at;
      taken = next;
      at += 1;
    } else if (pattern[at] === '?' || pattern[at] === characters[next]) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      at = star + 1;
      taken += 1;
      next = taken;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every((rest) => rest === '*');
}
