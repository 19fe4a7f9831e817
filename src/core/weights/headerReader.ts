import * as l10n from '@vscode/l10n';
import prettyBytes from 'pretty-bytes';
import { Failure } from '../failure.ts';
import type { ResponseHead } from '../http/client.ts';
import { headerText } from '../http/headerText.ts';
import { addressesOf } from '../hub/addresses.ts';
import { subjectOfFile, type HubConnection } from '../hub/connection.ts';
import type { RemoteFile } from '../hub/remoteFile.ts';

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;
/** Most headers of safetensors files fit, so that one request is all a file needs. */
const FIRST_BYTES = 64 * KIBIBYTE;
/** GGUF headers with the largest vocabularies known have some 15 MiB. */
const MOST_BYTES_OF_A_FILE = 32 * MEBIBYTE;
/** Of all files of a set together. */
const MOST_BYTES = 96 * MEBIBYTE;
const RETRIES = 2;

/** The beginnings of files of one version. Nothing is kept but what one summary needs. */
export interface HeaderReader {
  /** The files that can be read, by path. */
  readonly files: ReadonlyMap<string, RemoteFile>;
  /**
   * Bytes of a file from `start` up to `end`, exclusive (Infinity: all), or fewer where the file ends before, and its
   * size.
   *
   * @throws Failure `refused` where that is further in than headers go, and the signal's reason when aborted.
   */
  read(
    file: RemoteFile,
    start: number,
    end: number,
  ): Promise<{ readonly bytes: Buffer; readonly size: number }>;
}

/** What is known of a file: its first bytes, and its size, Infinity as long as nobody tells it. */
interface Beginning {
  readonly bytes: Buffer;
  readonly size: number;
}

/**
 * Reads by ranges, `GET /{id}/resolve/{revision}/{path}` with `Range` (RFC 9110, section 14.2). From a server that
 * ignores ranges the beginning is taken and the connection is closed.
 */
export function createHeaderReader(
  hub: HubConnection,
  revision: string,
  files: readonly RemoteFile[],
  signal: AbortSignal,
): HeaderReader {
  const addresses = addressesOf(hub.endpoint, hub.model);
  const beginnings = new Map<string, Promise<Beginning>>();
  let received = 0;

  /** What follows `known`, up to `end`. */
  async function grow(file: RemoteFile, known: Beginning | undefined, end: number): Promise<Beginning> {
    const start = known?.bytes.length ?? 0;
    const limit = limitOf(file, file.size ?? known?.size, end);
    if (limit <= start) return known ?? { bytes: Buffer.alloc(0), size: 0 };
    let chunks: Buffer[] = [];
    let size = file.size;
    await hub.http.receive({
      url: addresses.file(revision, file.path),
      token: hub.token,
      subject: subjectOfFile(hub, file.path),
      retries: RETRIES,
      lane: 'question',
      headers: () => ({ accept: '*/*', range: `bytes=${start}-${limit - 1}` }),
      received: () => 0,
      async take(head, body) {
        chunks = [];
        const range = rangeOf(head, start);
        if (range === undefined) throw notTheRange(file, head);
        size ??= range.size;
        let skip = start - range.from;
        let wanted = limit - start;
        for await (const chunk of body) {
          received += chunk.length;
          if (received > MOST_BYTES) throw tooLong(file);
          const piece = chunk.subarray(Math.min(skip, chunk.length)).subarray(0, wanted);
          skip -= Math.min(skip, chunk.length);
          // The memory of a chunk may be used again.
          if (piece.length > 0) chunks.push(Buffer.from(piece));
          wanted -= piece.length;
          if (wanted === 0) return;
        }
        if (size !== undefined && limit - wanted < Math.min(limit, size)) throw endedEarly(file, head);
        size ??= limit - wanted;
      },
      signal,
    });
    const bytes = Buffer.concat([...(known ? [known.bytes] : []), ...chunks]);
    // Where nobody tells its size, more may follow what was asked for.
    return { bytes, size: size ?? Infinity };
  }

  return {
    files: new Map(files.map((file) => [file.path, file])),
    async read(file, start, end) {
      // One after the other, so that no byte is fetched twice.
      const before = beginnings.get(file.path);
      const after = (async () => {
        const known = await before;
        return known && known.bytes.length >= Math.min(end, known.size)
          ? known
          : grow(file, known, Math.max(end, known ? 0 : FIRST_BYTES));
      })();
      beginnings.set(file.path, after);
      const { bytes, size } = await after;
      return { bytes: bytes.subarray(start, end), size };
    },
  };
}

/**
 * Where reading a file up to `end` ends.
 *
 * @param size Bytes of the file, where that is known.
 * @throws Failure `refused` where that is further in than headers go.
 */
export function limitOf(file: RemoteFile, size: number | undefined, end: number): number {
  const limit = Math.min(end, size ?? MOST_BYTES_OF_A_FILE);
  if (limit > MOST_BYTES_OF_A_FILE) throw tooLong(file);
  return limit;
}

/** Where the body of an answer begins, and the size of the whole where it is told. */
function rangeOf(
  { status, headers }: ResponseHead,
  askedFrom: number,
): { readonly from: number; readonly size: number | undefined } | undefined {
  if (status === 200) {
    const length = headerText(headers, 'content-length');
    return { from: 0, size: length === undefined ? undefined : Number(length) };
  }
  const [, from, total] =
    /^bytes (\d+)-\d+\/(\d{1,15}|\*)$/.exec(headerText(headers, 'content-range') ?? '') ?? [];
  if (status !== 206 || from === undefined || Number(from) !== askedFrom) return undefined;
  return { from: askedFrom, size: total === '*' ? undefined : Number(total) };
}

function tooLong({ path }: RemoteFile): Failure {
  return new Failure(
    'refused',
    l10n.t(
      'The header of “{0}” is longer than the {1} that are read of it.',
      path,
      prettyBytes(MOST_BYTES_OF_A_FILE),
    ),
    { paths: [path] },
  );
}

function notTheRange({ path }: RemoteFile, { url, status }: ResponseHead): Failure {
  return new Failure(
    'protocol',
    l10n.t(
      '{1} did not send the part of “{0}” that was asked for. Report it to its operators.',
      path,
      url.host,
    ),
    { status, paths: [path] },
  );
}

function endedEarly({ path }: RemoteFile, { url, status }: ResponseHead): Failure {
  return new Failure('network', l10n.t('{1} stopped in the middle of “{0}”. Try again.', path, url.host), {
    status,
    paths: [path],
  });
}
