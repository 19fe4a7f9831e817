import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { Failure } from '../../../src/core/failure.ts';
import type { Sha256 } from '../../../src/core/objectIds.ts';
import {
  checkedBlob,
  checkedObject,
  PROVED_FIRST,
  provedObject,
  sampleOf,
  sha256Of,
  streamedObject,
} from '../../../src/core/publish/content.ts';
import type { CheckedObject } from '../../../src/core/publish/content.ts';
import { createSha256Thread } from '../../../src/core/publish/sha256Thread.ts';
import type { RunningSha256, Sha256Thread } from '../../../src/core/publish/sha256Thread.ts';
import type { BlobFile, SnapshotFile } from '../../../src/core/snapshot/snapshot.ts';
import { blob, lfs, memorySnapshot, missing, sha256 } from './memorySnapshot.ts';
import type { HandMade } from './memorySnapshot.ts';

const only = (file: HandMade) => {
  const snapshot = memorySnapshot({ 'weights.bin': file });
  return { snapshot, file: snapshot.files[0]! };
};

const isCorrupt = (error: unknown) =>
  error instanceof Failure && error.kind === 'corrupt' && error.paths[0] === 'weights.bin';

const BIG = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
const never = new AbortController().signal;

const whileRead =
  (begin: (thread: Sha256Thread, bytes: number) => RunningSha256) =>
  (file: SnapshotFile, oid: Sha256, thread: Sha256Thread): CheckedObject =>
    streamedObject(file, oid, { begin: (bytes) => begin(thread, bytes) });

for (const [how, checkedBy] of [
  ['here while it is read', whileRead((thread, bytes) => thread.begin(bytes))],
  ['on a thread while it is read', whileRead((thread) => thread.begin(1024 ** 3))],
  ['before it is handed on', provedObject],
] as const)
  describe(`content that is checked ${how}`, () => {
    const thread = createSha256Thread();
    const objectOf = (file: SnapshotFile, oid: Sha256) => checkedBy(file, oid, thread);
    after(() => thread.close());

    it('is the content, in whatever parts it is read, also where a part is read again', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ minLength: 1, maxLength: 3000 }),
          fc.integer({ min: 1, max: 1000 }),
          fc.constantFrom(blob, lfs),
          async (bytes, partBytes, kind) => {
            const content = Buffer.from(bytes);
            const object = objectOf(only(kind(content)).file, sha256(content));
            const parts: Buffer[] = [];
            for (let start = 0; start < content.length; start += partBytes) {
              const end = Math.min(start + partBytes, content.length);
              await buffer(await object.open(start, end));
              parts.push(await buffer(await object.open(start, end)));
            }
            assert.deepEqual(Buffer.concat(parts), content);
          },
        ),
        { numRuns: 30 },
      );
    });

    for (const [name, here] of [
      ['another byte', Buffer.from(BIG).fill(1, 100_000, 100_001)],
      ['a byte less', BIG.subarray(0, -1)],
      ['nothing', Buffer.alloc(0)],
    ] as const) {
      it(`breaks before its end where the file holds ${name}`, async () => {
        const object = objectOf(only(lfs(BIG, here)).file, sha256(BIG));
        let read = 0;
        await assert.rejects(async () => {
          for await (const chunk of (await object.open(0, BIG.length)) as AsyncIterable<Buffer>)
            read += chunk.length;
        }, isCorrupt);
        assert.ok(read < BIG.length, `${read} bytes were handed on`);
      });

      it(`breaks for a blob that holds ${name}`, async () => {
        await assert.rejects(buffer(checkedBlob(only(blob(BIG, here)).file)), isCorrupt);
        await assert.rejects(sha256Of(only(blob(BIG, here)).file as BlobFile, never), isCorrupt);
      });
    }

    it('takes no notice of what comes after the stated size', async () => {
      const longer = Buffer.concat([BIG, Buffer.alloc(200_000)]);
      assert.deepEqual(await buffer(checkedBlob(only(blob(BIG, longer)).file)), BIG);
    });

    it('says what is missing', async () => {
      const object = objectOf(only(missing(BIG)).file, sha256(BIG));
      await assert.rejects(
        async () => buffer(await object.open(0, BIG.length)),
        (error) => error instanceof Failure && error.kind === 'missingObject',
      );
    });

    it('closes the file when it is given up, and opens none when it is never read', async () => {
      const { file, snapshot } = only(blob(BIG));
      checkedBlob(file);
      assert.equal(snapshot.streams.length, 0);
      const stream = checkedBlob(file);
      for await (const chunk of stream) {
        assert.ok(chunk);
        break;
      }
      assert.deepEqual(
        snapshot.streams.map(({ destroyed }) => destroyed),
        [true],
      );
    });

    it('samples no more than it is asked for, and closes the file', async () => {
      const { file, snapshot } = only(blob(BIG));
      assert.deepEqual(await sampleOf(file as BlobFile, 512), BIG.subarray(0, 512));
      assert.deepEqual(await sampleOf(only(blob('tiny')).file as BlobFile, 512), Buffer.from('tiny'));
      assert.ok(snapshot.streams.every(({ destroyed }) => destroyed));
    });

    it('stops hashing when it is cancelled', async () => {
      const { file, snapshot } = only(blob(BIG));
      await assert.rejects(
        sha256Of(file as BlobFile, AbortSignal.abort(new Error('cancelled'))),
        /cancelled/,
      );
      assert.ok(snapshot.streams.every(({ destroyed }) => destroyed));
    });
  });

describe('content that is sent', () => {
  const thread = createSha256Thread();
  after(() => thread.close());

  /** Bytes of a wrong content that are handed on before it is refused: read whole, in parts, or in a commit. */
  async function handedOn(content: Buffer, here: Buffer): Promise<number> {
    let bytes = 0;
    const count = async (stream: AsyncIterable<Buffer>): Promise<void> => {
      for await (const chunk of stream) bytes += chunk.length;
    };
    for (const parts of [1, 4]) {
      const object = checkedObject(only(lfs(content, here)).file, sha256(content), thread);
      const each = Math.ceil(content.length / parts);
      const starts = Array.from({ length: parts }, (_, index) => index * each);
      await assert.rejects(async () => {
        for (const start of starts)
          await count(
            (await object.open(start, Math.min(start + each, content.length))) as AsyncIterable<Buffer>,
          );
        await object.proved();
      }, isCorrupt);
      await object.close();
    }
    await assert.rejects(count(checkedBlob(only(blob(content, here)).file)), isCorrupt);
    return bytes;
  }

  it('is hashed before a byte of it leaves where it is small, and only then', async () => {
    for (const size of [1, 3000, BIG.length, PROVED_FIRST]) {
      assert.equal(await handedOn(Buffer.alloc(size, 'a'), Buffer.alloc(size, 'b')), 0, `${size} bytes`);
    }
    const large = PROVED_FIRST + 1;
    assert.ok((await handedOn(Buffer.alloc(large, 'a'), Buffer.alloc(large, 'b'))) > 0);
  });
});
