import type { AnswerHeaders } from '../routing.ts';

const defaultPageSize = 30;
const largestPageSize = 100;

function positive(text: string | null, fallback: number): number {
  const number = Number(text ?? fallback);
  return Number.isInteger(number) && number > 0 ? number : fallback;
}

function pageSize(query: URLSearchParams): number {
  return Math.min(positive(query.get('per_page'), defaultPageSize), largestPageSize);
}

/** A numbered page of a classic list, with its `Link` header (https://buildkite.com/docs/apis/rest-api#pagination). */
export function numberedPage<Item>(
  items: readonly Item[],
  base: string,
  query: URLSearchParams,
): { readonly items: readonly Item[]; readonly headers: AnswerHeaders } {
  const size = pageSize(query);
  const last = Math.max(1, Math.ceil(items.length / size));
  const page = positive(query.get('page'), 1);
  const links: string[] = [];
  const link = (rel: string, to: number) => {
    const params = new URLSearchParams(query);
    params.set('page', String(to));
    params.set('per_page', String(size));
    links.push(`<${base}?${params.toString()}>; rel="${rel}"`);
  };
  if (page > 1) {
    link('prev', Math.min(page - 1, last));
    link('first', 1);
  }
  if (page < last) {
    link('next', page + 1);
    link('last', last);
  }
  return {
    items: items.slice((page - 1) * size, page * size),
    headers: links.length > 0 ? { Link: links.join(', ') } : {},
  };
}

/** Absolute URLs; absent where not applicable. */
export interface CursorLinks {
  readonly self: string;
  readonly first?: string;
  readonly prev?: string;
  readonly next?: string;
}

/**
 * A page of a list that is ordered by descending id. A cursor stands between two items, so
 * a page neither repeats nor misses one when items come or go meanwhile.
 */
export function cursorPage<Item extends { readonly id: string }>(
  items: readonly Item[],
  base: string,
  query: URLSearchParams,
): { readonly items: readonly Item[]; readonly links: CursorLinks } {
  const size = pageSize(query);
  const after = cursorId(query.get('after'));
  const before = cursorId(query.get('before'));

  let start = 0;
  let end = Math.min(size, items.length);
  if (after !== undefined) {
    start = countWhile(items, (id) => id >= after);
    end = Math.min(start + size, items.length);
  } else if (before !== undefined) {
    end = countWhile(items, (id) => id > before);
    start = Math.max(0, end - size);
  }
  const page = items.slice(start, end);

  const link = (cursor: Record<string, string>) => {
    const params = new URLSearchParams(query);
    params.delete('after');
    params.delete('before');
    for (const [name, value] of Object.entries(cursor)) params.set(name, value);
    const text = params.toString();
    return text === '' ? base : `${base}?${text}`;
  };
  const sized = { per_page: String(size) };
  const self = query.toString();
  const newest = page[0];
  const oldest = page.at(-1);
  return {
    items: page,
    links: {
      self: self === '' ? base : `${base}?${self}`,
      ...(start > 0 && { first: link(sized) }),
      ...(start > 0 && newest && { prev: link({ before: cursorOf(newest.id), ...sized }) }),
      ...(end < items.length && oldest && { next: link({ after: cursorOf(oldest.id), ...sized }) }),
    },
  };
}

/** How many of the first items fulfil what all after them do not. */
function countWhile(items: readonly { readonly id: string }[], holds: (id: string) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(items[middle]!.id)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Clients must take cursors for opaque, so they do not look like ids. */
function cursorOf(id: string): string {
  return Buffer.from(id).toString('base64url');
}

function cursorId(cursor: string | null): string | undefined {
  return cursor === null ? undefined : Buffer.from(cursor, 'base64url').toString();
}
