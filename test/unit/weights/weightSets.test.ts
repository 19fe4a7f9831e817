import assert from 'node:assert/strict';
import { weightSets } from '../../../src/core/weights/weightSets.ts';

const setsOf = (...paths: readonly string[]) => setsAsIndexed({}, ...paths);

/** @param indexed What indexes were read, and what they say. */
const setsAsIndexed = (indexed: Readonly<Record<string, readonly string[]>>, ...paths: readonly string[]) =>
  weightSets(
    paths.map((path) => ({ path, size: 1, gitSha1: undefined, sha256: undefined })),
    new Map(Object.entries(indexed)),
  ).map(({ entry, files }) => `${entry} (${files.length})`);

describe('the weights among the files of a version', () => {
  it('are the file called model first, and then others', () => {
    assert.deepEqual(setsOf('README.md', 'adapter.safetensors', 'model.safetensors', 'vae/a.safetensors'), [
      'model.safetensors (1)',
      'adapter.safetensors (1)',
      'vae/a.safetensors (1)',
    ]);
  });

  it('are shards together where an index says so', () => {
    assert.deepEqual(
      setsOf(
        'model-00002-of-00002.safetensors',
        'model-00001-of-00002.safetensors',
        'model.safetensors.index.json',
        'lone-00001-of-00002.safetensors',
      ),
      ['model.safetensors.index.json (2)', 'lone-00001-of-00002.safetensors (1)'],
    );
  });

  it('are what the index says, whatever the files are called', () => {
    assert.deepEqual(
      setsAsIndexed(
        {
          'model.safetensors.index.json': ['layer_1.safetensors', 'layer_2.safetensors', 'head.safetensors'],
          'b/model.safetensors.index.json': ['b/x.safetensors', 'b/gone.safetensors'],
        },
        ...['layer_1.safetensors', 'layer_2.safetensors', 'head.safetensors', 'model.safetensors'],
        ...['model.safetensors.index.json', 'b/x.safetensors', 'b/model.safetensors.index.json'],
        'model-00001-of-00009.safetensors',
      ),
      [
        'model-00001-of-00009.safetensors (1)',
        'model.safetensors (1)',
        'model.safetensors.index.json (3)',
        'b/model.safetensors.index.json (1)',
      ],
    );
  });

  it('are found at once beside very many indexes that nothing is known of', () => {
    const paths = Array.from({ length: 30_000 }, (_, at) => [
      `${at}.safetensors`,
      `other-${at}.safetensors.index.json`,
    ]);
    assert.deepEqual(setsOf(...paths.flat()), ['other-0.safetensors.index.json (30000)']);
  });

  it('are told apart by their variant', () => {
    assert.deepEqual(
      setsOf(
        ...['model.safetensors.index.json', 'model.safetensors.index.fp16.json'],
        ...['model-00001-of-00002.fp16.safetensors', 'model-00002-of-00002.fp16.safetensors'],
        ...['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'],
      ),
      ['model.safetensors.index.fp16.json (2)', 'model.safetensors.index.json (2)'],
    );
  });

  it('are taken for those of an index that was not read by their names, and else by their folder', () => {
    assert.deepEqual(
      setsOf(
        ...['model.safetensors.index.json', 'model-1-of-61.safetensors', 'model-61-of-61.safetensors'],
        ...[
          'consolidated.safetensors',
          'a/model.safetensors.index.json',
          'a/output-00001-of-00002.safetensors',
        ],
        ...['a/output-00002-of-00002.safetensors', 'b/model.safetensors.index.json', 'b/layer_1.safetensors'],
        ...['b/layer_2.safetensors', 'c/model.safetensors.index.json', 'c/model.safetensors'],
      ),
      [
        'model.safetensors.index.json (2)',
        'consolidated.safetensors (1)',
        'a/model.safetensors.index.json (2)',
        'b/model.safetensors.index.json (2)',
        'c/model.safetensors (1)',
      ],
    );
  });

  it('are shards together by their names where there is no index', () => {
    assert.deepEqual(setsOf('m-00002-of-00002.safetensors', 'm-00001-of-00002.safetensors'), [
      'm-00001-of-00002.safetensors (2)',
    ]);
  });

  it('are each quantization of a GGUF model, with its shards', () => {
    assert.deepEqual(
      setsOf('m-Q8_0.gguf', 'm-Q4_0-00002-of-00002.gguf', 'm-Q4_0-00001-of-00002.gguf', 'm-Q4_0.gguf'),
      ['m-Q4_0-00001-of-00002.gguf (2)', 'm-Q4_0.gguf (1)', 'm-Q8_0.gguf (1)'],
    );
  });

  it('are the main part of a pipeline before the others', () => {
    assert.deepEqual(
      setsOf(
        'text_encoder/model.safetensors',
        'unet/diffusion_pytorch_model.safetensors',
        'vae/diffusion_pytorch_model.safetensors',
      ).at(0),
      'unet/diffusion_pytorch_model.safetensors (1)',
    );
  });

  it('are none where there are none', () => {
    assert.deepEqual(setsOf('README.md', 'pytorch_model.bin', 'model.safetensors.index.json'), []);
  });
});
