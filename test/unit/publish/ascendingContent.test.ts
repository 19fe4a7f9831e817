import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { AscendingContent } from '../../../src/core/publish/ascendingContent.ts';

const CONTENT = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));

/** A blob that is opened from its beginning only, in chunks of that many bytes. */
function source(chunkBytes: number) {
  const streams: Readable[] = [];
  const open = (start = 0): Promise<Readable> => {
    const bytes = CONTENT.subarray(start);
    const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
      bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
    );
    const stream = Readable.from(chunks);
    streams.push(stream);
    return Promise.resolve(stream);
  };
  return { open, streams };
}

async function all(opening: Promise<AsyncIterable<Buffer>>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await opening) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('A blob in ranges that follow each other', () => {
  it('is opened once, however many there are', async () => {
    for (const chunkBytes of [1, 7, 64, 1000, 5000]) {
      const { open, streams } = source(chunkBytes);
      const blob = new AscendingContent({ open });
      for (let start = 0; start < CONTENT.length; start += 30) {
        assert.deepEqual(await all(blob.open(start, start + 30)), CONTENT.subarray(start, start + 30));
      }
      assert.equal(streams.length, 1);
      blob.close();
      assert(streams.every(({ destroyed }) => destroyed));
    }
  });

  it('holds its bytes, whatever attempts are made and given up', async () => {
    const attempt = fc.record({
      start: fc.nat(1000),
      length: fc.integer({ min: 1, max: 400 }),
      read: fc.nat(5),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.array(attempt), async (chunkBytes, attempts) => {
        const { open, streams } = source(chunkBytes);
        const blob = new AscendingContent({ open });
        for (const { start, length, read } of attempts) {
          let chunks = 0;
          const given: Buffer[] = [];
          for await (const chunk of await blob.open(start, start + length)) {
            given.push(chunk);
            chunks += 1;
            if (chunks > read) break;
          }
          const bytes = Buffer.concat(given);
          assert.deepEqual(bytes, CONTENT.subarray(start, start + length).subarray(0, bytes.length));
          assert.deepEqual(
            await all(blob.open(start, start + length)),
            CONTENT.subarray(start, start + length),
          );
        }
        blob.close();
        assert(streams.every(({ destroyed }) => destroyed));
      }),
    );
  });

  it('gives no byte to who was given up while waiting for it', async () => {
    const { open, streams } = source(10);
    const blob = new AscendingContent({ open });
    const abandoned = (await blob.open(0, 20))[Symbol.asyncIterator]();
    const waiting = abandoned.next();
    assert.deepEqual(await all(blob.open(0, 20)), CONTENT.subarray(0, 20));
    assert.equal(streams.length, 2);
    await waiting.catch(() => undefined);
    blob.close();
  });

  it('gives an earlier range once more, and the one after it, while a later one is being read', async () => {
    for (const chunkBytes of [3, 64, 5000]) {
      const { open, streams } = source(chunkBytes);
      const content = new AscendingContent({ open });
      assert.deepEqual(await all(content.open(0, 100)), CONTENT.subarray(0, 100));
      const later = (await content.open(100, 900))[Symbol.asyncIterator]();
      const first = (await later.next()).value as Buffer;
      assert.deepEqual(await all(content.open(0, 100)), CONTENT.subarray(0, 100));
      const given = [first];
      for (;;) {
        const next = await later.next();
        if (next.done === true) break;
        given.push(next.value);
      }
      assert.deepEqual(Buffer.concat(given), CONTENT.subarray(100, 900));
      assert.deepEqual(await all(content.open(900, 1000)), CONTENT.subarray(900));
      assert.equal(streams.length, 2);

      const again = (await content.open(0, 500))[Symbol.asyncIterator]();
      const beginning = (await again.next()).value as Buffer;
      assert.deepEqual(await all(content.open(500, 700)), CONTENT.subarray(500, 700));
      assert.deepEqual(beginning, CONTENT.subarray(0, beginning.length));
      content.close();
      assert(streams.every(({ destroyed }) => destroyed));
    }
  });
});
