import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chunksOf } from '../../../src/core/publish/fileChunks.ts';

const MIB = 1024 ** 2;

describe('a file that is read in chunks', () => {
  const content = randomBytes(14 * MIB + 3);
  let folder: string;
  let path: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'file-chunks-'));
    path = join(folder, 'weights');
    await writeFile(path, content);
  });
  after(() => rm(folder, { recursive: true }));

  for (const [title, start, end] of [
    ['whole', 0, content.length],
    ['from the middle', 5 * MIB + 1, content.length - 1],
    ['where little is asked for', 7, 1000],
    ['up to its end, where more is asked for', 9 * MIB, 2 * content.length],
  ] as const) {
    it(`is what it holds, also when the chunks have grown: ${title}`, async () => {
      const read: Buffer[] = [];
      // A chunk is good until the next one.
      for await (const chunk of chunksOf(await open(path), start, end)) read.push(Buffer.from(chunk));
      assert.ok(Buffer.concat(read).equals(content.subarray(start, end)));
    });
  }

  it('takes no more memory for many ranges, one after the other beside another, than for two', async () => {
    const beside = chunksOf(await open(path), 0, content.length);
    await beside.next();
    const memory = new Set<ArrayBufferLike>();
    for (let range = 0; range < 8; range += 1) {
      for await (const { buffer } of chunksOf(await open(path), 0, content.length)) memory.add(buffer);
    }
    await beside.return(undefined);
    assert.equal(memory.size, 2);
  });

  it('overwrites nothing of a reading that was broken off, which may still be on its way', async () => {
    const beside = chunksOf(await open(path), 0, content.length);
    await beside.next();
    const broken = chunksOf(await open(path), 0, content.length);
    const { buffer: last } = (await broken.next()).value as Buffer;
    await broken.return(undefined);
    for await (const { buffer } of chunksOf(await open(path), 0, content.length))
      assert.notEqual(buffer, last);
    await beside.return(undefined);
  });
});
