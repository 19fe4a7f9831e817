import assert from 'node:assert/strict';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { asSha256, type Sha256 } from '../../../src/core/objectIds.ts';
import { openGitSnapshot } from '../../../src/core/snapshot/git/openGitSnapshot.ts';
import { createHashMemory, fileKey, type HashMemory } from '../../../src/core/snapshot/hashMemory.ts';
import type { UncommittedChange } from '../../../src/core/snapshot/snapshot.ts';
import {
  fileAt,
  pointerTo,
  restore,
  scratch,
  sha256,
  silent,
  withSnapshot,
  type Repository,
} from './repositories.ts';

const ATTRIBUTES = '*.bin filter=lfs diff=lfs merge=lfs -text\n';

function sha256Of(content: string): Sha256 {
  const hash = asSha256(sha256(content));
  assert(hash !== undefined);
  return hash;
}

/** As `git lfs clean`, by programs that are wherever Git is. */
const CLEAN = `content=$(mktemp) && cat >"$content"
if head -c 8 "$content" | grep -q '^version '; then
  cat "$content"
else
  oid=$({ sha256sum "$content" || shasum -a 256 "$content"; } 2>/dev/null | cut -c 1-64)
  size=$(wc -c <"$content" | tr -d ' ')
  printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%s\\nsize %s\\n' "$oid" "$size"
fi
rm "$content"
`;

/** Nobody reads that much within the time a test has. Bytes; the second one is what Git's index remembers only in part. */
const TOO_MUCH = 2 ** 40;
const SIZES = [TOO_MUCH, TOO_MUCH + 5];

async function uncommitted(path: string, hashes?: HashMemory): Promise<readonly UncommittedChange[]> {
  const snapshot = await openGitSnapshot(path, {
    signal: new AbortController().signal,
    log: silent,
    hashes,
  });
  await snapshot.dispose();
  return snapshot.uncommitted;
}

// Windows gives a file all the room that it might need.
if (process.platform !== 'win32') {
  describe('A touched LFS file that is too large to be read', () => {
    const { folder, repository } = scratch();

    function pointer(path: string): string {
      const size = SIZES[Number(path[0])] ?? 0;
      return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256(path)}\nsize ${size}\n`;
    }

    /** Commits files as a checkout has them, for a filter that knows their pointers. Each path begins with the index of its size. */
    function checkout(
      paths: readonly string[],
      prepare: (file: string) => void = () => undefined,
    ): Repository {
      const made = repository();
      const pointers = folder();
      made.git('config', 'filter.lfs.clean', `cat '${pointers}'/%f`);
      made.write('.gitattributes', ATTRIBUTES);
      for (const path of paths) {
        mkdirSync(dirname(join(pointers, path)), { recursive: true });
        writeFileSync(join(pointers, path), pointer(path));
        made.write(path, '');
        truncateSync(join(made.path, path), SIZES[Number(path[0])]);
        // Written in the same step of the clock as the index, it could have changed since.
        utimesSync(join(made.path, path), 100, 100);
        prepare(join(made.path, path));
      }
      made.commit('Weights');
      return made;
    }

    function touch(made: Repository, ...paths: string[]): void {
      for (const path of paths) utimesSync(join(made.path, path), 1, 1);
    }

    it('is not read, and may have changed', async () => {
      const paths = ['0/weights.bin', '0é.bin', '1.bin'];
      const made = checkout(paths);
      assert.deepEqual(
        (await uncommitted(made.path)).filter(({ path }) => path === '1.bin'),
        [],
      );
      touch(made, ...paths);
      assert.deepEqual(
        await uncommitted(made.path),
        paths.map((path) => ({ kind: 'touched', path })),
      );
      assert.deepEqual(await uncommitted(join(made.path, '0')), [{ kind: 'touched', path: 'weights.bin' }]);
      await withSnapshot(made.path, async (snapshot) => {
        const file = fileAt(snapshot, '1.bin');
        assert(file.kind === 'lfs' && (await file.present()));
      });
    });

    it('is not read where its time proves nothing', async () => {
      const nextYear = new Date(Date.now() + 365 * 24 * 60 * 60 * 1000);
      const made = checkout(['1.bin', '0.bin'], (file) => utimesSync(file, nextYear, nextYear));
      made.git('rm', '--quiet', '--cached', '0.bin');
      assert.deepEqual(await uncommitted(made.path), [
        { kind: 'deleted', path: '0.bin' },
        { kind: 'untracked', path: '0.bin' },
        { kind: 'touched', path: '1.bin' },
      ]);
    });

    it('is not read where it is staged, renamed, made executable or of another size', async () => {
      const made = checkout(['0.bin', '1.bin', '1x.bin', '1y.bin']);
      // By hand, for git would read them to make sure.
      renameSync(join(made.path, '0.bin'), join(made.path, 'renamed.bin'));
      const other = made.gitWith(pointer('0'), 'hash-object', '-w', '--stdin');
      const staged = [
        `0 ${'0'.repeat(40)}\t0.bin`,
        `100644 ${made.git('rev-parse', 'HEAD:0.bin')}\trenamed.bin`,
        `100644 ${other}\t1.bin`,
      ];
      made.gitWith(`${staged.join('\n')}\n`, 'update-index', '--index-info');
      chmodSync(join(made.path, '1x.bin'), 0o755);
      truncateSync(join(made.path, '1y.bin'), TOO_MUCH + 6);
      assert.deepEqual(await uncommitted(made.path), [
        { kind: 'modified', path: '1.bin' },
        { kind: 'modified', path: '1x.bin' },
        { kind: 'modified', path: '1y.bin' },
        { kind: 'renamed', path: 'renamed.bin' },
      ]);
    });

    it('is what it was when it was hashed', async () => {
      const made = checkout(['0.bin', '1.bin']);
      touch(made, '0.bin', '1.bin');
      const hashes = createHashMemory({ folder: folder(), log: silent });
      const key = (path: string) => fileKey(lstatSync(join(made.path, path), { bigint: true }));
      await hashes.remember(key('0.bin'), { sha256: sha256Of('0.bin') });
      await hashes.remember(key('1.bin'), { sha256: sha256Of('something else') });
      assert.deepEqual(await uncommitted(made.path, hashes), [{ kind: 'modified', path: '1.bin' }]);
    });

    it('is the stored object where both are one file', async () => {
      const made = checkout(['0.bin']);
      const oid = sha256('0.bin');
      const object = join(made.path, '.git/lfs/objects', oid.slice(0, 2), oid.slice(2, 4), oid);
      mkdirSync(dirname(object), { recursive: true });
      linkSync(join(made.path, '0.bin'), object);
      touch(made, '0.bin');
      assert.deepEqual(await uncommitted(made.path), []);
    });

    it('is not read in a split index or a sparse checkout, which stay as they are', async () => {
      const made = checkout(['0/weights.bin', '1.bin', '1x/weights.bin']);
      made.git('update-index', '--split-index');
      touch(made, '0/weights.bin', '1.bin');
      const before = readdirSync(join(made.path, '.git')).sort();
      const index = readFileSync(join(made.path, '.git/index'));
      const expected = [
        { kind: 'touched', path: '0/weights.bin' },
        { kind: 'touched', path: '1.bin' },
      ];
      assert.deepEqual(await uncommitted(made.path), expected);
      assert(index.equals(readFileSync(join(made.path, '.git/index'))));
      assert.deepEqual(readdirSync(join(made.path, '.git')).sort(), before);
      made.git('update-index', '--no-split-index');
      made.git('update-index', '--skip-worktree', '1x/weights.bin');
      made.git('config', 'core.sparseCheckout', 'true');
      rmSync(join(made.path, '1x'), { recursive: true });
      assert.deepEqual(await uncommitted(made.path), expected);
    });
  });
}

describe('Touched files', () => {
  const { folder, repository } = scratch();

  /** A checkout of LFS and other files, with a `clean` filter as git-lfs has it. */
  function checkedOut(files: readonly string[]): Repository {
    const clean = join(folder(), 'clean.sh');
    writeFileSync(clean, CLEAN);
    const made = repository();
    made.git('config', 'filter.lfs.clean', `sh "${clean}"`.replaceAll('\\', '/'));
    made.write('.gitattributes', ATTRIBUTES);
    for (const file of files) made.write(file, content(file));
    made.commit('Model');
    return made;
  }

  const content = (path: string): string => `content of ${path}\n`;
  const PATHS = ['a.bin', 'a.txt', 'm/b.bin', 'm/b.txt', 'm/ü c.bin', 'm/ü c.txt'];

  type Act = (made: Repository, path: string) => void;
  const ACTS: Readonly<Record<string, Act>> = {
    rewrite: (made, path) => made.write(path, content(path)),
    edit: (made, path) => made.write(path, content(path).toUpperCase()),
    grow: (made, path) => made.write(path, `${content(path)}more`),
    remove: (made, path) => rmSync(join(made.path, path), { force: true }),
    stage: (made) => made.git('add', '--all'),
    unstage: (made, path) => made.git('rm', '--quiet', '--cached', '--ignore-unmatch', '--', path),
    intend: (made, path) => {
      made.write(`${path}.new.bin`, 'new');
      made.git('add', '--intent-to-add', '--', `${path}.new.bin`);
    },
    move: (made, path) => {
      rmSync(join(made.path, `${path}.moved.bin`), { force: true });
      try {
        made.git('mv', '-f', '--', path, `${path}.moved.bin`);
      } catch {
        // It was removed or moved before.
      }
    },
    touch: (made, path) => {
      if (statSync(join(made.path, path), { throwIfNoEntry: false })) utimesSync(join(made.path, path), 1, 1);
    },
    addUntracked: (made, path) => made.write(`${path}.d/x`, 'x'),
    splitIndex: (made) => made.git('update-index', '--split-index'),
    refresh: (made) => made.git('status'),
  };

  /** What Git says that may read and filter all files. */
  function said(made: Repository): string[] {
    const output = made.gitBytes(
      '--no-optional-locks',
      'status',
      '--porcelain=v1',
      '-z',
      '--find-renames=100%',
    );
    const records = output.toString().split('\0').values();
    const changes: string[] = [];
    for (const record of records) {
      if (record === '') continue;
      const states = record.slice(0, 2);
      if (/^[RC]/.test(states)) records.next();
      const kind = states.startsWith('R')
        ? 'renamed'
        : states === '??'
          ? 'untracked'
          : states.includes('D')
            ? 'deleted'
            : /^C|A/.test(states)
              ? 'added'
              : 'modified';
      changes.push(`${kind} ${record.slice(3)}`);
    }
    return changes.sort();
  }

  it('are changed where Git, with the filter, says so', async () => {
    const step = fc.tuple(fc.constantFrom(...Object.keys(ACTS)), fc.constantFrom(...PATHS));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const made = checkedOut(PATHS);
        for (const [act, path] of steps) ACTS[act]?.(made, path);
        const changes = await uncommitted(made.path);
        assert.deepEqual(changes.map(({ kind, path }) => `${kind} ${path}`).sort(), said(made));
      }),
      { numRuns: 6 },
    );
  });

  it('are unchanged where they hold their own pointers, and nobody else’s', async () => {
    const made = checkedOut(PATHS);
    made.write('a.bin', pointerTo(content('a.bin')));
    made.write('m/b.bin', pointerTo(content('a.bin')));
    assert.deepEqual(await uncommitted(made.path), [{ kind: 'modified', path: 'm/b.bin' }]);
  });

  it('leave nothing behind, opened or not', async () => {
    const temporary = folder();
    const made = checkedOut(PATHS);
    made.write('m/b.bin', content('m/b.bin'));
    const { TMPDIR, TEMP } = process.env;
    Object.assign(process.env, { TMPDIR: temporary, TEMP: temporary });
    try {
      await uncommitted(made.path);
      for (let commands = 1; commands < 14; commands++) {
        const controller = new AbortController();
        let left = commands;
        const trace = () => {
          left -= 1;
          if (left === 0) controller.abort();
        };
        const opening = openGitSnapshot(made.path, {
          signal: controller.signal,
          log: { ...silent, trace },
        });
        await opening.then((snapshot) => snapshot.dispose()).catch(() => undefined);
      }
    } finally {
      restore('TMPDIR', TMPDIR);
      restore('TEMP', TEMP);
    }
    assert.deepEqual(readdirSync(temporary), []);
  });
});
