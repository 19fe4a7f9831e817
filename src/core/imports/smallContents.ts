/** Contents that are larger are not kept. Bytes. */
export const LARGEST_KEPT = 1024 * 1024;
/** Bytes of all that is kept at once. */
const MOST_KEPT = 32 * 1024 * 1024;

/**
 * Small contents that were fetched, for the next who wants to read them: a plan samples a file, a look reads it, and
 * the commit carries it. What was fetched first goes first.
 */
export class SmallContents {
  readonly #kept = new Map<string, Promise<Buffer>>();
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  /** @param size Bytes, at most {@link LARGEST_KEPT}. @param fetch Called once as long as it is kept, and again after it failed. */
  get(id: string, size: number, fetch: () => Promise<Buffer>): Promise<Buffer> {
    const known = this.#kept.get(id);
    if (known !== undefined) return known;
    const content = fetch();
    this.#kept.set(id, content);
    this.#sizes.set(id, size);
    this.#bytes += size;
    content.catch(() => this.#forget(id, content));
    for (const [oldest, other] of this.#kept) {
      if (this.#bytes <= MOST_KEPT) break;
      if (oldest !== id) this.#forget(oldest, other);
    }
    return content;
  }

  #forget(id: string, content: Promise<Buffer>): void {
    if (this.#kept.get(id) !== content) return;
    this.#bytes -= this.#sizes.get(id) ?? 0;
    this.#kept.delete(id);
    this.#sizes.delete(id);
  }
}
