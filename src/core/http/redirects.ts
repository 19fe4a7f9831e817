/** Most redirects followed for one attempt. */
export const MOST_REDIRECTS = 5;

/** Where a 3xx leads. */
type Redirect =
  | { readonly kind: 'follow'; readonly url: URL }
  /** `unsafe`: from https to http, or to another scheme. `method`: a write would be sent again as another one. */
  | { readonly kind: 'refuse'; readonly reason: 'unsafe' | 'method' | 'location' };

/**
 * What to do about an answer with that status, or undefined where it is no redirect.
 * A write is only repeated where the server asks for the same method (RFC 9110, sections 15.4.8 and 15.4.9).
 */
export function redirectOf(
  method: string,
  url: URL,
  status: number,
  location: string | undefined,
): Redirect | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  if (method !== 'GET' && method !== 'HEAD' && status < 307) return { kind: 'refuse', reason: 'method' };
  if (!location || !URL.canParse(location, url.href)) return { kind: 'refuse', reason: 'location' };
  const target = new URL(location, url);
  const safe = target.protocol === 'https:' || (target.protocol === 'http:' && url.protocol === 'http:');
  return safe ? { kind: 'follow', url: target } : { kind: 'refuse', reason: 'unsafe' };
}
