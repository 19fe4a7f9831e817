import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure, type FailureKind } from '../../../src/core/failure.ts';
import { weightLines } from '../../../src/core/weights/changesText.ts';
import { compareLocalWeights, type ComparedBytes } from '../../../src/core/weights/localWeights.ts';
import { gguf, safetensors, type TensorShape } from './weightFiles.ts';

const MEBIBYTE = 1024 * 1024;

describe('two sets of weights on this machine', () => {
  const { signal } = new AbortController();
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'weights-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function write(name: string, content: Buffer | string): Promise<string> {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    return file;
  }

  /** Numbers of 8 bits, the last of which is other than 0 in each tensor that `other` names. */
  function weights(lengths: Readonly<Record<string, number>>, other: readonly string[] = []): Buffer {
    const forms = Object.entries(lengths).map(([name, length]): [string, TensorShape] => [
      name,
      { dtype: 'U8', shape: [length] },
    ]);
    const content = safetensors(Object.fromEntries(forms));
    let end = content.length - Object.values(lengths).reduce((sum, length) => sum + length, 0);
    for (const [name, length] of Object.entries(lengths)) {
      end += length;
      if (other.includes(name)) content[end - 1] = 1;
    }
    return content;
  }

  const compare = (
    before: string,
    after: string,
    onProgress: (progress: ComparedBytes) => void = () => undefined,
  ) => compareLocalWeights(before, after, { signal, onProgress });
  const contents = async (before: string, after: string) =>
    (await compare(before, after)).changes.tensors.map(({ kind, name }) => [kind, name]);

  const fails = (comparing: Promise<unknown>, kind: FailureKind, words: RegExp) =>
    assert.rejects(
      comparing,
      (error) => error instanceof Failure && error.kind === kind && words.test(error.message),
    );

  it('are told apart to the byte, in one file or in several, in whatever order', async () => {
    const lengths = { a: 3 * MEBIBYTE + 7, b: 10, c: 2 * MEBIBYTE, empty: 0 };
    const before = await write('old/model.safetensors', weights(lengths));
    await write('new/model-00001-of-00002.safetensors', weights({ c: lengths.c, empty: 0 }, ['c']));
    await write('new/model-00002-of-00002.safetensors', weights({ b: 10, a: lengths.a }, ['a']));
    const index = await write(
      'new/model.safetensors.index.json',
      JSON.stringify({
        weight_map: {
          ...{ a: 'model-00002-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
          ...{ c: 'model-00001-of-00002.safetensors', empty: 'model-00001-of-00002.safetensors' },
        },
      }),
    );
    for (const after of [index, join(folder, 'new/model-00002-of-00002.safetensors')]) {
      const progress: ComparedBytes[] = [];
      const comparison = await compare(before, after, (now) => void progress.push(now));
      assert.deepEqual(
        comparison.changes.tensors.map(({ kind, name }) => [kind, name]),
        [
          ['content', 'a'],
          ['content', 'c'],
        ],
      );
      const total = lengths.a + lengths.b + lengths.c;
      assert.deepEqual(progress.at(-1), { done: total, total });
      assert.ok(weightLines([comparison]).includes('The same to the byte: 2'));
    }
  });

  it('in GGUF, too, where gaps between tensors tell nothing', async () => {
    const file = (alignment: number, byte: number) => {
      const content = gguf(
        { 'general.alignment': alignment },
        [
          { name: 'a', shape: [3n], type: 24, begin: 0n },
          { name: 'b', shape: [2n], type: 24, begin: 64n },
        ],
        { data: 66 + alignment },
      );
      // In the gap behind the first, and the last of the second; data begin at a multiple of the alignment.
      const begin = content.length - 66 - alignment;
      const data = Math.ceil(begin / alignment) * alignment;
      content[data + 10] = alignment;
      content[data + 65] = byte;
      return content;
    };
    const before = await write('a.gguf', file(32, 1));
    assert.deepEqual(await contents(before, await write('b.gguf', file(64, 1))), []);
    assert.deepEqual(await contents(before, await write('c.gguf', file(32, 2))), [['content', 'b']]);
  });

  it('are read through the links of a cache', async function () {
    if (process.platform === 'win32') this.skip();
    const blob = await write('blobs/abc', weights({ a: 4 }, ['a']));
    await mkdir(join(folder, 'snapshots'));
    const link = join(folder, 'snapshots/model.safetensors');
    await symlink(blob, link);
    assert.deepEqual(await contents(await write('model.safetensors', weights({ a: 4 })), link), [
      ['content', 'a'],
    ]);
  });

  it('are refused with words where one is not there, is damaged, or lacks a part', async () => {
    const good = await write('good.safetensors', weights({ a: 10 }));
    await fails(
      compare(good, join(folder, 'none.safetensors')),
      'notFound',
      /none\.safetensors” is not there/,
    );
    await fails(compare(good, join(folder, 'nowhere/none.gguf')), 'disk', /nowhere/);
    await fails(compare(good, await write('bad.safetensors', 'text')), 'corrupt', /bad\.safetensors/);
    const part = await write('parts/m-00001-of-00003.gguf', gguf({}, []));
    await fails(compare(good, part), 'corrupt', /2 of 3 files/);
    await fails(compare(good, good), 'refused', /both of the weights “good\.safetensors”/);
    await mkdir(join(folder, 'folder.safetensors'));
    await fails(compare(good, join(folder, 'folder.safetensors')), 'notFound', /folder\.safetensors/);
  });

  it('are refused where a file ends while it is compared', async () => {
    const lengths = { a: 8 * MEBIBYTE };
    const before = await write('a.safetensors', weights(lengths));
    const after = await write('b.safetensors', weights(lengths));
    await fails(
      compare(before, after, () => truncateSync(after, MEBIBYTE)),
      'corrupt',
      /b\.safetensors” ends before its tensors do/,
    );
  });

  it('are no longer compared once that is cancelled', async () => {
    const lengths = { a: 8 * MEBIBYTE };
    const controller = new AbortController();
    let last: ComparedBytes | undefined;
    await assert.rejects(
      compareLocalWeights(
        await write('a.safetensors', weights(lengths)),
        await write('b.safetensors', weights(lengths)),
        {
          signal: controller.signal,
          onProgress: (progress) => {
            last = progress;
            controller.abort();
          },
        },
      ),
      { name: 'AbortError' },
    );
    assert.equal(last?.done, MEBIBYTE);
  });
});
