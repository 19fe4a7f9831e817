import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bytesOf, fileSets, selectedFiles } from '../../../src/core/imports/fileSets.ts';
import type { RemoteFile } from '../../../src/core/hub/remoteFile.ts';

const files = (...paths: readonly string[]): readonly RemoteFile[] =>
  paths.map((path, index) => ({ path, size: 10 ** index, gitSha1: undefined, sha256: undefined }));
const left = (
  all: readonly RemoteFile[],
  selection: Parameters<typeof selectedFiles>[1],
): readonly string[] => {
  const wanted = new Set(selectedFiles(all, selection).map(({ path }) => path));
  return all.map(({ path }) => path).filter((path) => !wanted.has(path));
};

describe('which files of a version may be wanted', () => {
  it('each of many GGUFs, with what is no weights and the projector', () => {
    const all = files(
      ...['README.md', 'config.json', 'imatrix.gguf', 'mmproj-model-f16.gguf', 'model-IQ2_XS.gguf'],
      ...['model-Q4_K_M.gguf', 'Q8_0/model-Q8_0-00001-of-00002.gguf', 'Q8_0/model-Q8_0-00002-of-00002.gguf'],
    );
    const sets = fileSets(all);
    assert.deepEqual(
      sets.map(({ selection, name, files: count }) => [selection.kind, name, count]),
      [
        ['all', undefined, 8],
        ['gguf', 'IQ2_XS', 4],
        ['gguf', 'Q4_K_M', 4],
        ['gguf', 'Q8_0', 5],
      ],
    );
    assert.deepEqual(
      sets.map(({ bytes }) => bytes),
      [11_111_111, 11_011 - 0, 101_011, 11_001_011],
    );
    assert.deepEqual(left(all, sets[2]!.selection), [
      'imatrix.gguf',
      'model-IQ2_XS.gguf',
      'Q8_0/model-Q8_0-00001-of-00002.gguf',
      'Q8_0/model-Q8_0-00002-of-00002.gguf',
    ]);
  });

  it('safetensors without the same in other formats', () => {
    const kept = [
      ...['README.md', 'config.json', 'model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'],
      ...[
        'model.safetensors.index.json',
        'training_args.bin',
        'pooling/pytorch_model.bin',
        'tokenizer.model',
      ],
    ];
    const twins = [
      ...[
        'pytorch_model-00001-of-00002.bin',
        'pytorch_model-00002-of-00002.bin',
        'pytorch_model.bin.index.json',
      ],
      ...[
        'tf_model.h5',
        'flax_model.msgpack',
        'rust_model.ot',
        'onnx/model.onnx',
        'onnx/model.onnx_data',
        'model-q4.gguf',
      ],
    ];
    const all = files(...kept, ...twins);
    const set = fileSets(all).find(({ selection }) => selection.kind === 'safetensors');
    assert.ok(set);
    assert.deepEqual(left(all, set.selection), twins);
    assert.deepEqual([set.files, set.bytes], [kept.length, bytesOf(selectedFiles(all, set.selection))]);
  });

  it('nothing but all of it, where that is all there is', () => {
    for (const paths of [
      [],
      ['README.md'],
      ['config.json', 'model.safetensors'],
      ['a.gguf', 'README.md'],
      ['pytorch_model.bin'],
    ]) {
      const sets = fileSets(files(...paths));
      assert.deepEqual(
        sets.map(({ selection }) => selection.kind),
        paths.length === 0 ? [] : ['all'],
        paths.join(),
      );
    }
  });

  it('each of more GGUFs than anybody would look through, at once', () => {
    const all = files(...Array.from({ length: 3000 }, (_, index) => `model-${index}.gguf`), 'README.md');
    const sets = fileSets(all.map((file) => ({ ...file, size: 1 })));
    assert.equal(sets.length, 3001);
    assert.ok(sets.slice(1).every(({ files: count, bytes }) => count === 2 && bytes === 2));
  });

  it('every set is a part of the whole, holds what is no weights, and has its own bytes', () => {
    const path = fc
      .tuple(
        fc.constantFrom('', 'onnx/', 'Q4_K_M/', 'unet/'),
        fc.constantFrom('model', 'model-Q4_K_M', 'README', 'a-00001-of-00002', 'a-00002-of-00002', 'mmproj'),
        fc.constantFrom('.safetensors', '.gguf', '.bin', '.onnx', '.json', '.md', '.safetensors.index.json'),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 15 }), (paths) => {
        const all = files(...paths);
        for (const { selection, files: count, bytes } of fileSets(all)) {
          const chosen = selectedFiles(all, selection);
          assert.equal(chosen.length, count);
          assert.equal(bytes, bytesOf(chosen));
          assert.ok(chosen.every((file) => all.includes(file)));
          for (const file of all.filter(
            (each) => /\.(?:md|json)$/.test(each.path) && !each.path.includes('.index.'),
          )) {
            assert.ok(chosen.includes(file), file.path);
          }
        }
      }),
    );
  });
});
