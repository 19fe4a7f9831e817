import type { IncomingHttpHeaders } from 'node:http';
import { headerText } from '../../http/headerText.ts';

/** Requests of a window that browsing leaves to what a person does meanwhile, such as publishing. */
const RESERVED = 10;

/**
 * How many questions the Hub still takes from one token: it counts them in windows of five minutes, and tells with
 * every answer, also of one that it grants: `RateLimit: "api";r=<left>;t=<seconds>`
 * (https://huggingface.co/docs/hub/rate-limits).
 */
export class RateWindow {
  #left = Infinity;
  #limit = Infinity;
  /** Milliseconds since the epoch. */
  #endsAt = 0;
  readonly #now: () => number;

  /** @param now Milliseconds since the epoch. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** When there are requests for browsing again; undefined where there are some now. */
  get opensAt(): Date | undefined {
    const isUsedUp = this.#left <= Math.min(RESERVED, Math.floor(this.#limit / 10));
    return isUsedUp && this.#endsAt > this.#now() ? new Date(this.#endsAt) : undefined;
  }

  observe(headers: IncomingHttpHeaders): void {
    const window = parametersOf(headerText(headers, 'ratelimit'));
    const [left, seconds] = [window?.get('r'), window?.get('t')];
    if (left === undefined || seconds === undefined) return;
    this.#left = left;
    this.#limit = parametersOf(headerText(headers, 'ratelimit-policy'))?.get('q') ?? Infinity;
    this.#endsAt = this.#now() + seconds * 1000;
  }
}

/** The numbers of the policy `api`; undefined where the header tells of none. */
function parametersOf(header: string | undefined): ReadonlyMap<string, number> | undefined {
  const [, , parameters] = /(^|[,;]\s*)"api"((?:\s*;\s*\w+=\d{1,9})+)/.exec(header ?? '') ?? [];
  if (parameters === undefined) return undefined;
  return new Map(
    [...parameters.matchAll(/(\w+)=(\d+)/g)].map(([, name = '', digits]) => [name, Number(digits)]),
  );
}
