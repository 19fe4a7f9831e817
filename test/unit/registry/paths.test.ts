import fc from 'fast-check';
import assert from 'node:assert/strict';
import { lfsTracked, trackingLine } from '../../registry/store/attributes.ts';
import { Cleanup, RawHub, file, plainGit } from './rawHub.ts';

const segment = fc
  .string({
    unit: fc.constantFrom(
      'a',
      'B',
      ' ',
      '"',
      "'",
      '\\',
      '*',
      '?',
      '[',
      ']',
      '!',
      '#',
      '\n',
      '\t',
      'é',
      '😀',
      '.',
      '-',
      ':',
    ),
    minLength: 1,
    maxLength: 6,
  })
  .filter((text) => text !== '.' && text !== '..');
const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
const distinctFiles = fc
  .uniqueArray(path, { minLength: 1, maxLength: 12 })
  .filter((paths) => !paths.some((each) => paths.some((other) => other.startsWith(`${each}/`))));

describe('local registry: paths', () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  it('hands exactly the path of a tracking line to LFS', async () => {
    await fc.assert(
      fc.asyncProperty(distinctFiles, async ([tracked, ...others]) => {
        const attributes = new Map([['.gitattributes', Buffer.from(trackingLine(tracked!))]]);
        const asked = [tracked!, ...others, `elsewhere/${tracked!}`];
        // A space of any kind stands for any other in a pattern, as `git lfs track` writes it.
        const alike = (text: string) => text.replace(/\s/g, ' ');
        const expected = asked.filter((each) => alike(each) === alike(tracked!));
        assert.deepEqual([...(await lfsTracked(attributes, asked))].sort(), expected.sort());
      }),
      { numRuns: 60 },
    );
  });

  it('commits files under any name Git takes', async () => {
    const registry = await cleanup.registry();
    let count = 0;
    await fc.assert(
      fc.asyncProperty(distinctFiles, async (paths) => {
        count += 1;
        const hub = new RawHub(registry, { model: `acme/paths-${String(count)}` });
        await hub.create();
        await hub.committed(paths.map((each) => file(each, each)));
        const git = registry.gitDirectory('acme', 'models', hub.model);
        const listed = await plainGit(git, 'ls-tree', '-r', '-z', '--name-only', 'main');
        assert.deepEqual(listed.split('\0').filter(Boolean).sort(), paths.toSorted());
        for (const each of paths) {
          const target = each.split('/').map(encodeURIComponent).join('/');
          const answer = await hub.fetch(`${hub.model}/resolve/main/${target}`);
          assert.equal(await answer.text(), each);
        }
      }),
      { numRuns: 12 },
    );
  });

  it('commits regular files of many megabytes and thousands of small ones', async () => {
    const registry = await cleanup.registry();
    const hub = new RawHub(registry);
    await hub.create();
    const large = 'A line of text.\n'.repeat(550_000);
    const names = Array.from(
      { length: 3000 },
      (_, index) => `small/${String(index % 50)}/${String(index)}.txt`,
    );
    await hub.committed([
      ...names.slice(0, 1500).map((name) => file(name, name)),
      file('large.txt', large),
      ...names.slice(1500).map((name) => file(name, name)),
    ]);
    const git = registry.gitDirectory('acme', 'models', hub.model);
    assert.equal(await plainGit(git, 'show', 'main:large.txt'), large);
    assert.equal((await plainGit(git, 'ls-tree', '-r', '--name-only', 'main')).split('\n').length, 3002);
    await plainGit(git, 'fsck', '--strict');
    const tooLarge = await hub.commit([file('huge.txt', Buffer.alloc(25 * 1024 * 1024, 'x'))]);
    assert.equal(tooLarge.status, 413);
  });
});
