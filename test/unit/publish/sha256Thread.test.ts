import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { createSha256Thread } from '../../../src/core/publish/sha256Thread.ts';
import type { Sha256Thread } from '../../../src/core/publish/sha256Thread.ts';

const LARGE = 1024 ** 3;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('SHA-256 beside the sending', () => {
  let thread: Sha256Thread;
  beforeEach(() => (thread = createSha256Thread()));
  afterEach(() => thread.close());

  for (const [where, bytes] of [
    ['here', 1],
    ['on the thread', LARGE],
  ] as const) {
    it(`is that of all bytes, ${where}, of several contents side by side`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(fc.uint8Array()), { maxLength: 5 }), async (contents) => {
          const digests = contents.map(async (pieces) => {
            const hash = thread.begin(bytes);
            for (const piece of pieces) await hash.update(piece)?.();
            return hash.digest();
          });
          assert.deepEqual(
            await Promise.all(digests),
            contents.map((pieces) => sha256(Buffer.concat(pieces))),
          );
        }),
        { numRuns: 30 },
      );
    });
  }

  it('sees shared memory before it is used again, and only the given part of it', async () => {
    const memory = Buffer.from(new SharedArrayBuffer(3000));
    const hash = thread.begin(LARGE);
    memory.fill(1);
    await hash.update(memory.subarray(1000, 2000))?.();
    memory.fill(2);
    await hash.update(memory.subarray(0, 10))?.();
    memory.fill(3);
    assert.equal(await hash.digest(), sha256(Buffer.concat([Buffer.alloc(1000, 1), Buffer.alloc(10, 2)])));
  });

  it('sees memory that only one thread has, however large its pieces are, before it is used again', async () => {
    const hash = thread.begin(LARGE);
    const expected = createHash('sha256');
    const memory = Buffer.alloc(3_000_000);
    for (const [index, size] of [1, 700_000, 65_536, 3_000_000, 524_288, 524_287, 2, 2_000_000].entries()) {
      const piece = memory.subarray(0, size).fill(index);
      expected.update(piece);
      await hash.update(piece)?.();
      memory.fill(0xff);
    }
    assert.equal(await hash.digest(), expected.digest('hex'));
  });

  it('gives up what still runs when it is closed', async () => {
    const hash = thread.begin(LARGE);
    await hash.update(Buffer.from('a'))?.();
    const digest = hash.digest();
    await thread.close();
    await assert.rejects(async () => digest);
    await assert.rejects(async () => hash.update(Buffer.from('b'))?.());
  });
});
