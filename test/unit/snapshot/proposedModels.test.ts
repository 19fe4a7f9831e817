import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isModelCard } from '../../../src/core/localModels/evidence.ts';
import { readFrontMatter } from '../../../src/core/snapshot/frontMatter.ts';
import { LONGEST_CARD } from '../../../src/core/snapshot/modelCard.ts';
import { remoteSegments } from '../../../src/core/snapshot/git/remote.ts';
import { parseModelId } from '../../../src/core/snapshot/modelId.ts';
import { proposeModels, type ModelClues } from '../../../src/core/snapshot/proposedModels.ts';
import { anyText } from '../../setup/anyText.ts';

const clues = (some: Partial<ModelClues>): ModelClues => ({
  frontMatter: new Map(),
  remote: [],
  repository: ['home', 'ada', 'bert'],
  folder: [],
  ...some,
});

describe('Proposed model ids', () => {
  it('come from the model card first, then the remote, then the folders', () => {
    const frontMatter = readFrontMatter('---\nmodel_name: Bert Base\n---\n# Bert');
    assert.deepEqual(proposeModels(clues({ frontMatter, remote: ['acme', 'bert-train'] })), [
      'acme/Bert-Base',
      'ada/Bert-Base',
      'acme/bert-train',
      'acme/bert',
      'ada/bert',
    ]);
  });

  it('take a whole id from the model card as it is', () => {
    const frontMatter = readFrontMatter('---\nname: acme/bert\n---\n');
    assert.equal(proposeModels(clues({ frontMatter }))[0], 'acme/bert');
  });

  it('find the front matter behind any number of blank lines', () => {
    const frontMatter = readFrontMatter(`${'\n'.repeat(500_000)}---\nname: acme/bert\n---\n`);
    assert.equal(proposeModels(clues({ frontMatter }))[0], 'acme/bert');
  });

  it('take the name that evaluation results hang on', () => {
    const frontMatter = readFrontMatter('---\nmodel-index:\n- name: tiny-bert\n  results: []\n---\n');
    assert.equal(proposeModels(clues({ frontMatter }))[0], 'ada/tiny-bert');
  });

  it('are never the model that this one was made from', () => {
    const frontMatter = readFrontMatter('---\nbase_model: google/bert\n---\n');
    assert(!proposeModels(clues({ frontMatter })).includes('google/bert'));
  });

  it('put the folder before the repository it lies in', () => {
    assert.deepEqual(proposeModels(clues({ remote: ['acme', 'ml'], folder: ['models', 'tiny'] })), [
      'acme/tiny',
      'acme/ml',
      'bert/tiny',
    ]);
  });

  it('are valid and different, whatever they come from', () => {
    const words = fc.array(anyText({ maxLength: 20 }), { maxLength: 4 });
    fc.assert(
      fc.property(words, words, words, anyText(), (remote, repository, folder, name) => {
        const proposals = proposeModels({
          remote,
          repository,
          folder,
          frontMatter: new Map([['model_name', name]]),
        });
        assert.equal(new Set(proposals).size, proposals.length);
        assert(proposals.every((proposal) => parseModelId(proposal).kind === 'modelId'));
      }),
    );
  });
});

describe('A remote URL', () => {
  for (const [url, segments] of [
    ['https://github.com/acme/bert.git', ['acme', 'bert']],
    ['https://github.com/acme/bert', ['acme', 'bert']],
    ['https://ada:secret@host:8443/git/acme/bert.git/', ['git', 'acme', 'bert']],
    ['https://hub.example/acme/b%C3%A9rt?token=secret#x', ['acme', 'bért']],
    ['https://dev.azure.com/acme/nlp/_git/bert', ['acme', 'nlp', 'bert']],
    ['ssh://git@github.com:22/acme/bert.git', ['acme', 'bert']],
    ['git@github.com:acme/bert.git', ['acme', 'bert']],
    ['github.com:bert.git', ['bert']],
    ['git@[::1]:acme/bert', ['acme', 'bert']],
    ['file:///srv/git/acme/bert.git', ['srv', 'git', 'acme', 'bert']],
    ['file:///home/ada/bert/.git', ['home', 'ada', 'bert']],
    ['/srv/acme/bert', ['srv', 'acme', 'bert']],
    ['../acme/bert', ['acme', 'bert']],
    ['C:\\models\\acme\\bert', ['models', 'acme', 'bert']],
    ['\\\\server\\share\\acme\\bert.git', ['server', 'share', 'acme', 'bert']],
    ['', []],
    ['https://github.com', []],
    ['https://host/%E0%A4%A/bert', ['%E0%A4%A', 'bert']],
  ] as const) {
    it(`${url || '(empty)'} → ${segments.join(', ')}`, () => assert.deepEqual(remoteSegments(url), segments));
  }

  it('gives away no user and no password', () => {
    const secret = fc.string({ unit: fc.constantFrom('x', 'q', '/', ':', '@', '%2F', '\\'), minLength: 1 });
    fc.assert(
      fc.property(secret, secret, (user, password) => {
        for (const url of [
          `https://${user}:${password}@host/acme/bert.git`,
          `ssh://${user}@host/acme/bert`,
          `${user}:${password}@host:acme/bert`,
        ]) {
          assert(!/[xq]/.test(remoteSegments(url).join()), `${url} → ${remoteSegments(url).join()}`);
        }
      }),
    );
  });
});

describe('Front matter', () => {
  it('is read between the first lines of dashes', () => {
    const matter = readFrontMatter('\uFEFF---\r\nname: a\r\nlicense: mit\r\n---\r\nname: b\r\n');
    assert.deepEqual(
      [...matter],
      [
        ['name', 'a'],
        ['license', 'mit'],
      ],
    );
  });

  for (const [what, text] of [
    ['after blank lines and spaces', '\n \n  ---\nname: a\n---\n'],
    ['after a byte order mark and a blank line', '\uFEFF\n---\nname: a\n---\n'],
    ['in lines that end with CR alone', '---\rlicense: mit\rname: a\r---\rname: b\r'],
    ['before nothing', '---\nname: a\n---'],
    ['between lines that end in spaces', '---  \nname: a\n--- \nname: b\n'],
    ['with an anchor and its alias', '---\nlicense: &l mit\nother: *l\nname: a\n---\n'],
    ['with dashes in a value', '---\nx: |\n  ---\n  b\nname: a\n---\n'],
    [
      'with the results of benchmarks',
      `---\nmodel-index:\n${'- results:\n  - type: x\n'.repeat(20_000)}name: a\n---\n`,
    ],
  ] as const) {
    it(`is read ${what}`, () => assert.equal(readFrontMatter(text).get('name'), 'a'));
  }

  it('is read as far as it goes where only its beginning is there', () => {
    const card = `---\nlibrary_name: x\nmodel-index:\n${'- results:\n  - type: x\n'.repeat(100)}---\n`;
    fc.assert(
      fc.property(fc.integer({ min: 21, max: card.length }), (length) => {
        assert(isModelCard(card.slice(0, length)));
      }),
    );
    assert(!isModelCard('---\nlibrary_name'));
  });

  it('is text, whatever YAML would make of it', () => {
    assert.equal(readFrontMatter('---\nname: 007\n---').get('name'), '007');
  });

  for (const [what, text] of [
    ['no front matter', '# Model'],
    ['an unfinished one', '---\nname: a\n'],
    ['one that is a list', '---\n- a\n---\n'],
    ['one that is too long', `---\nname: a\nx: ${'y'.repeat(LONGEST_CARD)}\n---\n`],
    ['nested too deep', `---\nname: ${'['.repeat(16_000)}\n---\n`],
    [
      'a billion laughs',
      `---\na: &a [x]\n${'bcdefghijk'.replace(/./g, (letter) => `${letter}: &${letter} [*${String.fromCharCode(letter.charCodeAt(0) - 1)}, *${String.fromCharCode(letter.charCodeAt(0) - 1)}]\n`)}name: z\n---\n`,
    ],
  ] as const) {
    it(`proposes nothing from ${what}`, () =>
      assert.notEqual(typeof readFrontMatter(text).get('name'), 'string'));
  }

  it('never throws', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 300 }), (text) => {
        readFrontMatter(`---\n${text}\n---\n`);
      }),
    );
  });
});
