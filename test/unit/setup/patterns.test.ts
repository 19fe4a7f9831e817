import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { withStats } from '../../../src/core/setup/indexStats.ts';
import { attributePattern, ignoreLine } from '../../../src/core/snapshot/git/patterns.ts';
import { scratch } from '../snapshot/repositories.ts';

/** What means something in patterns, and what does not. */
const letters = [
  'a',
  'b',
  '*',
  '?',
  '[',
  ']',
  '\\',
  ' ',
  '\t',
  '\n',
  '\r',
  '!',
  '#',
  '"',
  "'",
  '{',
  '.',
  '-',
  'é',
  '☃',
  '^',
];
const name = fc
  .array(fc.constantFrom(...letters), { minLength: 1, maxLength: 5 })
  .map((each) => each.join(''))
  .filter((each) => !/^\.+$/.test(each));
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));

describe('A pattern that stands for one file', () => {
  const { repository } = scratch();

  it('means that one, and none of the others, to Git', () => {
    const { path: top } = repository();
    const git = (input: string, ...args: string[]): string[] => {
      try {
        return execFileSync('git', args, { cwd: top, input, encoding: 'utf8', stdio: 'pipe' }).split('\0');
      } catch (error) {
        // Nothing is ignored.
        if ((error as { status?: number }).status === 1) return [];
        throw error;
      }
    };
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 2, maxLength: 12 }), ([wanted = '', ...others]) => {
        const input = [wanted, ...others].map((each) => `${each}\0`).join('');
        writeFileSync(join(top, '.gitattributes'), `${attributePattern(wanted)} filter=lfs\n`);
        const fields = git(input, 'check-attr', '-z', '--stdin', 'filter');
        const marked = fields.flatMap((value, at) =>
          at % 3 === 2 && value === 'lfs' ? [fields[at - 2] ?? ''] : [],
        );
        assert.deepEqual(marked, [wanted]);
        if (/[\r\n]/.test(wanted)) return;
        writeFileSync(join(top, '.gitignore'), `${ignoreLine(wanted)}\n`);
        const ignored = git(input, 'check-ignore', '-z', '--no-index', '--stdin').filter(Boolean);
        assert.deepEqual(
          ignored,
          [wanted, ...others].filter((each) => each === wanted || each.startsWith(`${wanted}/`)),
        );
      }),
      {
        numRuns: 60,
        // Names that differ in the kind of space alone, and in what is quoted.
        examples: [[['\n', ' ', '\t', 'a']], [[' "\\', '\t"\\', ' "']], [['a\r*b', 'a\r-b', 'a *b']]],
      },
    );
  });
});

describe('The metadata in an index', () => {
  const { repository } = scratch();

  it('are put in, in each version of the format, so that Git reads no file', () => {
    for (const version of ['2', '3', '4']) {
      const model = repository();
      const paths = ['a', 'ab/c.bin', 'ab/cd.bin', 'b', `${'long/'.repeat(60)}name`, 'ü/☃'];
      for (const each of paths) model.write(each, each);
      model.git('update-index', '--index-version', version);
      model.git('add', '--intent-to-add', 'a');
      model.git('add', '--all');
      // Skipping it takes an entry of the longer form.
      if (version === '3') model.git('update-index', '--skip-worktree', 'b');
      const index = join(model.path, '.git/index');
      const written = model.git('ls-files', '--stage', '--debug');
      const blobs = model
        .git('ls-files', '--stage')
        .split('\n')
        .filter((line) => version !== '3' || !line.endsWith('\tb'));
      model.gitWith(`${blobs.join('\n')}\n`, 'update-index', '--index-info');
      assert.match(model.git('ls-files', '--debug'), /size: 0/);
      assert.equal(readFileSync(index).readUInt32BE(4), version === '3' ? 3 : Number(version));
      const stats = new Map(paths.map((each) => [each, statSync(join(model.path, each), { bigint: true })]));
      writeFileSync(index, withStats(readFileSync(index), stats, process.platform));
      assert(!/error|missing/.test(model.git('fsck', '--strict')));
      assert.equal(
        model.git('ls-files', '--stage', '--debug').replace(/flags: \w+/g, ''),
        written.replace(/flags: \w+/g, ''),
        version,
      );
    }
  });

  it('are those that Git for Windows takes: no numbers, and the time of creation', () => {
    const model = repository();
    model.write('a', 'a');
    model.git('add', '--all');
    const index = join(model.path, '.git/index');
    const stats = statSync(join(model.path, 'a'), { bigint: true });
    writeFileSync(index, withStats(readFileSync(index), new Map([['a', stats]]), 'win32'));
    const debug = model.git('ls-files', '--debug');
    const time = (ns: bigint) => `${ns / 1_000_000_000n}:${ns % 1_000_000_000n}`;
    assert(debug.includes(`ctime: ${time(stats.birthtimeNs)}\n  mtime: ${time(stats.mtimeNs)}\n`), debug);
    assert.match(debug, /dev: 0\tino: 0\n {2}uid: 0\tgid: 0\n {2}size: 1\t/);
  });

  it('are in no other bytes than those of an index', () => {
    const model = repository();
    mkdirSync(join(model.path, 'x'));
    model.write('x/a', 'a');
    model.git('add', '--all');
    const whole = readFileSync(join(model.path, '.git/index'));
    for (const bytes of [Buffer.alloc(0), whole.subarray(0, 40), Buffer.from('DIRC'), Buffer.alloc(200)]) {
      assert.throws(() => withStats(bytes, new Map(), 'linux'));
    }
  });
});
