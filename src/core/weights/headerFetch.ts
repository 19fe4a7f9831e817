import type { RemoteFile } from '../hub/remoteFile.ts';
import type { HeaderReader } from './headerReader.ts';

/** Where the libraries think the files are. Nothing is ever sent there. */
const PLACE = { hubUrl: 'https://weights.invalid', repo: 'version/files', revision: 'commit' } as const;
const PREFIX = `/${PLACE.repo}/resolve/${PLACE.revision}/`;

/**
 * The version's files as a `fetch` for libraries that read headers of remote files: they learn no address and no token,
 * and every byte comes from `reader`. What could not be read is kept, because libraries do not let every error through.
 */
interface HeaderFetch {
  readonly fetch: typeof fetch;
  /** The address of a file, for the libraries. */
  readonly addressOf: (path: string) => string;
  /** What `@huggingface/hub` is to know of the version. */
  readonly place: typeof PLACE;
  /** Throws why something could not be read, where that is so. */
  throwIfFailed(): void;
}

/**
 * @param files What there is of the version for the libraries, by the path that they are to know it by.
 * @param own Texts that are in no version, by path.
 */
export function createHeaderFetch(
  files: ReadonlyMap<string, RemoteFile>,
  reader: Pick<HeaderReader, 'read'>,
  own: Readonly<Record<string, string>> = {},
): HeaderFetch {
  let failure: { readonly cause: unknown } | undefined;

  async function answer(url: URL, range: string | null): Promise<Response> {
    const path = pathOf(url) ?? '';
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    const start = Number(from ?? 0);
    const whole = from === undefined;
    const found = await read(path, start, whole ? Infinity : Number(to) + 1);
    if (!found) return missing();
    const { bytes, size } = found;
    return new Response(new Uint8Array(bytes), {
      status: whole ? 200 : 206,
      headers: {
        etag: '"weights"',
        'content-length': String(bytes.length),
        'content-range': `bytes ${start}-${Math.max(start, start + bytes.length - 1)}/${size}`,
      },
    });
  }

  async function read(path: string, start: number, end: number) {
    const text = own[path];
    if (text !== undefined) {
      const bytes = Buffer.from(text);
      return { bytes: bytes.subarray(start, end), size: bytes.length };
    }
    const file = files.get(path);
    return file && reader.read(file, start, end);
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
