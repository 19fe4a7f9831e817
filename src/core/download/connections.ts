import { TransferBudget } from '../async/transferBudget.ts';
import { MOST_CONNECTIONS } from './mostConnections.ts';
import { nextPiece, type ByteRange, type PieceSizes } from './byteRanges.ts';

/** As many as huggingface_hub fetches at once. */
const FIRST_CONNECTIONS = 8;

/** Something of which pieces can be fetched side by side. */
export interface PieceSource {
  /** Its place among the others: the lowest comes first. */
  readonly rank: number;
  /** Bytes that nobody fetches yet. */
  readonly unclaimed: number;
  /**
   * Takes the next piece, whose end `cut` tells; undefined where there is none now. What it gives fetches the piece, and
   * never rejects: it is called at once.
   */
  claim(cut: (gap: ByteRange) => ByteRange): (() => Promise<void>) | undefined;
}

/**
 * The connections of one download, as many as the link is worth: pieces of large contents and whole small ones share
 * them, in the order of their ranks. Nothing is left of it when all sources are removed and their pieces have ended.
 */
export class Connections {
  readonly #budget: TransferBudget;
  readonly #sizes: PieceSizes;
  #sources: readonly PieceSource[] = [];

  /** @param most Connections at once, at most. */
  constructor(most: number, sizes: PieceSizes) {
    this.#budget = new TransferBudget(Math.min(most, MOST_CONNECTIONS), undefined, FIRST_CONNECTIONS);
    this.#sizes = sizes;
  }

  add(source: PieceSource): void {
    this.#sources = [...this.#sources, source].sort((a, b) => a.rank - b.rank);
    this.admit();
  }

  remove(source: PieceSource): void {
    this.#sources = this.#sources.filter((other) => other !== source);
  }

  /** Begins what there are connections for. Owed where a source that had no piece has one. */
  admit(): void {
    while (this.#budget.free > 0) {
      const work = this.#claim();
      if (work === undefined) return;
      void this.#run(work);
    }
  }

  /** Does `work`, which fetches `bytes`, in a connection of its own, when its turn comes. */
  async alone<T>(rank: number, bytes: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const lone = new Lone(rank, bytes, signal, work);
    this.add(lone);
    try {
      return await lone.done;
    } finally {
      this.remove(lone);
      lone.dispose();
    }
  }

  /** Bytes arrived, or, where negative, will arrive again. */
  moved(bytes: number): void {
    this.#budget.moved(bytes);
    this.admit();
  }

  /** A server asked for less, or a connection stood still. */
  congested(): void {
    this.#budget.congested();
  }

  #claim(): (() => Promise<void>) | undefined {
    const unclaimed = this.#sources.reduce((sum, source) => sum + source.unclaimed, 0);
    const cut = (gap: ByteRange): ByteRange => nextPiece(gap, unclaimed, this.#budget.limit, this.#sizes);
    for (const source of this.#sources) {
      const work = source.claim(cut);
      if (work !== undefined) return work;
    }
    return undefined;
  }

  async #run(work: () => Promise<void>): Promise<void> {
    // There is a free one: it is taken before anything else happens.
    const release = await this.#budget.take(NEVER);
    try {
      await work();
    } finally {
      release();
      this.admit();
    }
  }
}

const NEVER = new AbortController().signal;

/** Work in one piece. */
class Lone<T> implements PieceSource {
  readonly rank: number;
  readonly done: Promise<T>;
  readonly #bytes: number;
  readonly #signal: AbortSignal;
  readonly #work: () => Promise<T>;
  #resolve: (value: T) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #isBegun = false;

  constructor(rank: number, bytes: number, signal: AbortSignal, work: () => Promise<T>) {
    this.rank = rank;
    this.#bytes = bytes;
    this.#signal = signal;
    this.#work = work;
    this.done = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    signal.addEventListener('abort', this.#stop, { once: true });
    if (signal.aborted) this.#stop();
  }

  get unclaimed(): number {
    return this.#isBegun ? 0 : this.#bytes;
  }

  claim(): (() => Promise<void>) | undefined {
    if (this.#isBegun || this.#signal.aborted) return undefined;
    this.#isBegun = true;
    return () => this.#work().then(this.#resolve, this.#reject);
  }

  dispose(): void {
    this.#signal.removeEventListener('abort', this.#stop);
  }

  /** Work that has begun heeds the signal by itself. */
  readonly #stop = (): void => {
    if (!this.#isBegun) this.#reject(this.#signal.reason);
  };
}
