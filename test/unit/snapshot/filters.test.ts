import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parseAttributes, parseRemembered } from '../../../src/core/snapshot/git/filtered.ts';
import { parseOtherContents, parseStatus } from '../../../src/core/snapshot/git/status.ts';
import type { UncommittedChange } from '../../../src/core/snapshot/snapshot.ts';
import { openRepository, scratch, withSnapshot, type Repository } from './repositories.ts';

// Filters are commands of a shell here.
if (process.platform !== 'win32') {
  describe('A file that passes through a filter', () => {
    const { folder, repository } = scratch();
    let ran: string;

    /** What makes the work tree's content out of the commit's and back; `name` has one character a byte. */
    const filters: Readonly<
      Record<string, { readonly name: string; readonly settings: (ran: string) => string }>
    > = {
      'of a person': { name: 'crypt', settings: commands('tr a-z b-za', 'tr b-za a-z') },
      'that changes its size': { name: 'crypt', settings: commands("sed 's/^x//'", "sed 's/^/x/'") },
      'whose name is no UTF-8': { name: 'cr\xffpt', settings: commands('tr a-z b-za', 'tr b-za a-z') },
      'that adds a line': {
        name: 'crypt',
        settings: commands('grep -v generated || true', 'cat; echo generated'),
      },
    };
    function commands(clean: string, smudge: string): (ran: string) => string {
      return (ran) =>
        `\tclean = "touch ${ran}; ${clean}"\n\tsmudge = "${smudge.replaceAll('"', '\\"')}"\n\trequired = true\n`;
    }

    /** A clone, as `git clone` leaves it. */
    function cloned({ name, settings }: (typeof filters)[string], configured = true): Repository {
      ran = join(folder(), 'ran');
      const section = `[filter "${name}"]\n${settings(ran)}`;
      appendFileSync(process.env.GIT_CONFIG_GLOBAL ?? '', Buffer.from(section, 'latin1'));
      const origin = repository();
      writeFileSync(join(origin.path, '.gitattributes'), Buffer.from(`*.txt filter=${name}\n`, 'latin1'));
      origin.write('a.txt', 'secret\n');
      origin.write('sub/b.txt', 'another secret\n');
      origin.write('config.json', '{}\n');
      origin.commit('Model');
      if (!configured) writeFileSync(process.env.GIT_CONFIG_GLOBAL ?? '', '');
      const path = join(folder(), 'clone');
      origin.git('clone', '--quiet', origin.path, path);
      rmSync(ran, { force: true });
      return openRepository(path);
    }

    async function uncommitted(path: string): Promise<readonly UncommittedChange[]> {
      const changes = await withSnapshot(path, (snapshot) => snapshot.uncommitted);
      assert(!existsSync(ran), 'the filter ran');
      return changes;
    }

    /** What Git says, which runs the filter. */
    function inGit(made: Repository): readonly UncommittedChange[] {
      const entries = parseStatus(made.git('--no-optional-locks', 'status', '--porcelain=v2', '-z'));
      rmSync(ran, { force: true });
      return entries;
    }

    for (const [what, filter] of Object.entries(filters)) {
      it(`is unchanged in a fresh clone: one ${what}`, async () => {
        const made = cloned(filter);
        assert.deepEqual(inGit(made), []);
        assert.deepEqual(await uncommitted(made.path), []);
        assert.deepEqual(await uncommitted(join(made.path, 'sub')), []);
      });

      it(`is modified where its size is another one: one ${what}`, async () => {
        const made = cloned(filter);
        appendFileSync(join(made.path, 'a.txt'), 'more');
        assert.deepEqual(await uncommitted(made.path), [{ path: 'a.txt', kind: 'modified' }]);
      });

      it(`may have changed where its times are others: one ${what}`, async () => {
        const made = cloned(filter);
        utimesSync(join(made.path, 'sub', 'b.txt'), 1_000_000_000, 1_000_000_000);
        assert.deepEqual(await uncommitted(made.path), [{ path: 'sub/b.txt', kind: 'touched' }]);
        const copy = join(folder(), 'copy');
        execFileSync('cp', ['-r', made.path, copy]);
        const kinds = (await uncommitted(copy)).map(({ kind }) => kind);
        assert(
          kinds.every((kind) => kind === 'touched'),
          kinds.join(),
        );
      });
    }

    const { 'of a person': usual } = filters;
    assert(usual !== undefined);

    it('is modified where that is staged, or its mode is another one, and deleted where it is gone', async () => {
      const made = cloned(usual);
      made.write('a.txt', 'public\n');
      made.git('add', 'a.txt');
      rmSync(ran, { force: true });
      assert.deepEqual(await uncommitted(made.path), [{ path: 'a.txt', kind: 'modified' }]);
      const other = cloned(usual);
      chmodSync(join(other.path, 'a.txt'), 0o755);
      rmSync(join(other.path, 'sub', 'b.txt'));
      assert.deepEqual(await uncommitted(other.path), [
        { path: 'a.txt', kind: 'modified' },
        { path: 'sub/b.txt', kind: 'deleted' },
      ]);
    });

    it('is compared as it is where nobody has set the filter up', async () => {
      const made = cloned(usual, false);
      made.write('a.txt', made.gitBytes('show', 'HEAD:a.txt').toString().toUpperCase());
      assert.deepEqual(inGit(made), [{ path: 'a.txt', kind: 'modified' }]);
      assert.deepEqual(await uncommitted(made.path), [{ path: 'a.txt', kind: 'modified' }]);
    });

    it('is never said to be otherwise than Git says, but that it may have changed', async () => {
      const action = fc.record({
        path: fc.constantFrom('a.txt', 'sub/b.txt', 'config.json', 'new.txt'),
        done: fc.constantFrom('same', 'other', 'longer', 'touch', 'delete', 'stage', 'refresh'),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(action, { maxLength: 4 }), async (actions) => {
          writeFileSync(process.env.GIT_CONFIG_GLOBAL ?? '', '');
          const made = cloned(usual);
          for (const { path, done } of actions) act(made, path, done);
          const expected = new Map(inGit(made).map(({ path, kind }) => [path, kind]));
          const seen = new Map((await uncommitted(made.path)).map(({ path, kind }) => [path, kind]));
          for (const path of new Set([...expected.keys(), ...seen.keys()])) {
            const said = seen.get(path);
            if (said === 'touched') assert(['modified', undefined].includes(expected.get(path)), path);
            else assert.equal(said, expected.get(path), `${path} after ${JSON.stringify(actions)}`);
          }
        }),
        { numRuns: 12 },
      );
    }).timeout(300_000);

    function act(made: Repository, path: string, done: string): void {
      const file = join(made.path, path);
      if (done === 'stage') return void made.git('add', '--all');
      if (done === 'refresh') return void made.git('status');
      if (done === 'delete') {
        rmSync(file, { force: true });
        return;
      }
      if (done === 'touch') {
        if (existsSync(file)) utimesSync(file, 1_000_000_000, 1_000_000_000);
        return;
      }
      made.write(path, { same: 'secret\n', other: 'hidden\n', longer: 'secret, and more\n' }[done] ?? '');
    }
  });
}

describe('What Git says of files and their filters', () => {
  it('is a value by path, whatever either holds', () => {
    const output = Buffer.from('a b\0filter\0cr\xffpt\0\xc3\xa9\nx\0filter\0unspecified\0', 'latin1');
    assert.deepEqual(
      [...parseAttributes(output)],
      [
        ['a b', 'cr\xffpt'],
        ['é\nx', 'unspecified'],
      ],
    );
  });

  it('is what an index remembers, and nothing where it is said otherwise', () => {
    const entry = (path: string) =>
      `${path}\0  ctime: 12:000000034\n  mtime: 56:7\n  dev: 65024\tino: 42\n  uid: 0\tgid: 0\n  size: 9\tflags: 8000\n`;
    const remembered = { ctimeNs: 12_000_000_034n, mtimeNs: 56_000_000_007n, ino: 42n, size: 9n };
    assert.deepEqual(
      [...parseRemembered(Buffer.from(entry('a') + entry('b\nc')))],
      [
        ['a', remembered],
        ['b\nc', remembered],
      ],
    );
    assert.equal(parseRemembered(Buffer.from(entry('a').replace('mtime', 'modified'))).size, 0);
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseRemembered(Buffer.from(bytes))));
  });

  it('is another content alone, and neither a mode nor anything that is staged', () => {
    const record = (states: string, modes: string, path: string) =>
      `1 ${states} N... 100644 ${modes} ${'1'.repeat(40)} ${'1'.repeat(40)} ${path}`;
    const output = [
      record('.M', '100644 100644', 'a b'),
      record('.M', '100644 100755', 'mode'),
      record('M.', '100644 100644', 'staged'),
      record('MM', '100644 100644', 'both'),
      `2 R. N... 100644 100644 100644 ${'1'.repeat(40)} ${'1'.repeat(40)} R100 new`,
      '1 .M N... 100644 100644 100644 x x the path it had',
      '? untracked',
      '',
    ].join('\0');
    assert.deepEqual([...parseOtherContents(output)], ['a b']);
  });
});
