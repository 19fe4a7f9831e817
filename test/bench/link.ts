import { setTimeout as delay } from 'node:timers/promises';

/** How far a link may run ahead of its clock, in milliseconds: a timer that fires late by less costs it nothing. */
const DEPTH_MS = 25;

/**
 * A link of a given speed: a token bucket that everything which passes it shares, and that does not fill while nothing
 * passes beyond {@link DEPTH_MS}. The bytes of whoever waits stay in the sockets, so that the other side is held, too.
 */
export class Link {
  readonly #bytesPerMs: number;
  /** When what has passed so far is through, on the clock of `performance.now()`. */
  #freeAt = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** Resolves when so many bytes may be taken as passed; undefined where that is at once. */
  pass(bytes: number): Promise<void> | undefined {
    const now = performance.now();
    this.#freeAt = Math.max(now, this.#freeAt) + bytes / this.#bytesPerMs;
    const early = this.#freeAt - now - DEPTH_MS;
    return early < 1 ? undefined : delay(early);
  }
}

/** The links that bytes of a connection pass: its own, and the one that all share. */
export class Links<Connection extends object> {
  readonly #connectionBytesPerSecond: number | undefined;
  readonly #all: Link | undefined;
  readonly #own = new WeakMap<Connection, Link>();

  /** Bytes per second, each; undefined where nothing is held. */
  constructor(connectionBytesPerSecond: number | undefined, allBytesPerSecond: number | undefined) {
    this.#connectionBytesPerSecond = connectionBytesPerSecond;
    this.#all = allBytesPerSecond === undefined ? undefined : new Link(allBytesPerSecond);
  }

  get isHeld(): boolean {
    return this.#connectionBytesPerSecond !== undefined || this.#all !== undefined;
  }

  async pass(connection: Connection, bytes: number): Promise<void> {
    await this.#of(connection)?.pass(bytes);
    await this.#all?.pass(bytes);
  }

  #of(connection: Connection): Link | undefined {
    if (this.#connectionBytesPerSecond === undefined) return undefined;
    let link = this.#own.get(connection);
    if (link === undefined) {
      link = new Link(this.#connectionBytesPerSecond);
      this.#own.set(connection, link);
    }
    return link;
  }
}
