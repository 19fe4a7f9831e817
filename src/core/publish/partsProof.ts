import * as l10n from '@vscode/l10n';
import { crc32 } from 'node:zlib';
import { Condition } from '../async/condition.ts';
import { Failure } from '../failure.ts';
import type { Sha256 } from '../objectIds.ts';
import type { SnapshotFile } from '../snapshot/snapshot.ts';
import { damaged } from './contentFailures.ts';
import { nextTurn, readExactly, type Witness } from './reading.ts';
import type { RunningSha256 } from './sha256Thread.ts';

/**
 * Proves a file that is sent in parts, side by side: hashes it in order, part after part, as soon as each is being
 * sent, and compares a checksum of what was hashed with one of what was sent. {@link close} is owed at the end.
 */
export class PartsProof {
  readonly #file: SnapshotFile;
  readonly #hash: RunningSha256;
  readonly #oid: Sha256;
  /** Ends of the parts by their starts. */
  readonly #ends = new Map<number, number>();
  /** Checksums by the start of a part. */
  readonly #sent = new Map<number, number>();
  readonly #hashed = new Map<number, number>();
  readonly #condition = new Condition();
  readonly #following: Promise<void>;
  #isClosed = false;

  constructor(file: SnapshotFile, hash: RunningSha256, oid: Sha256) {
    this.#file = file;
    this.#hash = hash;
    this.#oid = oid;
    this.#following = this.#follow();
    // It is awaited when the parts are there, or not at all.
    this.#following.catch(() => undefined);
  }

  /** What has to see the bytes of a part on their way. */
  part(start: number, end: number): Witness {
    this.#ends.set(start, end);
    this.#condition.notify();
    const sum = checksum();
    return { update: sum.update, atEnd: () => this.#sent.set(start, sum.value()) };
  }

  /** Resolves once all parts are known to be those of the object, and rejects where they are not. */
  async proved(): Promise<void> {
    await this.#following;
    for (const [start, value] of this.#hashed) {
      if (this.#sent.get(start) !== value) throw changed(this.#file);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#condition.notify();
    await this.#following.catch(() => undefined);
  }

  async #follow(): Promise<void> {
    for (let start = 0; start < this.#file.size;) {
      const end = await this.#endOfPart(start);
      if (end === undefined) return;
      const sum = checksum();
      const witness: Witness = {
        update: (bytes) => {
          const hashed = this.#hash.update(bytes);
          sum.update(bytes);
          return hashed;
        },
      };
      for await (const chunk of readExactly(this.#file, start, end, witness)) {
        if (this.#isClosed) return;
        // The chunk is large, and the sockets have to be served, too.
        if (chunk.length > 0) await nextTurn();
      }
      this.#hashed.set(start, sum.value());
      start = end;
    }
    if ((await this.#hash.digest()) !== this.#oid) throw damaged(this.#file);
  }

  /** Where the part ends that begins at `start`, as soon as it is being sent; undefined where that is over. */
  async #endOfPart(start: number): Promise<number | undefined> {
    while (!this.#isClosed && !this.#ends.has(start)) await this.#condition.changed();
    return this.#isClosed ? undefined : this.#ends.get(start);
  }
}

function checksum() {
  let value = 0;
  return {
    update: (bytes: Buffer): undefined => {
      value = crc32(bytes, value);
    },
    value: () => value,
  };
}

/** The two readers of a file saw different bytes. */
function changed(file: SnapshotFile): Failure {
  return new Failure(
    'corrupt',
    l10n.t(
      '“{0}” changed on this machine while it was sent. Nothing was published. Publish again when nothing writes to it any more.',
      file.path,
    ),
    { paths: [file.path] },
  );
}
