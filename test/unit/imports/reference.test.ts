import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseReference } from '../../../src/core/imports/reference.ts';

const HUB = new URL('https://huggingface.co');

describe('A model of a hub', () => {
  for (const [text, model, revision] of [
    ['microsoft/phi-3', 'microsoft/phi-3'],
    [' gpt2 ', 'gpt2'],
    ['microsoft/phi-3@v1.0', 'microsoft/phi-3', 'v1.0'],
    ['microsoft/phi-3@refs/pr/1', 'microsoft/phi-3', 'refs/pr/1'],
    ['hf://microsoft/phi-3@v1.0', 'microsoft/phi-3', 'v1.0'],
    ['https://huggingface.co/microsoft/phi-3', 'microsoft/phi-3'],
    ['https://hf.co/microsoft/phi-3/', 'microsoft/phi-3'],
    ['https://huggingface.co/microsoft/phi-3/tree/trial%2Fone', 'microsoft/phi-3', 'trial/one'],
    ['https://huggingface.co/microsoft/phi-3/tree/refs/pr/1/docs', 'microsoft/phi-3', 'refs/pr/1'],
    ['https://huggingface.co/microsoft/phi-3/blob/main/README.md?x=1#y', 'microsoft/phi-3', 'main'],
    ['https://huggingface.co/microsoft/phi-3/discussions/1', 'microsoft/phi-3'],
    ['https://huggingface.co/gpt2/tree/main', 'gpt2', 'main'],
    ['https://huggingface.co/microsoft/tree', 'microsoft/tree'],
  ] as const) {
    it(`is read from “${text}”`, () =>
      assert.deepEqual(parseReference(text, HUB), { kind: 'model', model, revision }));
  }

  for (const text of [
    '',
    'a/b/c',
    'microsoft/phi 3',
    'microsoft/phi-3@',
    'microsoft/phi-3@a b',
    'microsoft/phi-3@-x',
    'https://example.com/microsoft/phi-3',
    'https://user:word@huggingface.co/microsoft/phi-3',
    'https://huggingface.co/datasets/a/b',
    'https://huggingface.co/',
    'https://huggingface.co/%/x',
    '--token/x',
    '../x',
  ]) {
    it(`is none in “${text}”`, () => assert.equal(parseReference(text, HUB).kind, 'invalid'));
  }

  it('is the same by its name and by its address, whatever it is called', () => {
    const letters = fc.constantFrom(...Array.from('aZ09._-'));
    const part = fc.string({ unit: letters, minLength: 1, maxLength: 12 });
    const revision = fc.string({ unit: fc.constantFrom(...Array.from('aZ0._-/é@#%+')), maxLength: 12 });
    fc.assert(
      fc.property(fc.string(), part, part, revision, (text, namespace, name, version) => {
        // Whatever is pasted is either a name or none, and never an error.
        const any = parseReference(text, HUB);
        if (any.kind === 'model') assert.match(any.model, /^[A-Za-z0-9._][A-Za-z0-9._/-]*$/);
        const model = `${namespace}/${name}`;
        const named = parseReference(`${model}@${version}`, HUB);
        if (named.kind === 'invalid') return;
        assert.deepEqual(named, { kind: 'model', model, revision: version });
        const page = `${HUB.href}${model}/tree/${encodeURIComponent(version)}`;
        if (!['tree', 'blob', 'resolve', 'raw', 'commit', 'commits', 'edit', 'blame'].includes(name)) {
          assert.deepEqual(parseReference(page, HUB), named);
        }
      }),
      { numRuns: 500 },
    );
  });
});
