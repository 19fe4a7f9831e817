import type { IncomingHttpHeaders } from 'node:http';
import { headerText } from '../../http/headerText.ts';

/** Requests of a window that browsing leaves to what a person does meanwhile, such as publishing or signing in. */
const RESERVED = 5;
/** How much two answers may differ, in milliseconds, about when the same window ends: resets are whole seconds. */
const SAME_WINDOW_MS = 2000;
/** The window that all requests of one person share, whatever the organization. */
const USER = Symbol('user');

interface Window {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

/**
 * How many requests Buildkite still takes from one token: it counts them per organization and per user, in windows of a minute,
 * and tells both with every answer (https://buildkite.com/docs/apis/rest-api/limits). Other tools of the same person use them up
 * too, so what an answer says outweighs what was counted here.
 *
 * An organization is its slug; undefined where a request names none.
 */
interface RequestWindows {
  /** Counts a request that is about to go out; where too few are left for it, counts nothing and tells when there are more. */
  readonly claim: (organization: string | undefined) => Date | undefined;
  readonly observe: (organization: string | undefined, headers: IncomingHttpHeaders) => void;
  /** The server refused a request (429) and takes none before `until`. */
  readonly refused: (organization: string | undefined, until: Date) => void;
}

/** @param now Milliseconds since the epoch. */
export function createRequestWindows(now: () => number = Date.now): RequestWindows {
  const windows = new Map<string | symbol, Window>();

  function openWindow(key: string | symbol): Window | undefined {
    const window = windows.get(key);
    if (window === undefined || window.endsAt > now()) return window;
    windows.delete(key);
    return undefined;
  }

  function learn(key: string | symbol, found: Window | undefined): void {
    if (!found) return;
    const known = openWindow(key);
    const same = known && Math.abs(known.endsAt - found.endsAt) <= SAME_WINDOW_MS;
    // Requests under way are counted already, but not in an answer that left before them.
    windows.set(
      key,
      same
        ? {
            limit: found.limit,
            remaining: Math.min(known.remaining, found.remaining),
            endsAt: Math.max(known.endsAt, found.endsAt),
          }
        : found,
    );
  }

  function opensAt(organization: string | undefined): number | undefined {
    const usedUp = keys(organization)
      .map(openWindow)
      .filter((window) => window !== undefined)
      .filter(({ limit, remaining }) => remaining <= Math.min(RESERVED, Math.floor(limit / 10)));
    return usedUp.length > 0 ? Math.max(...usedUp.map(({ endsAt }) => endsAt)) : undefined;
  }

  return {
    claim(organization) {
      const at = opensAt(organization);
      if (at !== undefined) return new Date(at);
      for (const key of keys(organization)) {
        const window = openWindow(key);
        if (window) windows.set(key, { ...window, remaining: window.remaining - 1 });
      }
      return undefined;
    },

    observe(organization, headers) {
      learn(keyOf(organization), windowIn(headers, 'ratelimit', now()));
      learn(USER, windowIn(headers, 'ratelimit-user', now()));
    },

    refused(organization, until) {
      if (opensAt(organization) !== undefined) return;
      windows.set(keyOf(organization), { limit: 0, remaining: 0, endsAt: until.getTime() });
    },
  };
}

function keys(organization: string | undefined): readonly (string | symbol)[] {
  return [keyOf(organization), USER];
}

function keyOf(organization: string | undefined): string {
  return organization ?? '';
}

function windowIn(
  headers: IncomingHttpHeaders,
  prefix: 'ratelimit' | 'ratelimit-user',
  now: number,
): Window | undefined {
  const number = (name: string) => {
    const text = headerText(headers, `${prefix}-${name}`)?.trim() ?? '';
    return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  };
  const [limit, remaining, reset] = [number('limit'), number('remaining'), number('reset')];
  if (remaining === undefined || reset === undefined) return undefined;
  return { limit: limit ?? remaining, remaining, endsAt: now + reset * 1000 };
}
