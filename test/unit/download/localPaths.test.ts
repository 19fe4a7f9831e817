import assert from 'node:assert/strict';
import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import { pathProblems, type FileNaming } from '../../../src/core/download/localPaths.ts';

const LINUX: FileNaming = { platform: 'linux', ignoresCase: false };
const MACOS: FileNaming = { platform: 'darwin', ignoresCase: true };
const WINDOWS: FileNaming = { platform: 'win32', ignoresCase: true };

/** Components as a stranger may choose them: what has a meaning somewhere, mixed with anything. */
const component = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[a-z]{1,6}$/) },
  fc.constantFrom(
    '',
    '.',
    '..',
    '...',
    '.git',
    '.GIT',
    'git~1',
    '.cache',
    '.git ',
    '.git::$INDEX_ALLOCATION',
  ),
  fc.constantFrom(
    'C:',
    'c:evil',
    'NUL',
    'con.txt',
    'COM1',
    'lpt9.bin',
    'a.',
    'a ',
    'a:b',
    'a*',
    '\\',
    'a\\..\\b',
  ),
  fc.constantFrom('\0', 'a\0b', '\u200d.git', 'é', 'e\u0301', 'ß', 'SS', 'ı', 'İ', '\ud800'),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const path = fc.array(component, { minLength: 1, maxLength: 4 }).map((components) => components.join('/'));

describe('paths of a version as files here', () => {
  for (const [name, naming, paths, root] of [
    ['Linux', LINUX, posix, '/home/ada/model'],
    ['macOS', MACOS, posix, '/Users/ada/model'],
    ['Windows', WINDOWS, win32, 'C:\\Users\\ada\\model'],
  ] as const) {
    it(`that have no problem on ${name} name files below the folder, and each another one`, () => {
      fc.assert(
        fc.property(fc.array(path, { maxLength: 8 }), (all) => {
          const bad = new Set(pathProblems(all, naming).map((problem) => problem.path));
          const good = all.filter((each) => !bad.has(each));
          const places = good.map((each) => paths.join(root, ...each.split('/')));
          for (const [index, place] of places.entries()) {
            const inside = paths.relative(root, place);
            assert.ok(
              inside !== '' && inside.split(paths.sep)[0] !== '..' && !paths.isAbsolute(inside),
              place,
            );
            // Nothing of it was taken for something else.
            assert.deepEqual(inside.split(paths.sep), good[index]?.split('/'));
            assert.ok(!/(?:^|[/\\])\.(?:git|cache)(?:[/\\]|$)/i.test(inside), inside);
          }
          const key = (place: string): string =>
            naming.ignoresCase ? place.normalize('NFC').toLowerCase() : place;
          const keys = places.map(key);
          assert.equal(new Set(keys).size, keys.length);
          for (const one of keys) assert.ok(!keys.some((other) => other.startsWith(one + paths.sep)), one);
        }),
        { numRuns: 2000 },
      );
    });
  }

  const kinds = (naming: FileNaming, ...all: string[]): string[] =>
    pathProblems(all, naming).map(({ kind, path: of }) => `${kind} ${of}`);

  it('are refused everywhere where they lead elsewhere', () => {
    for (const naming of [LINUX, MACOS, WINDOWS]) {
      for (const bad of [
        '..',
        '../a',
        'a/../b',
        '/a',
        'a//b',
        './a',
        'a/',
        '.git/config',
        '.cache/x',
        'a\0',
        'x\ud800',
      ]) {
        assert.deepEqual(kinds(naming, bad), [`refused ${bad}`]);
      }
    }
  });

  it('are impossible on Windows where it has no such names', () => {
    const odd = [
      'a:b',
      'C:/a',
      'aux',
      'sub/nul.txt',
      'COM1.bin',
      'com² .x',
      'conin$',
      'a.',
      'a /b',
      'a\\b',
      'a?',
      'a\tb',
      'a|b',
    ];
    assert.deepEqual(
      kinds(WINDOWS, ...odd),
      odd.map((each) => `impossible ${each}`),
    );
    assert.deepEqual(kinds(LINUX, ...odd), []);
    assert.deepEqual(kinds(WINDOWS, 'auxiliary', 'nul2', 'com10', 'console.txt', 'a.b c'), []);
  });

  it('collide where the file system takes one for the other', () => {
    assert.deepEqual(pathProblems(['Model.bin', 'sub/a', 'model.bin', 'SUB'], MACOS), [
      { kind: 'collision', path: 'model.bin', other: 'Model.bin' },
      { kind: 'collision', path: 'sub/a', other: 'SUB' },
    ]);
    assert.deepEqual(kinds(MACOS, 'é', 'e\u0301'), ['collision e\u0301']);
    assert.deepEqual(kinds(LINUX, 'Model.bin', 'model.bin', 'é', 'e\u0301'), []);
    assert.deepEqual(kinds(LINUX, 'a', 'a/b', 'a'), ['collision a', 'collision a/b']);
  });
});
