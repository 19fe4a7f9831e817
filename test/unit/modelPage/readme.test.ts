import assert from 'node:assert/strict';
import { LONGEST_README, parseReadme, readmeOf } from '../../../src/editor/modelPage/readme.ts';

describe('the model card of a version', () => {
  it('is taken apart into its front matter and its text', () => {
    assert.deepEqual(
      parseReadme(
        '\uFEFF---\r\nlicense: mit\r\ntags: [a, b]\r\nmodel-index:\r\n  - name: x\r\n---\r\n# Title\r\n',
      ),
      {
        text: '# Title\r\n',
        metadata: [
          { label: 'license', value: 'mit' },
          { label: 'tags', value: 'a, b' },
          { label: 'model-index', value: '- name: x' },
        ],
        cut: false,
      },
    );
  });

  it('is whole where it has no front matter, or none that can be read', () => {
    for (const text of [
      '# Title',
      '',
      '---\n',
      'a\n---\nb: c\n---\n',
      '---\n*alias\n---\ntext',
      '---\n[1, 2\n---\nx',
    ]) {
      assert.deepEqual(parseReadme(text), { text, metadata: [], cut: false });
    }
  });

  it('shows marks for invisible characters of metadata, and not all of what is long', () => {
    const { metadata } = parseReadme(`---\n"a\\u202Eb": "x\\u0007y"\nlong: ${'z'.repeat(2000)}\n---\n`);
    assert.deepEqual(metadata[0], { label: 'a<U+202E>b', value: 'x␇y' });
    assert.equal(metadata[1]?.value.length, 501);
  });

  it('is cut where it is too long', () => {
    const { text, cut } = parseReadme('x'.repeat(LONGEST_README + 1));
    assert.equal(text.length, LONGEST_README);
    assert(cut);
  });

  it('is the README at the root, however it is written', () => {
    const of = (...paths: readonly string[]) =>
      readmeOf(new Map(paths.map((path) => [path, { path, size: 1, gitSha1: undefined, sha256: undefined }])))
        ?.path;
    assert.equal(of('docs/README.md', 'readme.md', 'README.md'), 'README.md');
    assert.equal(of('docs/README.md', 'readme.md'), 'readme.md');
    assert.equal(of('docs/README.md'), undefined);
  });
});
