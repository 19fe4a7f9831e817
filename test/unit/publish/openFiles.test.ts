import assert from 'node:assert/strict';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { provedObject, streamedObject } from '../../../src/core/publish/content.ts';
import type { CheckedObject } from '../../../src/core/publish/content.ts';
import { createSha256Thread } from '../../../src/core/publish/sha256Thread.ts';
import { scratch } from '../snapshot/repositories.ts';
import { lfs, memorySnapshot, sha256 } from './memorySnapshot.ts';

/** Several chunks, as they are read. */
const CONTENT = Buffer.alloc(3 * 1024 * 1024, 'weights ');

for (const [how, checkedBy] of [
  ['small', provedObject],
  ['large', streamedObject],
] as const)
  describe(`${how} files that are sent are closed`, () => {
    const folders = scratch();
    const sha256s = createSha256Thread();
    after(() => sha256s.close());

    /** What is left open of a file after `use`, and after its content was closed. */
    async function leftOpen(use: (content: CheckedObject) => unknown): Promise<number> {
      const path = join(folders.folder(), 'weights.bin');
      writeFileSync(path, CONTENT);
      const [file] = memorySnapshot({ 'weights.bin': lfs(CONTENT) }).files;
      assert(file?.kind === 'lfs');
      const handles: FileHandle[] = [];
      let opening: Promise<unknown> = Promise.resolve();
      const openFile = async (): Promise<FileHandle> => {
        const handle = open(path);
        opening = handle;
        handles.push(await handle);
        return handle;
      };
      const content = checkedBy({ ...file, openFile }, sha256(CONTENT), sha256s);
      await use(content);
      await content.close();
      await opening;
      const left = handles.filter(({ fd }) => fd >= 0);
      await Promise.all(left.map((handle) => handle.close()));
      return left.length;
    }
    const half = CONTENT.length / 2;
    const begun = async (
      content: CheckedObject,
      start: number,
      end: number,
    ): Promise<AsyncIterator<Buffer>> =>
      ((await content.open(start, end)) as AsyncIterable<Buffer>)[Symbol.asyncIterator]();

    it('where no reader starts', async () => {
      assert.equal(await leftOpen((content) => content.open(0, CONTENT.length)), 0);
      assert.equal(await leftOpen((content) => content.open(0, half)), 0);
    });

    it('where a reader is given up before it is answered for the first time', async () => {
      const ask = async (content: CheckedObject, end: number): Promise<void> => {
        void (await begun(content, 0, end)).next();
      };
      assert.equal(await leftOpen((content) => ask(content, CONTENT.length)), 0);
      assert.equal(await leftOpen((content) => ask(content, half)), 0);
    });

    it('where a reader stops in the middle, in one piece or in parts', async () => {
      assert.equal(await leftOpen(async (content) => (await begun(content, 0, CONTENT.length)).next()), 0);
      assert.equal(
        await leftOpen(async (content) => {
          const parts = await Promise.all([begun(content, 0, half), begun(content, half, CONTENT.length)]);
          await Promise.all(parts.map((part) => part.next()));
        }),
        0,
      );
    });
  });
