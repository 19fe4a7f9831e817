import { openScope, type Scope } from '../async/scope.ts';
import { Failure } from '../failure.ts';
import type { ResponseHead } from '../http/client.ts';
import { headerText } from '../http/headerText.ts';
import { addressesOf } from '../hub/addresses.ts';
import { subjectOfFile, type HubConnection } from '../hub/connection.ts';
import { bytesIn, gapsIn, type ByteRange, type ByteRanges } from './byteRanges.ts';
import type { Connections, PieceSource } from './connections.ts';
import type { WantedFile } from './downloading.ts';
import { noContent, otherLength } from '../hub/contentAnswers.ts';
import { endedEarly } from './endedEarly.ts';
import type { RangedFile } from './rangedFile.ts';

/** Whether the server of a download sends ranges of contents, as far as it was seen. */
export class RangeSupport {
  #seen: 'unknown' | 'given' | 'ignored' = 'unknown';

  get isGiven(): boolean {
    return this.#seen === 'given';
  }

  get isIgnored(): boolean {
    return this.#seen === 'ignored';
  }

  given(): void {
    this.#seen = 'given';
  }

  /** A content came whole though a range was asked for. Another one may be kept where ranges are known. */
  ignored(): void {
    if (this.#seen === 'unknown') this.#seen = 'ignored';
  }
}

interface RangedFetchOptions {
  readonly connection: HubConnection;
  readonly commit: string;
  readonly rank: number;
  readonly connections: Connections;
  readonly support: RangeSupport;
  /** Bytes that came since the last call. */
  readonly onReceived: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** The server answers with something else than the range that it was asked for. */
class Unranged extends Error {
  override readonly name = 'Unranged';
}

/** A range on its way. */
interface Piece extends ByteRange {
  /** The next byte to come. */
  at: number;
}

/**
 * Fetches what a partial file lacks in ranges, several side by side: `GET /{id}/resolve/{commit}/{path}` with `Range:
 * bytes=…` (RFC 9110, section 14). The first one is waited for, unless the server has shown that it knows them.
 * Whether what came is the content is for the caller to see.
 */
export class RangedFetch implements PieceSource {
  readonly rank: number;
  readonly #file: WantedFile;
  readonly #partial: RangedFile;
  readonly #options: RangedFetchOptions;
  readonly #scope: Scope;
  #gaps: ByteRanges;
  #underWay = 0;
  #settle: () => void = () => undefined;

  constructor(file: WantedFile, partial: RangedFile, options: RangedFetchOptions) {
    this.rank = options.rank;
    this.#file = file;
    this.#partial = partial;
    this.#options = options;
    this.#scope = openScope(options.signal);
    this.#gaps = gapsIn(partial.ranges, file.size);
  }

  get unclaimed(): number {
    return bytesIn(this.#gaps);
  }

  /**
   * `unranged`: the server sends no ranges of it; nothing of it is on its way any more. Called once.
   *
   * @throws Failure, and the signal's reason when aborted.
   */
  async run(): Promise<'fetched' | 'unranged'> {
    const { connections, support } = this.#options;
    const settled = new Promise<void>((resolve) => (this.#settle = resolve));
    this.#scope.signal.addEventListener('abort', this.#settle, { once: true });
    try {
      connections.add(this);
      this.#lookWhetherAll();
      await settled;
      await this.#scope.ended();
      return 'fetched';
    } catch (error) {
      if (!(error instanceof Unranged)) throw error;
      support.ignored();
      return 'unranged';
    } finally {
      connections.remove(this);
    }
  }

  claim(cut: (gap: ByteRange) => ByteRange): (() => Promise<void>) | undefined {
    const [gap, ...others] = this.#gaps;
    const waits = this.#underWay > 0 && !this.#options.support.isGiven;
    if (gap === undefined || waits || this.#scope.signal.aborted) return undefined;
    const { start, end } = cut(gap);
    this.#gaps = end < gap.end ? [{ start: end, end: gap.end }, ...others] : others;
    this.#underWay += 1;
    return async () => {
      await this.#scope.begin(() => this.#fetch({ start, end, at: start }));
      this.#underWay -= 1;
      this.#lookWhetherAll();
    };
  }

  #lookWhetherAll(): void {
    const isOver = this.#gaps.length === 0 && this.#underWay === 0;
    if (isOver || this.#scope.signal.aborted) this.#settle();
  }

  async #fetch(piece: Piece): Promise<void> {
    const { connection, commit, connections } = this.#options;
    const { endpoint, token, model, http } = connection;
    await http.receive({
      url: addressesOf(endpoint, model).file(commit, this.#file.path),
      token,
      subject: subjectOfFile(connection, this.#file.path),
      accept: [416],
      headers: () => ({ accept: '*/*', range: `bytes=${piece.at}-${piece.end - 1}` }),
      received: () => piece.at - piece.start,
      take: (head, body) => this.#take(piece, head, body),
      onRetry: ({ kind, status }) => {
        if (kind === 'rateLimit' || kind === 'timeout' || status === 503) connections.congested();
      },
      signal: this.#scope.signal,
    });
  }

  async #take(piece: Piece, head: ResponseHead, body: AsyncIterable<Buffer>): Promise<void> {
    const file = this.#file;
    refuseOther(piece, head, file);
    const { support, connections, onReceived } = this.#options;
    if (!support.isGiven) {
      support.given();
      connections.admit();
    }
    const writes = new GatheredWrites(this.#partial, piece.at);
    try {
      for await (const chunk of body) {
        if (piece.at + chunk.byteLength > piece.end) throw otherLength(file, head);
        piece.at += chunk.byteLength;
        onReceived(chunk.byteLength);
        await writes.add(chunk);
      }
    } finally {
      await writes.flush();
    }
    if (piece.at < piece.end) throw new Failure('network', endedEarly(file, head));
  }
}

/** Throws where an answer does not begin with the byte that was asked for, of that content. */
function refuseOther(piece: Piece, head: ResponseHead, file: WantedFile): void {
  const { status, headers } = head;
  if (status === 200 || status === 416) throw new Unranged(`status ${status}`);
  if (status !== 206) throw new Failure('protocol', noContent(file, head), { status, paths: [file.path] });
  const range = headerText(headers, 'content-range') ?? '';
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range) ?? [];
  const fits = Number(from) === piece.at && (total === '*' || Number(total) === file.size);
  if (!fits) throw new Unranged(`content-range ${range}`);
}

/** Bytes of one write: enough to be worth a system call. */
const WRITE_BYTES = 512 * 1024;

/** Gathers what arrives into larger writes, of which one is under way while the next is gathered. */
class GatheredWrites {
  readonly #file: RangedFile;
  #at: number;
  #chunks: Buffer[] = [];
  #size = 0;
  #writing: Promise<void> = Promise.resolve();

  /** @param at Where the first byte belongs. */
  constructor(file: RangedFile, at: number) {
    this.#file = file;
    this.#at = at;
  }

  /** Throws what an earlier write failed with. */
  async add(chunk: Buffer): Promise<void> {
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
    if (this.#size >= WRITE_BYTES) await this.#begin();
  }

  async flush(): Promise<void> {
    if (this.#size > 0) await this.#begin();
    await this.#writing;
  }

  /** Resolves when the write before has ended, and this one has begun. */
  async #begin(): Promise<void> {
    await this.#writing;
    const [chunks, at] = [this.#chunks, this.#at];
    this.#at += this.#size;
    this.#chunks = [];
    this.#size = 0;
    this.#writing = this.#file.writeAt(chunks, at);
    // Whoever adds or flushes next is told.
    this.#writing.catch(() => undefined);
  }
}
