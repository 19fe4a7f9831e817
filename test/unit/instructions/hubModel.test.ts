import assert from 'node:assert/strict';
import { namedModel } from '../../../src/editor/instructions/hubModel.ts';

describe('A model of the Hub', () => {
  const source = (model: string, revision?: string) => ({
    kind: 'model',
    source: { endpoint: 'https://huggingface.co', model, revision },
  });

  for (const [text, expected] of [
    ['microsoft/phi-3', source('microsoft/phi-3')],
    [' gpt2 ', source('gpt2')],
    ['microsoft/phi-3@v1.0', source('microsoft/phi-3', 'v1.0')],
    ['microsoft/phi-3@refs/pr/1', source('microsoft/phi-3', 'refs/pr/1')],
    ['https://huggingface.co/microsoft/phi-3', source('microsoft/phi-3')],
    ['https://huggingface.co/microsoft/phi-3/', source('microsoft/phi-3')],
    ['https://huggingface.co/microsoft/phi-3/tree/trial%2Fone', source('microsoft/phi-3', 'trial/one')],
    ['https://huggingface.co/microsoft/phi-3/blob/main/README.md?x=1#y', source('microsoft/phi-3', 'main')],
    ['https://huggingface.co/microsoft/phi-3/discussions/1', source('microsoft/phi-3')],
    [' ', { kind: 'none' }],
  ] as const) {
    it(`is read from “${text}”`, () => assert.deepEqual(namedModel(text), expected));
  }

  for (const text of [
    'a/b/c',
    'microsoft/phi 3',
    'microsoft/phi-3@',
    'microsoft/phi-3@a b',
    'https://example.com/microsoft/phi-3',
    'https://huggingface.co/',
    'https://huggingface.co/%/x',
    '--token/x',
  ]) {
    it(`is none in “${text}”`, () => assert.equal(namedModel(text).kind, 'invalid'));
  }
});
