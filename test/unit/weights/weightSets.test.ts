import assert from 'node:assert/strict';
import { weightSets } from '../../../src/core/weights/weightSets.ts';

const setsOf = (...paths: readonly string[]) =>
  weightSets(paths.map((path) => ({ path, size: 1, gitSha1: undefined, sha256: undefined }))).map(
    ({ entry, files }) => `${entry} (${files.length})`,
  );

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
