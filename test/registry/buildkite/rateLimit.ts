import type { AnswerHeaders } from '../routing.ts';

/** Requests allowed per window. Buildkite's defaults: https://buildkite.com/docs/apis/rest-api/limits. */
export interface Limits {
  readonly organization: number;
  readonly user: number;
  readonly windowSeconds: number;
}

export const defaultLimits: Limits = { organization: 200, user: 50, windowSeconds: 60 };

/** One of the two limits that a request counts against, after it was counted. */
export interface Usage {
  readonly scope: 'rest' | 'rest_user';
  readonly limit: number;
  /** Requests in this window, refused ones too. */
  readonly current: number;
  /** Whole seconds until the window ends. */
  readonly reset: number;
}

interface Window {
  endsAt: number;
  count: number;
}

/** Counts requests in fixed windows that begin with the first request. */
export class RateLimiter {
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(limits: Limits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Counts one request and answers both usages. Undefined counts nothing: a caller without a valid token has no window. */
  count(organization: string | undefined, user: string | undefined): readonly [Usage, Usage] {
    return [
      this.#usage('rest', organization, this.#limits.organization),
      this.#usage('rest_user', user, this.#limits.user),
    ];
  }

  #usage(scope: Usage['scope'], key: string | undefined, limit: number): Usage {
    if (key === undefined) return { scope, limit, current: 0, reset: this.#limits.windowSeconds };
    const now = this.#now();
    const name = `${scope} ${key}`;
    let window = this.#windows.get(name);
    if (!window || window.endsAt <= now) {
      window = { endsAt: now + this.#limits.windowSeconds * 1000, count: 0 };
      this.#windows.set(name, window);
    }
    window.count += 1;
    return { scope, limit, current: window.count, reset: Math.ceil((window.endsAt - now) / 1000) };
  }
}

/** The usage that is exceeded, if any. */
export function exceeded(usages: readonly Usage[]): Usage | undefined {
  return usages.find((usage) => usage.current > usage.limit);
}

export function rateLimitHeaders(usages: readonly Usage[]): AnswerHeaders {
  const headers: Record<string, string> = {};
  for (const { scope, limit, current, reset } of usages) {
    const prefix = scope === 'rest' ? 'RateLimit' : 'RateLimit-User';
    headers[`${prefix}-Scope`] = scope;
    headers[`${prefix}-Remaining`] = String(Math.max(0, limit - current));
    headers[`${prefix}-Limit`] = String(limit);
    headers[`${prefix}-Reset`] = String(reset);
    if (current > limit) headers[`${prefix}-Warning`] = 'You have exceeded your API rate limit.';
  }
  return headers;
}

export function rateLimitBody({ scope, limit, current, reset }: Usage): unknown {
  return {
    message: `You have exceeded your API rate limit. Please wait ${reset} seconds before making more requests.`,
    scope,
    limit,
    current,
    reset,
  };
}

/** The windows of an organization: https://buildkite.com/docs/apis/rest-api/organizations/rate-limits */
export function rateLimitStatus(usages: readonly Usage[]): unknown {
  const rest = usages.find(({ scope }) => scope === 'rest');
  const status = ({ limit, current, reset }: Pick<Usage, 'limit' | 'current' | 'reset'>) => ({
    limit,
    current,
    reset,
    reset_at: new Date(Date.now() + reset * 1000).toISOString(),
    enforced: true,
  });
  return {
    scopes: {
      rest: rest && status(rest),
      graphql: status({ limit: 20_000, current: 0, reset: 300 }),
    },
  };
}
