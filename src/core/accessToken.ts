import { inspect } from 'node:util';

const HIDDEN = '[access token]';

/**
 * A token and the origins it was checked against. It goes to no other origin, and it does not show itself when it is
 * printed, inspected or serialised by accident.
 */
export class AccessToken {
  readonly #value: string;
  readonly #origins: ReadonlySet<string>;

  /** @param origins Endpoints this token may be sent to; only their origins (scheme, host, port) count. */
  constructor(value: string, origins: Iterable<URL>) {
    this.#value = value;
    this.#origins = new Set([...origins].map((url) => url.origin));
  }

  /** The value of the `Authorization` header for `url`, or undefined where this token must not go. */
  authorizationFor(url: URL): string | undefined {
    return this.#origins.has(url.origin) ? `Bearer ${this.#value}` : undefined;
  }

  /** The token itself, for the secret store and for the environment of a child process that a person asked for. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
