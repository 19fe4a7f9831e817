import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { isServerEdit } from '../../../src/core/publish/serverEdits.ts';
import { trackingLine } from '../../registry/store/attributes.ts';
import { blob, lfs, memorySnapshot, type HandMade } from './memorySnapshot.ts';
import { startPublishing, type Publishing } from './publishing.ts';

describe('what a registry does by itself', () => {
  let publishing: Publishing;
  let models = 0;
  let model: string;
  const large = randomBytes(30_000).toString('hex');
  const next = randomBytes(30_000).toString('hex');
  const ATTRIBUTES = '*.safetensors filter=lfs diff=lfs merge=lfs -text\n';
  before(async () => (publishing = await startPublishing({ lfsThresholdBytes: 50_000 })));
  after(() => publishing.stop());
  beforeEach(() => (model = `acme/by-itself-${models++}`));

  const planned = async (files: Record<string, HandMade>) => {
    const { changed, deleted, unchanged, bytes } = await publishing.plan(memorySnapshot(files), model);
    return { changed: changed.map(({ path }) => path), deleted, unchanged: unchanged.length, bytes };
  };

  for (const [name, attributes] of [
    ['no attributes', {}],
    ['attributes of its own', { '.gitattributes': blob(ATTRIBUTES) }],
  ] as const) {
    it(`is no change of a snapshot with ${name}`, async () => {
      const files: Record<string, HandMade> = {
        ...attributes,
        'README.md': blob('# A'),
        'notes/a large\ttext [1].txt': blob(large),
        'w.safetensors': lfs('weights'),
      };
      await publishing.published(memorySnapshot(files), model);
      const all = Object.keys(files).length;
      assert.deepEqual(await planned(files), { changed: [], deleted: [], unchanged: all, bytes: 0 });
      assert.equal((await publishing.published(memorySnapshot(files), model)).created, false);

      const readme = { ...files, 'README.md': blob('# Another') };
      assert.deepEqual(await planned(readme), {
        ...{ changed: ['README.md'], deleted: [], unchanged: all - 1, bytes: 9 },
      });
      await publishing.published(memorySnapshot(readme), model);
      assert.deepEqual((await planned(readme)).changed, []);

      // A change of the large file leaves the attributes alone, too.
      const replaced = { ...readme, 'notes/a large\ttext [1].txt': blob(next) };
      assert.deepEqual(await planned(replaced), {
        ...{ changed: ['notes/a large\ttext [1].txt'], deleted: [], unchanged: all - 1, bytes: 60_000 },
      });
      await publishing.published(memorySnapshot(replaced), model);
      assert.deepEqual((await planned(replaced)).changed, []);
    });
  }

  it('does not hide what a person does to the attributes', async () => {
    const files = { '.gitattributes': blob(ATTRIBUTES), 'large.txt': blob(large), 'w.safetensors': lfs('w') };
    await publishing.published(memorySnapshot(files), model);
    const edited = { ...files, '.gitattributes': blob(`*.bin filter=lfs\n${ATTRIBUTES}`) };
    assert.deepEqual((await planned(edited)).changed, ['.gitattributes']);
    const removed = { ...files, '.gitattributes': blob('') };
    assert.deepEqual((await planned(removed)).changed, ['.gitattributes']);
  });

  it('goes away with the last object', async () => {
    await publishing.published(memorySnapshot({ 'README.md': blob('#'), 'large.txt': blob(large) }), model);
    const small = { 'README.md': blob('#'), 'small.txt': blob('small') };
    assert.deepEqual((await planned(small)).deleted, ['.gitattributes', 'large.txt']);
    await publishing.published(memorySnapshot(small), model);
    assert.deepEqual(await planned(small), { changed: [], deleted: [], unchanged: 2, bytes: 0 });
    assert.deepEqual(
      [...((await publishing.held(model)) ?? new Map()).keys()].sort(),
      Object.keys(small).sort(),
    );
  });

  it('is told by whole paths of objects, in whatever order', () => {
    const line = fc.stringMatching(/^[!-~]{1,12}( [!-~]{1,12})?$/);
    const path = fc.stringMatching(/^[a-z*?[\]\\ ]{0,6}[a-z*?[\]\\]$/);
    fc.assert(
      fc.property(fc.array(line), fc.uniqueArray(path), (lines, paths) => {
        const own = lines.map((each) => `${each}\n`).join('');
        const added = paths.map(trackingLine);
        const objects = new Set(paths);
        assert.ok(isServerEdit(own, own + added.join(''), objects));
        assert.ok(isServerEdit(own.trimEnd(), added.join('') + own, objects));
        assert.ok(!isServerEdit(own, `${own}*.bin filter=lfs diff=lfs merge=lfs -text\n`, objects));
        assert.ok(!isServerEdit(`${own}one more\n`, own + added.join(''), objects));
        if (added.length > 0) assert.ok(!isServerEdit(own, own + added.join(''), new Set()));
      }),
    );
  });
});
