/** A list that arrives in pages. `next` is opaque; undefined on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** The items of all pages of a list. */
export async function allPages<T>(
  load: (cursor: string | undefined) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await load(cursor);
    // One by one: as arguments, those of a long page would not fit on the stack.
    for (const item of page.items) items.push(item);
    cursor = page.next;
  } while (cursor !== undefined);
  return items;
}
