import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import fc from 'fast-check';
import type { GitObjectId } from '../../../src/core/objectIds.ts';
import { placeFiles, type Placement } from '../../../src/core/snapshot/git/links.ts';
import type { TreeEntry } from '../../../src/core/snapshot/git/tree.ts';
import {
  commitEntries,
  contentOf,
  failureOf,
  fileAt,
  pointerTo,
  scratch,
  withSnapshot,
  type PlainEntry,
} from './repositories.ts';

const file = (path: string, content = path): PlainEntry => ({ mode: '100644', path, content });
const link = (path: string, target: string): PlainEntry => ({ mode: '120000', path, content: target });

function place(entries: readonly PlainEntry[], folder = ''): Placement {
  const kinds = { '100644': 'file', '100755': 'file', '120000': 'link', '160000': 'submodule' } as const;
  const tree = entries.map(({ mode, path, content }) => ({
    kind: kinds[mode],
    path: String(path),
    oid: String(content) as GitObjectId,
    size: content.length,
  })) as TreeEntry[];
  return placeFiles(tree, folder, (entry) => entry.oid);
}

const placedAt = (placement: Placement) =>
  Object.fromEntries(placement.files.map(({ path, entry }) => [path, entry.path]));
const problems = (placement: Placement) =>
  Object.fromEntries(placement.brokenLinks.map(({ path, problem }) => [path, problem]));

describe('A symbolic link', () => {
  const { folder, repository } = scratch();

  it('is published as the file it leads to, LFS or not', async () => {
    const model = repository();
    commitEntries(model, [
      file('weights/v2.bin', pointerTo('weights')),
      file('config.json', '{}'),
      link('latest.bin', 'weights/v2.bin'),
      link('weights/config.json', '../config.json'),
    ]);
    await withSnapshot(model.path, async (snapshot) => {
      const linked = fileAt(snapshot, 'latest.bin');
      assert.equal(linked.kind, 'lfs');
      const noFunctions = { open: undefined, openFile: undefined, present: undefined };
      assert.deepEqual(
        { ...linked, path: 'weights/v2.bin', ...noFunctions },
        { ...fileAt(snapshot, 'weights/v2.bin'), ...noFunctions },
      );
      assert.equal((await contentOf(fileAt(snapshot, 'weights/config.json').open())).toString(), '{}');
    });
  });

  it('of a published folder may lead to another folder of the repository', async () => {
    const model = repository();
    commitEntries(model, [
      file('shared/tokenizer.json', 'tokens'),
      file('shared/deep/vocab.txt', 'vocabulary'),
      link('models/tiny/tokenizer', '../../shared'),
    ]);
    mkdirSync(join(model.path, 'models', 'tiny'), { recursive: true });
    await withSnapshot(join(model.path, 'models', 'tiny'), async (snapshot) => {
      assert.deepEqual(
        snapshot.files.map(({ path }) => path),
        ['tokenizer/deep/vocab.txt', 'tokenizer/tokenizer.json'],
      );
      assert.equal(
        (await contentOf(fileAt(snapshot, 'tokenizer/tokenizer.json').open())).toString(),
        'tokens',
      );
    });
  });

  it('that leads nowhere stops everything, and is named', async () => {
    const model = repository();
    commitEntries(model, [
      file('a'),
      link('out', '../secret'),
      link('absolute', '/etc/passwd'),
      link('dangling', 'none'),
      link('loop', 'loop'),
    ]);
    const failure = await failureOf(model.path, 'unpublishable');
    assert.deepEqual(failure.paths, ['absolute', 'dangling', 'loop', 'out']);
    assert.match(failure.message, /out → \.\.\/secret \(leaves the repository\)/);
    assert.match(failure.message, /loop → loop \(leads in a circle\)/);
    assert.match(failure.message, /Replace them with the files themselves/);
  });

  it('is followed through other links, on the way and at the end', () => {
    const placement = place([
      file('real/a'),
      link('one', 'two'),
      link('two', 'real'),
      link('three', './one//a'),
      link('real/up', '../three'),
    ]);
    assert.deepEqual(placedAt(placement), {
      'real/a': 'real/a',
      'real/up': 'real/a',
      'one/a': 'real/a',
      'one/up': 'real/a',
      'two/a': 'real/a',
      'two/up': 'real/a',
      three: 'real/a',
    });
    assert.deepEqual(problems(placement), {});
  });

  it('has its parents counted where they are, not where they are written', () => {
    const placement = place([file('a/b/x'), file('a/y'), link('l', 'a/b'), link('m', 'l/../y')]);
    assert.equal(placedAt(placement).m, 'a/y');
  });

  it('is told apart by what is wrong with it', () => {
    const placement = place([
      file('a/x'),
      { mode: '160000', path: 'sub', content: 'c' },
      link('loop/a', 'b'),
      link('loop/b', 'a'),
      link('a/self', '../a'),
      link('a/top', '..'),
      link('up', 'a/../..'),
      link('file', 'a/x/y'),
      link('windows', 'C:\\secret'),
      link('drive', 'C:/secret'),
      link('empty', ''),
      link('module', 'sub'),
      link('inModule', 'sub/x'),
    ]);
    assert.deepEqual(problems(placement), {
      'loop/a': 'loop',
      'loop/b': 'loop',
      'a/self': 'loop',
      'a/top': 'loop',
      up: 'leavesRepository',
      file: 'missing',
      windows: 'leavesRepository',
      drive: 'leavesRepository',
      empty: 'missing',
      module: 'submodule',
      inModule: 'submodule',
    });
    assert.deepEqual(placement.submodules, ['sub']);
  });

  it('cannot multiply without end', () => {
    const entries = [file('f00/x')];
    for (let level = 1; level < 40; level++) {
      const below = String(level - 1).padStart(2, '0');
      const here = String(level).padStart(2, '0');
      entries.push(link(`f${here}/a`, `../f${below}`), link(`f${here}/b`, `../f${below}`));
    }
    assert.equal(Object.values(problems(place(entries, 'f39')))[0], 'tooMany');
    const chain = Array.from({ length: 40 }, (_, level) =>
      link(`l${level}`, `l${level + 1}/../l${level + 1}/../l${level + 1}`),
    );
    assert.equal(problems(place([...chain, file('l40/x')])).l0, 'loop');
    const long = link('l', './'.repeat(2000));
    const longer = Array.from({ length: 5000 }, (_, index) =>
      link(`x${index}`, `${'l/'.repeat(39)}${'./'.repeat(1900)}`),
    );
    assert.equal(Object.values(problems(place([long, ...longer]))).at(-1), 'tooMany');
  });

  if (process.platform !== 'win32') {
    it('leads where the operating system says', () => {
      const names = fc.constantFrom('a', 'b', 'c');
      const path = fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
      const target = fc
        .array(fc.oneof(names, fc.constantFrom('..', '.')), { minLength: 1, maxLength: 4 })
        .map((parts) => parts.join('/'));
      const tree = fc.uniqueArray(fc.oneof(fc.tuple(path, fc.constant(undefined)), fc.tuple(path, target)), {
        maxLength: 8,
        comparator: ([one], [other]) =>
          one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`),
      });
      fc.assert(
        fc.property(tree, (entries) => {
          const top = join(folder(), 'top');
          mkdirSync(top);
          for (const [path, target] of entries) {
            mkdirSync(dirname(join(top, path)), { recursive: true });
            if (target === undefined) {
              writeFileSync(join(top, path), path);
            } else {
              symlinkSync(target, join(top, path));
            }
          }
          const placement = place(
            entries.map(([path, target]) => (target === undefined ? file(path) : link(path, target))),
          );
          const placed = placedAt(placement);
          const broken = problems(placement);
          for (const [path, target] of entries) {
            const meant = realPath(top, path);
            if (meant === undefined) {
              assert(path in broken, `${path} → ${target ?? ''} is taken`);
            } else if (broken[path] === 'loop') {
              assert(`${path}/`.startsWith(meant === '' ? '' : `${meant}/`), `${path} is no circle`);
            } else {
              assert(!(path in broken), `${path} → ${target ?? ''} is refused`);
              const behind = entries.filter(
                ([other, link]) => link === undefined && (other === meant || isBelow(other, meant)),
              );
              for (const [other] of behind) {
                assert.equal(placed[path + other.slice(meant.length)], other);
              }
            }
          }
        }),
        { numRuns: 200 },
      );
    });
  }
});

const isBelow = (path: string, folder: string) => path.startsWith(`${folder}/`);

/** Where the operating system takes a path below `top`, from there; undefined where that is nowhere or outside. */
function realPath(top: string, path: string): string | undefined {
  try {
    // Not the one without `native`: it takes `..` away before it follows links.
    const found = relative(top, realpathSync.native(join(top, path)));
    return found === '..' || isBelow(found, '..') ? undefined : found;
  } catch {
    return undefined;
  }
}
