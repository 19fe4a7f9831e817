import type { RemoteFile } from '../hub/client.ts';
import type { HeaderReader } from './headerReader.ts';

/** Where the libraries think the files are. Nothing is ever sent there. */
const PLACE = { hubUrl: 'https://weights.invalid', repo: 'version/files', revision: 'commit' } as const;
const PREFIX = `/${PLACE.repo}/resolve/${PLACE.revision}/`;

/**
 * The version's files as a `fetch` for libraries that read headers of remote files: they learn no address and no token, and every byte
 * comes from `reader`. What could not be read is kept, because libraries do not let every error through.
 */
export interface HeaderFetch {
  readonly fetch: typeof fetch;
  /** The address of a file, for the libraries. */
  readonly addressOf: (path: string) => string;
  /** What `@huggingface/hub` is to know of the version. */
  readonly place: typeof PLACE;
  /** Throws why something could not be read, where that is so. */
  throwIfFailed(): void;
}

/** @param files What there is for the libraries, by path. */
export function createHeaderFetch(
  files: ReadonlyMap<string, RemoteFile>,
  reader: Pick<HeaderReader, 'read'>,
): HeaderFetch {
  let failure: { readonly cause: unknown } | undefined;

  async function answer(url: URL, range: string | null): Promise<Response> {
    const file = files.get(pathOf(url) ?? '');
    if (!file) return missing();
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    const start = Number(from ?? 0);
    const whole = from === undefined;
    const { bytes, size } = await reader.read(file, start, whole ? Infinity : Number(to) + 1);
    return new Response(new Uint8Array(bytes), {
      status: whole ? 200 : 206,
      headers: {
        etag: '"weights"',
        'content-length': String(bytes.length),
        'content-range': `bytes ${start}-${Math.max(start, start + bytes.length - 1)}/${size}`,
      },
    });
  }

  return {
    place: PLACE,
    addressOf: (path) => PLACE.hubUrl + PREFIX + path.split('/').map(encodeURIComponent).join('/'),
    throwIfFailed() {
      if (failure) throw failure.cause;
    },
    async fetch(input, init) {
      try {
        const url = new URL(input instanceof Request ? input.url : input);
        return await answer(url, new Headers(init?.headers).get('range'));
      } catch (error) {
        failure ??= { cause: error };
        throw error;
      }
    },
  };
}

/** The file an address of {@link PLACE} names. Undefined for any other. */
function pathOf({ origin, pathname }: URL): string | undefined {
  if (origin !== PLACE.hubUrl || !pathname.startsWith(PREFIX)) return undefined;
  try {
    return pathname.slice(PREFIX.length).split('/').map(decodeURIComponent).join('/');
  } catch {
    return undefined;
  }
}

function missing(): Response {
  return new Response(null, { status: 404, headers: { 'x-error-code': 'EntryNotFound' } });
}
