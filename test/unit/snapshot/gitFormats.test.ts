import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseCommit } from '../../../src/core/snapshot/git/commit.ts';
import { parseConfig } from '../../../src/core/snapshot/git/config.ts';
import { parseLfsPointer } from '../../../src/core/snapshot/git/lfsPointer.ts';
import { parseAlternates } from '../../../src/core/snapshot/git/lfsStore.ts';
import { parseStages, parseTouched } from '../../../src/core/snapshot/git/indexCopy.ts';
import { parseStatus } from '../../../src/core/snapshot/git/status.ts';
import { escapedPath, parseTree } from '../../../src/core/snapshot/git/tree.ts';
import { anyText } from '../../setup/anyText.ts';

const hex = (length: number) =>
  fc.string({
    unit: fc.constantFrom(...Array.from('0123456789abcdef')),
    minLength: length,
    maxLength: length,
  });
const path = anyText({ minLength: 1, maxLength: 255 }).filter((text) => !text.includes('\0'));

describe('A Git LFS pointer', () => {
  const parsed = (text: string) => parseLfsPointer(Buffer.from(text));
  const oid = 'ab'.repeat(32);
  const plain = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 12345\n`;

  it('gives hash and size, with any size a file can have', () => {
    fc.assert(
      fc.property(hex(64), fc.maxSafeNat(), (sha256, size) => {
        const text = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`;
        assert.deepEqual(parsed(text), { sha256, size });
      }),
    );
  });

  for (const [what, text] of [
    ['of the first public version', plain.replace('git-lfs.github', 'hawser.github')],
    ['of the time before', plain.replace('https://git-lfs.github.com/spec/v1', 'http://git-media.io/v/2')],
    ['with extensions', plain.replace('oid', `ext-0-foo sha256:${oid}\next-1-bar sha256:${oid}\noid`)],
    ['without a line end', plain.trim()],
    ['with the line ends of Windows', plain.replaceAll('\n', '\r\n')],
  ] as const) {
    it(`is one ${what}`, () => assert.equal(parsed(text)?.size, 12345));
  }

  for (const [what, text] of [
    ['another version', plain.replace('v1', 'v2')],
    ['another hash', plain.replace('sha256', 'sha512')],
    ['a hash too short', plain.replace('ab', '')],
    ['no size', plain.replace(/size .*\n/, '')],
    ['a negative size', plain.replace('12345', '-1')],
    ['a size no number can hold', plain.replace('12345', '9007199254740993')],
    ['more lines', `${plain}more\n`],
    ['text before it', `# ${plain}`],
    ['1024 bytes', plain.trim() + '\n'.repeat(1024 - plain.trim().length)],
    ['nothing', ''],
  ] as const) {
    it(`is none with ${what}`, () => assert.equal(parsed(text), undefined));
  }

  it('is told from any other bytes without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        assert.equal(parseLfsPointer(bytes), undefined);
      }),
    );
  });
});

describe('The output of git ls-tree', () => {
  const entry = fc.record({
    mode: fc.constantFrom(
      ['100644', 'blob', 'file'],
      ['100755', 'blob', 'file'],
      ['120000', 'blob', 'link'],
      ['160000', 'commit', 'submodule'],
    ),
    oid: hex(40),
    size: fc.maxSafeNat(),
    path,
  });

  it('is parsed whatever the names are', () => {
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const output = entries.map(
          ({ mode: [mode, type], oid, size, path }) =>
            `${mode} ${type} ${oid} ${(type === 'commit' ? '-' : String(size)).padStart(7)}\t${path}\0`,
        );
        assert.deepEqual(parseTree(Buffer.from(output.join(''))), {
          undecodable: [],
          absent: [],
          entries: entries.map(({ mode: [, , kind], oid, size, path }) => ({
            kind,
            path,
            oid,
            size: kind === 'submodule' ? 0 : size,
          })),
        });
      }),
    );
  });

  it('shows names that are not UTF-8, and keeps them apart', () => {
    const name = Buffer.from([0x61, 0xff, 0x5c, 0x0a]);
    const line = Buffer.concat([
      Buffer.from(`100644 blob ${'a'.repeat(40)}       1\t`),
      name,
      Buffer.from([0]),
    ]);
    assert.deepEqual(parseTree(line), { entries: [], undecodable: ['a\\xff\\x5c\\x0a'], absent: [] });
    assert.equal(escapedPath(Buffer.from('plain name')), 'plain name');
  });
});

describe('The output of git status', () => {
  const ids = `${'a'.repeat(40)} ${'b'.repeat(40)}`;

  it('is parsed by kind, with any names', () => {
    fc.assert(
      fc.property(path, path, (one, other) => {
        const output = [
          `1 .M N... 100644 100644 100644 ${'a'.repeat(40)} ${'a'.repeat(40)} ${one}`,
          `1 M. N... 100644 100644 100644 ${ids} ${one}`,
          `1 A. N... 000000 100644 100644 ${ids} ${one}`,
          `1 .D N... 100644 100644 000000 ${ids} ${one}`,
          `2 R. N... 100644 100644 100644 ${ids} R100 ${one}\0${other}`,
          `u UU N... 100644 100644 100644 100644 ${ids} ${'c'.repeat(40)} ${one}`,
          `? ${other}`,
        ].join('\0');
        assert.deepEqual(parseStatus(`${output}\0`), [
          { kind: 'modified', path: one },
          { kind: 'modified', path: one },
          { kind: 'added', path: one },
          { kind: 'deleted', path: one },
          { kind: 'renamed', path: one },
          { kind: 'conflicted', path: one },
          { kind: 'untracked', path: other },
        ]);
      }),
    );
  });
});

describe('The output of git diff-files and git ls-files', () => {
  const oid = 'a'.repeat(40);

  it('is parsed with any names, without conflicts and what is gone', () => {
    fc.assert(
      fc.property(path, path, (one, other) => {
        fc.pre(one !== other);
        const touched = [
          `:100644 100644 ${oid} ${'0'.repeat(40)} M\0${one}`,
          `:000000 100644 ${'0'.repeat(40)} ${'0'.repeat(40)} U\0${other}`,
          `:100644 100755 ${oid} ${'0'.repeat(40)} M\0${other}`,
          `:100644 000000 ${oid} ${'0'.repeat(40)} D\0${one}`,
          `:100644 120000 ${oid} ${'0'.repeat(40)} T\0${one}`,
          `:100644 100755 ${oid} ${'0'.repeat(40)} M\0${one}`,
          `:120000 120000 ${oid} ${'0'.repeat(40)} M\0${one}`,
        ];
        assert.deepEqual(parseTouched(Buffer.from(`${touched.join('\0')}\0`)), [
          { path: one, oid, isRegular: true, otherMode: false },
          { path: one, oid, isRegular: true, otherMode: true },
          { path: one, oid, isRegular: false, otherMode: false },
        ]);
        const stages = [`100644 ${oid} 0\t${one}`, `100644 ${oid} 2\t${other}`];
        assert.deepEqual([...parseStages(Buffer.from(`${stages.join('\0')}\0`))], [[one, oid]]);
      }),
    );
  });

  it('is empty, or has names that are not UTF-8', () => {
    const name = Buffer.from([0x61, 0xff]);
    const nul = Buffer.from([0]);
    assert.deepEqual(parseTouched(Buffer.alloc(0)), []);
    assert.equal(parseStages(Buffer.alloc(0)).size, 0);
    assert.deepEqual(
      parseTouched(Buffer.concat([Buffer.from(`:100644 100644 ${oid} ${oid} M\0`), name, nul])),
      [],
    );
    assert.equal(parseStages(Buffer.concat([Buffer.from(`100644 ${oid} 0\t`), name, nul])).size, 0);
  });
});

describe('Git’s other formats', () => {
  it('configuration: the last value wins, a key alone is true, names hold anything', () => {
    const output = Buffer.from(
      'remote.origin.url\nhttps://a/b\nc\0remote.origin.url\nx\0filter.a.b=c.clean\nevil\0filter.lfs.required\0filter.lfs.clean\ny\0lfs.storage\n\0',
    );
    const config = parseConfig(output);
    assert.equal(config.get('remote.origin.url'), 'x');
    assert.equal(config.get('filter.lfs.required'), 'true');
    assert.equal(config.get('lfs.storage'), '');
    assert.deepEqual(config.subsections('filter'), ['a.b=c', 'lfs']);
    assert.deepEqual(config.subsections('lfs'), []);
    const noText = parseConfig(
      Buffer.from('core.excludesfile\n/\xff\0remote.\xe9.url\nx\0remote.\xe8.url\ny\0', 'latin1'),
    );
    assert.deepEqual(noText.bytes('core.excludesfile'), Buffer.from('/\xff', 'latin1'));
    assert.equal(noText.get('remote.\ufffd.url'), undefined);
  });

  it('commit: subject, time and encoding', () => {
    const header = `tree ${'a'.repeat(40)}\nauthor A <a@b> 1 +0000\ncommitter C <c> 2 > <c@d> 1700000000 -0130\n`;
    assert.deepEqual(parseCommit(Buffer.from(`${header}\n\nFirst line\nsecond\n\nbody`)), {
      subject: 'First line',
      committedAt: new Date(1_700_000_000_000),
    });
    const latin1 = Buffer.from(`${header}encoding ISO-8859-1\n\ncaf\u00e9`, 'latin1');
    assert.equal(parseCommit(latin1).subject, 'café');
    assert.equal(parseCommit(Buffer.from(`${header}encoding martian\n\nhi`)).subject, 'hi');
    assert.equal(parseCommit(Buffer.from(header)).subject, '');
  });

  it('alternates: comments and quoted paths', () => {
    assert.deepEqual(parseAlternates('# none\n/a b/objects\n\n"/tab\\there/\\303\\251"\n../up\n'), [
      '/a b/objects',
      '/tab\there/é',
      '../up',
    ]);
  });
});
