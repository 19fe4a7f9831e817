import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Transform, Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pointer } from './pointer.ts';

/** Uploaded bytes are not what was announced; nothing of them was kept. */
export class WrongContent extends Error {
  override readonly name = 'WrongContent';
}

/** Counts and hashes what flows through, and fails as soon as there is more than announced. */
function measured(hash: ReturnType<typeof createHash>, expectedBytes: number) {
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > expectedBytes) {
        done(new WrongContent(`More than the announced ${String(expectedBytes)} bytes arrived.`));
        return;
      }
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      done(
        bytes === expectedBytes
          ? null
          : new WrongContent(`${String(bytes)} bytes arrived of the announced ${String(expectedBytes)}.`),
      );
    },
  });
  return stream;
}

/** The LFS objects of one registry, by SHA-256, and the uploads that are under way. */
export class ObjectStore {
  /** What Git LFS calls its storage: objects are in `objects/ab/cd/abcd…` below it. */
  readonly lfsFolder: string;
  readonly #incoming: string;
  /** Bytes of objects seen before; what is stored stays. */
  readonly #sizes = new Map<string, number>();

  /** @param folder made when something is stored. */
  constructor(folder: string) {
    this.lfsFolder = path.join(folder, 'lfs');
    this.#incoming = path.join(folder, 'incoming');
  }

  /** Where an object is or would be. */
  pathOf(sha256: string): string {
    return path.join(this.lfsFolder, 'objects', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  }

  /** Bytes of a stored object; undefined when it is not stored. */
  async sizeOf(sha256: string): Promise<number | undefined> {
    const known = this.#sizes.get(sha256);
    if (known !== undefined) return known;
    try {
      const { size } = await fs.promises.stat(this.pathOf(sha256));
      this.#sizes.set(sha256, size);
      return size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** @param range first and last byte, both included. */
  read(sha256: string, range?: { readonly start: number; readonly end: number }): Readable {
    return fs.createReadStream(this.pathOf(sha256), { ...range, highWaterMark: 256 * 1024 });
  }

  /** Stores an object from a stream. @throws WrongContent when its size or hash is not the announced one. */
  async put(announced: Pointer, content: Readable): Promise<void> {
    await fs.promises.mkdir(this.#incoming, { recursive: true });
    const temporary = path.join(this.#incoming, randomUUID());
    try {
      const hash = createHash('sha256');
      await pipeline(content, measured(hash, announced.size), fs.createWriteStream(temporary));
      await this.#keep(temporary, announced, hash.digest('hex'));
    } finally {
      await fs.promises.rm(temporary, { force: true });
    }
  }

  /**
   * Stores one part of a multipart upload, `offset` bytes into the object, and answers its ETag (an MD5, unquoted, as S3
   * gives). The same part may come again.
   * @throws WrongContent when it has not exactly `bytes` bytes.
   */
  async putPart(
    upload: string,
    part: { readonly number: number; readonly offset: number; readonly bytes: number },
    content: Readable,
  ): Promise<string> {
    const folder = this.#multipartFolder(upload);
    await fs.promises.mkdir(folder, { recursive: true });
    const receipt = path.join(folder, `part-${String(part.number)}`);
    await fs.promises.rm(receipt, { force: true });
    const data = path.join(folder, 'data');
    await (await fs.promises.open(data, 'a')).close();
    const hash = createHash('md5');
    await pipeline(
      content,
      measured(hash, part.bytes),
      fs.createWriteStream(data, { flags: 'r+', start: part.offset }),
    );
    const etag = hash.digest('hex');
    await fs.promises.writeFile(receipt, etag);
    return etag;
  }

  /**
   * Makes an object of the parts of a multipart upload, which is over then.
   * @param etags of all parts, the first part's first, unquoted.
   * @throws WrongContent when a part is missing or has another ETag, or the whole has not the announced size and hash.
   */
  async completeMultipart(upload: string, announced: Pointer, etags: readonly string[]): Promise<void> {
    const folder = this.#multipartFolder(upload);
    for (const [index, etag] of etags.entries()) {
      let receipt: string | undefined;
      try {
        receipt = await fs.promises.readFile(path.join(folder, `part-${String(index + 1)}`), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        // A completion whose answer was lost comes again: the object is there by then.
        if ((await this.sizeOf(announced.sha256)) === announced.size) return;
      }
      if (receipt !== etag)
        throw new WrongContent(`Part ${String(index + 1)} was not uploaded or has another ETag.`);
    }
    const data = path.join(folder, 'data');
    const hash = createHash('sha256');
    await pipeline(
      fs.createReadStream(data, { highWaterMark: 1024 * 1024 }),
      measured(hash, announced.size),
      new Writable({ write: (_chunk, _encoding, done) => done() }),
    );
    try {
      await this.#keep(data, announced, hash.digest('hex'));
    } finally {
      await fs.promises.rm(folder, { recursive: true, force: true });
    }
  }

  /** Where the caller may spool a request; it removes the file itself. */
  async spoolFile(): Promise<string> {
    await fs.promises.mkdir(this.#incoming, { recursive: true });
    return path.join(this.#incoming, randomUUID());
  }

  /** Removes what interrupted uploads left, but for multipart uploads younger than `keepMs`. */
  async sweep(keepMs: number): Promise<void> {
    let names: fs.Dirent[];
    try {
      names = await fs.promises.readdir(this.#incoming, { withFileTypes: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    for (const entry of names) {
      const file = path.join(this.#incoming, entry.name);
      if (entry.isDirectory() && (await fs.promises.stat(file)).mtimeMs > Date.now() - keepMs) continue;
      await fs.promises.rm(file, { recursive: true, force: true });
    }
  }

  #multipartFolder(upload: string): string {
    return path.join(this.#incoming, `multipart-${upload}`);
  }

  async #keep(file: string, announced: Pointer, sha256: string): Promise<void> {
    if (sha256 !== announced.sha256) {
      throw new WrongContent(`The bytes that arrived have SHA-256 ${sha256}, not ${announced.sha256}.`);
    }
    const target = this.pathOf(sha256);
    await fs.promises.mkdir(path.dirname(target), { recursive: true });
    await fs.promises.rename(file, target);
  }
}
