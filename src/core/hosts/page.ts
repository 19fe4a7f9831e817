/** A list that arrives in pages. `next` is opaque; undefined on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}
