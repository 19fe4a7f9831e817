import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pathFilter } from '../../../src/core/snapshot/files/pathFilter.ts';
import { patternProblem } from '../../../src/core/snapshot/files/pathPatterns.ts';

describe('patterns of paths', () => {
  const MATCHES: readonly (readonly [pattern: string, path: string, matches: boolean])[] = [
    ['*.safetensors', 'model.safetensors', true],
    ['*.safetensors', 'unet/model.safetensors', true],
    ['*.safetensors', 'model.safetensors.index.json', false],
    ['*.safetensors', '.hidden/.model.safetensors', true],
    ['config.json', 'config.json', true],
    ['config.json', 'unet/config.json', false],
    ['*/config.json', 'unet/config.json', true],
    ['onnx/*', 'onnx/a/b.onnx', true],
    ['onnx/', 'onnx/a/b.onnx', true],
    ['onnx/', 'onnx', false],
    ['model-0000?-of-*', 'model-00002-of-00004.safetensors', true],
    ['model-0000[12]-*', 'model-00003-of-00004.safetensors', false],
    ['*.{json,md}', 'README.md', true],
    ['!README.md', 'config.json', false],
    ['!README.md', '!README.md', true],
    ['*Q4_K_M*', 'Q4_K_M/model-00001-of-00002.gguf', true],
    ['a+(b)', 'a+(b)', true],
    ['Model.bin', 'model.bin', false],
  ];
  for (const [pattern, path, matches] of MATCHES) {
    it(`“${pattern}” ${matches ? 'matches' : 'does not match'} “${path}”`, () => {
      assert.equal(patternProblem(pattern), undefined);
      assert.equal(pathFilter([pattern])(path), matches);
    });
  }

  it('a name matches itself, and any of several patterns is enough', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/);
    const path = fc
      .array(name, { minLength: 1, maxLength: 4 })
      .map((names) => names.join('/'))
      .filter(
        (each) => patternProblem(each) === undefined && !each.split('/').some((part) => /^\.+$/.test(part)),
      );
    fc.assert(
      fc.property(path, path, (one, other) => {
        assert.ok(pathFilter([other, one])(one));
        assert.equal(pathFilter([other])(one), one === other);
        assert.ok(pathFilter(['*'])(one));
      }),
    );
  });

  it('says what is wrong with one that can match nothing', () => {
    for (const pattern of ['', '  ', '/etc/*', './a', '../a', 'a\\b', 'a'.repeat(2000)]) {
      assert.match(patternProblem(pattern) ?? '', /^[^{}]{10,}$/, pattern);
    }
  });
});
