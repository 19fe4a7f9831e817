import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { Failure } from '../failure.ts';
import { isEndless, NOTHING_SO_FAR, withPage, type ListSoFar } from '../http/pages.ts';
import { isBelow } from './addresses.ts';

/** A cursor holds a fingerprint of every page before it. */
const MOST_PAGES = 1000;

/** Where a list goes on, and what came before, so that one that leads in circles, or on and on, is noticed. */
const cursorShape = z.object({
  next: z.url(),
  seen: z.array(z.string()),
  soFar: z.object({ pages: z.number(), emptyPages: z.number(), entries: z.number(), bytes: z.number() }),
});

/** A list that a server is asked for. */
export interface PagedList {
  /** Pages are followed nowhere but below it, because the token goes with them. */
  readonly endpoint: URL;
  /** The setting that holds it, with its section. */
  readonly setting: string;
  /** The list, localised, as it stands in a sentence. */
  readonly subject: string;
}

interface ListPlace {
  readonly url: URL;
  /** Fingerprints of the pages before this one. */
  readonly seen: readonly string[];
  readonly soFar: ListSoFar;
}

/** A page as it came from the server. */
interface ReadPage {
  readonly place: ListPlace;
  readonly entries: number;
  /** Of the answer. */
  readonly body: { readonly byteLength: number };
}

/** The first page, or where `cursor` leads. */
export function placeOf(cursor: string | undefined, first: URL, list: PagedList): ListPlace {
  if (cursor === undefined) return { url: first, seen: [], soFar: NOTHING_SO_FAR };
  const { next, seen, soFar } = cursorShape.parse(JSON.parse(cursor));
  return { url: pinned(new URL(next), list), seen, soFar };
}

/**
 * The cursor of the page after another. Throws a `protocol` failure for one on another server, one that was there
 * already, and where the list is longer than any that ends.
 */
export function cursorAfter(
  { place, entries, body }: ReadPage,
  next: string | URL | undefined,
  list: PagedList,
): string | undefined {
  if (next === undefined || next === '') return undefined;
  if (!URL.canParse(String(next), place.url.href)) throw astray(list);
  const url = pinned(new URL(next, place.url), list);
  const seen = [...place.seen, fingerprint(place.url)];
  const soFar = withPage(place.soFar, { entries, bytes: body.byteLength });
  if (seen.includes(fingerprint(url)) || seen.length >= MOST_PAGES || isEndless(soFar)) {
    throw new Failure(
      'protocol',
      l10n.t(
        'The list of {0} at {1} never ends. Report it to its operators.',
        list.subject,
        list.endpoint.host,
      ),
    );
  }
  return JSON.stringify({ next: url.href, seen, soFar });
}

function pinned(url: URL, list: PagedList): URL {
  if (!isBelow(url, list.endpoint)) throw astray(list);
  return url;
}

function astray({ endpoint, setting, subject }: PagedList): Failure {
  return new Failure(
    'protocol',
    l10n.t(
      'The list of {0} goes on outside {1}, which is not followed. Check the setting {2}.',
      subject,
      endpoint.href,
      setting,
    ),
  );
}

function fingerprint(url: URL): string {
  return createHash('sha256').update(url.href).digest('base64url').slice(0, 12);
}
