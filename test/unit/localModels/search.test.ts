import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { isModelCard, isModelConfig } from '../../../src/core/localModels/evidence.ts';
import { isWeightsFile } from '../../../src/core/localModels/fileNames.ts';
import { exclusion, modelFolders, type SearchOptions } from '../../../src/core/localModels/search.ts';
import { scratch } from '../snapshot/repositories.ts';

describe('local models: what makes a folder one', () => {
  it('knows weights by what they end with', () => {
    for (const name of ['model.safetensors', 'Q4.GGUF', 'model.onnx', 'pytorch_model.bin', 'a.pt', 'b.pth']) {
      assert(isWeightsFile(name), name);
    }
    for (const name of ['safetensors', 'model.safetensors.index.json', 'notes.txt', '.bin', 'ptx']) {
      assert(!isWeightsFile(name), name);
    }
  });

  it('takes a configuration with a model type or architectures', () => {
    assert(isModelConfig('{"model_type":"llama"}'));
    assert(isModelConfig('{"model_type":"nemotron_h","time_step_limit":[0.0,Infinity]}'));
    assert(isModelConfig('{"architectures":["BertModel"],"x":1}'));
    for (const other of ['{}', '{"model_type":7}', '{"architectures":[]}', '[]', 'null', '{', '']) {
      assert(!isModelConfig(other), other);
    }
  });

  it('takes the card of a model, and not that of a data set, a Space or a site', () => {
    assert(isModelCard('---\npipeline_tag: text-classification\n---\n# M\n'));
    assert(isModelCard('---\nlicense: mit\n---\n'));
    assert(isModelCard('---\r\nbase_model: a/b\r\nlicense: mit\r\n---\r\n'));
    for (const other of [
      '# license: mit\n',
      '---\ntitle: A site\n---\n',
      '---\nlicense: mit\ndataset_info: []\n---\n',
      '---\nlicense: mit\nsdk: gradio\n---\n',
      '---\nlicense: mit\ntask_categories: [x]\n---\n',
    ]) {
      assert(!isModelCard(other), other);
    }
  });

  it('throws for no text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        isModelConfig(text);
        isModelCard(`---\n${text}\n---\n`);
      }),
    );
  });
});

describe('local models: the search', () => {
  const temporary = scratch();
  const options: SearchOptions = { signal: new AbortController().signal, isExcluded: () => false };
  const make = (files: Readonly<Record<string, string>>): string => {
    const top = temporary.folder();
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(top, path)), { recursive: true });
      writeFileSync(join(top, path), content);
    }
    return top;
  };

  it('finds a folder by its configuration, its card or its weights', async () => {
    const top = make({
      'by-config/config.json': '{"model_type":"x"}',
      'by-card/readme.md': '---\nlicense: mit\n---\n',
      'deep/er/by-weights/model.gguf': '',
      'code/config.json': '{"port":1}',
      'code/README.md': '# Code\n',
    });
    assert.deepEqual(await modelFolders(top, options), ['by-card', 'by-config', 'deep/er/by-weights']);
  });

  it('takes the searched folder itself, and what is below it for a part of it', async () => {
    const top = make({
      'config.json': '{"model_type":"x"}',
      'onnx/model.onnx': '',
      'unet/config.json': '{"model_type":"unet"}',
    });
    assert.deepEqual(await modelFolders(top, options), ['']);
  });

  it('finds models below loose weights by what they say, and no more weights', async () => {
    const top = make({
      'fixture.bin': '',
      'onnx/model.onnx': '',
      'models/bert/config.json': '{"model_type":"bert"}',
    });
    assert.deepEqual(await modelFolders(top, options), ['', 'models/bert']);
  });

  it('looks neither into what programs keep, nor into what is excluded, nor through links, nor too deep', async () => {
    const elsewhere = make({ 'model.gguf': '' });
    const top = make({
      'node_modules/x/model.onnx': '',
      '.git/objects/x.bin': '',
      'venv/lib/model.pt': '',
      'out/model.pt': '',
      'a/b/build/model.pt': '',
      'a/hidden.pt': '',
      '1/2/3/4/5/near.pt': '',
      '1/2/3/4/5/6/far.pt': '',
    });
    symlinkSync(elsewhere, join(top, 'link'), 'junction');
    const isExcluded = exclusion({
      '**/build': true,
      'out/': true,
      '**/*.log': false,
      'a/*.pt': true,
      b: { when: 'x' },
    });
    assert.deepEqual(await modelFolders(top, { ...options, isExcluded }), ['1/2/3/4/5']);
  });

  it('stops after as many folders as it may look into, the near ones first', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`${index}/deep/model.pt`, '']),
    );
    const top = make({ ...files, 'near/model.pt': '' });
    const found = await modelFolders(top, { ...options, mostFolders: 50 });
    assert(found.includes('near'), String(found));
    assert(found.length > 1 && found.length < 20, String(found.length));
  });

  it('does not wait for a named pipe, and survives what cannot be read', async () => {
    const top = make({ 'broken/config.json': '{' });
    mkdirSync(join(top, 'pipe'));
    if (process.platform !== 'win32') execFileSync('mkfifo', [join(top, 'pipe', 'config.json')]);
    symlinkSync(join(top, 'nowhere'), join(top, 'broken', 'README.md'));
    assert.deepEqual(await modelFolders(top, options), []);
    assert.deepEqual(await modelFolders(join(top, 'gone'), options), []);
  });

  it('ends when it is aborted', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    await assert.rejects(
      modelFolders(make({ 'a.pt': '' }), { ...options, signal: controller.signal }),
      /enough/,
    );
  });
});
