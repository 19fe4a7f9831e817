import assert from 'node:assert/strict';
import fc from 'fast-check';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import {
  changesSince,
  chips,
  commitFacts,
  isFirst,
  type Known,
  standing,
  versionBefore,
} from '../../../src/editor/modelPage/glance.ts';

const id = (digit: string) => asGitObjectId(digit.repeat(40))!;
const [A, B, C] = [id('a'), id('b'), id('c')];
const NOTHING: Known = { metadata: [], size: undefined, parameters: undefined, formats: [] };
const listed = (...commits: readonly (typeof A | undefined)[]) => ({
  all: commits.map((commit) => ({ commit })),
  hasMore: false,
});
const metadata = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([label, value]) => ({ label, value }));

describe('what a model page tells at a glance', () => {
  it('is task, license, parameters, format and size, as far as they are known', () => {
    assert.deepEqual(chips(NOTHING), []);
    const all = chips({
      metadata: metadata({ license: 'apache-2.0', pipeline_tag: 'text-classification', language: 'en' }),
      size: '4.1 MB',
      parameters: '7.24B',
      formats: ['safetensors', 'GGUF', 'GGUF'],
    });
    assert.deepEqual(
      all.map(({ name, value }) => `${name}: ${value}`),
      [
        'Task: text-classification',
        'License: apache-2.0',
        'Parameters: 7.24B',
        'Format: safetensors, GGUF',
        'Size: 4.1 MB',
      ],
    );
  });

  it('is the name of a license that is none of the known ones', () => {
    const license = (values: Readonly<Record<string, string>>) =>
      chips({ ...NOTHING, metadata: metadata(values) }).map(({ value }) => value);
    assert.deepEqual(license({ license: 'other', license_name: 'our-terms' }), ['our-terms']);
    assert.deepEqual(license({ license: 'other' }), ['other']);
    assert.deepEqual(license({ license: ' ' }), []);
  });

  it('is short, whatever a stranger wrote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, times) => {
        for (const { value } of chips({ ...NOTHING, metadata: metadata({ license: text.repeat(times) }) })) {
          assert(value !== '' && Array.from(value).length <= 60 && !value.includes('\n'));
        }
      }),
    );
  });

  it('is whether it is the newest version, or which one is', () => {
    assert.equal(standing(A, listed()), undefined);
    assert.equal(standing(A, listed(undefined, A, B))?.kind, 'newest');
    const older = standing(B, listed(A, B));
    assert(older?.kind === 'older');
    assert.deepEqual(older.newest, { commit: A, label: 'Show the newest, aaaaaaa' });
    // A list that does not reach back to it tells as much.
    assert.equal(standing(C, { ...listed(A, B), hasMore: true })?.kind, 'older');
  });

  it('is the version before, and that there is none only where all are listed', () => {
    assert.equal(versionBefore(A, listed(A, undefined, A, B)), B);
    assert.equal(versionBefore(B, listed(A, B)), undefined);
    assert.equal(versionBefore(C, listed(A, B)), undefined);
    assert(isFirst(B, listed(A, B)));
    assert(!isFirst(A, listed(A, B)));
    assert(!isFirst(B, { ...listed(A, B), hasMore: true }));
    assert(!isFirst(C, listed(A, B)));
    assert(!isFirst(C, listed()));
  });

  it('is how many files changed, came and went since then', () => {
    const file = {};
    const change = { before: file, after: file } as never;
    const added = { before: undefined, after: file } as never;
    const removed = { before: file, after: undefined } as never;
    assert.deepEqual(changesSince(B, [change, added, added, removed]), {
      sentence: 'Files since bbbbbbb: 1 changed, 2 added, 1 removed',
      compare: 'Compare with bbbbbbb',
    });
    assert.equal(changesSince(B, [removed]).sentence, 'Files since bbbbbbb: 1 removed');
    assert.deepEqual(changesSince(B, []), {
      sentence: 'The same files as in the version before, bbbbbbb',
      compare: undefined,
    });
  });

  it('is which commit was published, beside the one that the registry made of it', () => {
    const told = (published: Parameters<typeof commitFacts>[1]) =>
      commitFacts(A, published).map(({ label, value }) => `${label}: ${value}`);
    assert.deepEqual(told(undefined), [`Commit in the registry: ${A}`]);
    assert.deepEqual(told({ kind: 'git', commit: B }), [
      `Commit in the registry: ${A}`,
      `Published from Git commit: ${B}`,
    ]);
    assert.deepEqual(told({ kind: 'hub', address: 'https://huggingface.co/org/model', commit: B }), [
      `Commit in the registry: ${A}`,
      `Imported from: https://huggingface.co/org/model @ ${B}`,
    ]);
  });
});
