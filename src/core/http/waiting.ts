import type { IncomingHttpHeaders } from 'node:http';
import { headerText } from './headerText.ts';

/** A longer one is a time of day, or a mistake: no timer takes it, and some of them lead to no date. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/**
 * How long a server that answered 429 or 503 asks to wait, in milliseconds; undefined where it does not tell.
 * Where it tells more than once, the longest counts: every window has to be open again.
 *
 * Read are `Retry-After` (RFC 9110, section 10.2.3), `RateLimit: "api";r=0;t=55` (IETF draft ratelimit-headers), and
 * what that draft had before: `RateLimit-Remaining` and `RateLimit-Reset`, seconds from now, which some servers have a
 * second time for the user, `RateLimit-User-…`.
 *
 * @param now Milliseconds since the epoch, for a `Retry-After` that is a date.
 */
export function askedWait(
  status: number,
  headers: IncomingHttpHeaders,
  body: Buffer,
  now: number,
): number | undefined {
  const waits = [retryAfter(headerText(headers, 'retry-after'), now)];
  if (status === 429) {
    const refusal = rateLimitBody(body);
    waits.push(
      window(headers, 'ratelimit', refusal.scope === 'rest'),
      window(headers, 'ratelimit-user', refusal.scope === 'rest_user'),
      seconds(refusal.reset),
      ...policies(headerText(headers, 'ratelimit')),
    );
  }
  const known = waits.filter((wait): wait is number => wait !== undefined && wait <= LONGEST_WAIT_MS);
  return known.length > 0 ? Math.max(...known) : undefined;
}

function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const wait = seconds(value);
  if (wait !== undefined) return wait;
  // A weekday or a month, so that Date.parse takes no odd number for a year.
  const date = /[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** The reset of a window, where that window is the one that is used up. */
function window(
  headers: IncomingHttpHeaders,
  prefix: 'ratelimit' | 'ratelimit-user',
  named: boolean,
): number | undefined {
  const usedUp =
    headerText(headers, `${prefix}-remaining`)?.trim() === '0' || headers[`${prefix}-warning`] !== undefined;
  return named || usedUp ? seconds(headerText(headers, `${prefix}-reset`)) : undefined;
}

function rateLimitBody(body: Buffer): { readonly scope?: unknown; readonly reset?: unknown } {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Each used-up policy of a `RateLimit` header: `"name";r=remaining;t=seconds`, separated by commas. */
function policies(header: string | undefined): (number | undefined)[] {
  return (header ?? '').split(',').map((policy) => {
    const parameters = new Map(
      policy
        .split(';')
        .slice(1)
        .map((parameter) => {
          const [name = '', value = ''] = parameter.split('=', 2);
          return [name.trim().toLowerCase(), value.trim()] as const;
        }),
    );
    return parameters.get('r') === '0' ? seconds(parameters.get('t')) : undefined;
  });
}

function seconds(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value * 1000 : undefined;
  if (typeof value !== 'string' || !/^\s*\d{1,12}(?:\.\d{1,6})?\s*$/.test(value)) return undefined;
  return Number(value) * 1000;
}
