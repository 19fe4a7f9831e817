import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseReference } from '../../../src/core/imports/reference.ts';
import { anyText } from '../../setup/anyText.ts';

const HUB = new URL('https://huggingface.co');
const PREFIXED = new URL('https://packages.buildkite.com/acme/models/huggingface');

describe('what is pasted for a model of a hub', () => {
  const SAME = 'org/model';
  const GOOD: readonly (readonly [text: string, model: string, revision?: string])[] = [
    ['org/model', SAME],
    ['  org/model\n', SAME],
    ['gpt2', 'gpt2'],
    ['org/model@v1.0', SAME, 'v1.0'],
    ['org/model@refs/pr/12', SAME, 'refs/pr/12'],
    ['hf://org/model@main', SAME, 'main'],
    ['hf://models/org/model', SAME],
    ['https://huggingface.co/org/model', SAME],
    ['https://huggingface.co/org/model/', SAME],
    ['https://huggingface.co/gpt2', 'gpt2'],
    ['https://hf.co/org/model?library=x#usage', SAME],
    ['https://huggingface.co/org/model/tree/main', SAME, 'main'],
    ['https://huggingface.co/org/model/tree/main/onnx', SAME, 'main'],
    ['https://huggingface.co/org/model/blob/v1/config.json', SAME, 'v1'],
    ['https://huggingface.co/org/model/resolve/refs%2Fpr%2F3/a/b.bin?download=true', SAME, 'refs/pr/3'],
    ['https://huggingface.co/org/model/tree/refs/pr/3', SAME, 'refs/pr/3'],
    ['https://huggingface.co/org/model/commit/' + 'a'.repeat(40), SAME, 'a'.repeat(40)],
    ['https://huggingface.co/org/model/discussions/4', SAME],
    ['https://huggingface.co/org/tree', 'org/tree'],
    ['https://huggingface.co/org/tree/tree/main', 'org/tree', 'main'],
    ['ram--charan/model', 'ram--charan/model'],
  ];
  for (const [text, model, revision] of GOOD) {
    it(`${JSON.stringify(text)} is ${model}${revision === undefined ? '' : ` at ${revision}`}`, () => {
      assert.deepEqual(parseReference(text, HUB), { kind: 'model', model, revision });
    });
  }

  it('an address is one of the hub that is asked, its prefix included', () => {
    const address = `${PREFIXED.href}/org/model/tree/v1`;
    assert.deepEqual(parseReference(address, PREFIXED), { kind: 'model', model: SAME, revision: 'v1' });
    assert.equal(parseReference(address, HUB).kind, 'invalid');
    assert.equal(
      parseReference('https://packages.buildkite.com/acme/other/huggingface/a/b', PREFIXED).kind,
      'invalid',
    );
  });

  const BAD = [
    ...[
      '',
      '@main',
      'a/b/c',
      'a/',
      '/b',
      '../b',
      'a/..',
      'a b/c',
      'org/model@',
      'org/model@a b',
      'org/model@..',
    ],
    ...[
      'org/model@-x',
      'org/mod\u202Eel',
      '--token/x',
      'datasets/squad',
      'datasets/a/b',
      'https://huggingface.co/datasets/a/b',
    ],
    ...['https://huggingface.co/', 'https://huggingface.co/spaces/a/b', 'https://example.com/org/model'],
    ...[
      'https://me:secret@huggingface.co/org/model',
      'https://huggingface.co/%zz/b',
      'https://',
      'x'.repeat(3000),
    ],
  ];
  for (const text of BAD) {
    it(`${JSON.stringify(text.slice(0, 60))} is none, and why`, () => {
      const parsed = parseReference(text, HUB);
      assert.equal(parsed.kind, 'invalid');
      assert.match(parsed.problem, /^[^{}]{10,200}$/);
      assert.ok(!parsed.problem.includes('secret'));
    });
  }

  it('whatever a model and its revision are called, name and address lead to them', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,30}$/).filter((text) => text !== 'refs');
    const revision = fc
      .array(fc.stringMatching(/^[A-Za-z0-9_+#%ü-][A-Za-z0-9_+#%ü-]{0,10}$/), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('/'))
      .filter((text) => !/^-|^refs\//.test(text));
    const hub = fc.constantFrom(HUB, PREFIXED);
    fc.assert(
      fc.property(name, name, revision, hub, (namespace, own, ref, endpoint) => {
        fc.pre(!/^(?:datasets|spaces|kernels|buckets|collections|papers|api|docs)$/.test(namespace));
        fc.pre(!/^(?:tree|blob|resolve|raw|commits?|edit|blame)$/.test(own));
        const model = `${namespace}/${own}`;
        const expected = { kind: 'model', model, revision: ref };
        assert.deepEqual(parseReference(`${model}@${ref}`, endpoint), expected);
        const base = endpoint.href.replace(/\/$/, '');
        const quoted = encodeURIComponent(ref);
        assert.deepEqual(parseReference(`${base}/${model}/tree/${quoted}`, endpoint), expected);
        assert.deepEqual(parseReference(`${base}/${model}/blob/${quoted}/a/b.bin`, endpoint), expected);
      }),
    );
  });

  it('any text is a model of the hub’s or told to be none', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText(),
          fc.webUrl(),
          fc.string().map((text) => `${HUB.href}${text}`),
        ),
        (text) => {
          const parsed = parseReference(text, HUB);
          if (parsed.kind === 'invalid') assert.ok(parsed.problem.length > 0);
          else {
            assert.match(parsed.model, /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)?$/);
            assert.ok(!parsed.model.split('/').some((part) => /^\.{1,2}$/.test(part)));
            assert.doesNotMatch(parsed.revision ?? '', /[\s\p{C}]|\.\./u);
          }
        },
      ),
    );
  });
});
