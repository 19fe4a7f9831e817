import type { HttpResponse } from '../../http/client.ts';
import { cursorAfter, placeOf, type PagedList } from '../cursors.ts';
import type { RegistryAction } from '../host.ts';
import type { Page } from '../page.ts';
import type { BuildkiteConnection } from './registries.ts';

/** A list that Buildkite is asked for, page by page. */
interface BuildkiteList<A> {
  readonly first: URL;
  /** The list, localised, as it stands in a sentence. */
  readonly subject: string;
  /** Slug; undefined where the request names none. */
  readonly organization?: string;
  /** What it is read for, where that takes a scope of its own. */
  readonly action?: RegistryAction;
  /** The entries of an answer, and where the server says that the list goes on. */
  readonly read: (response: HttpResponse) => { readonly entries: readonly A[]; readonly next?: string | URL };
}

/** The page of a list that `cursor` leads to, else its first, with the entries as the server gives them. */
export async function listPage<A>(
  { apiUrl, requests }: BuildkiteConnection,
  { first, subject, organization, action, read }: BuildkiteList<A>,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<Page<A>> {
  const list: PagedList = { endpoint: apiUrl, setting: 'modelRegistries.apiUrl', subject };
  const place = placeOf(cursor, first, list);
  const response = await requests.get(place.url, subject, organization, signal, action);
  const { entries, next } = read(response);
  const page = { place, entries: entries.length, body: response.body };
  return { items: entries, next: cursorAfter(page, next, list) };
}
