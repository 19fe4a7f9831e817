import assert from 'node:assert/strict';
import fc from 'fast-check';
import { holdsModels } from '../../../../src/core/hosts/buildkite/ecosystems.ts';
import { isSameModel, parseModelVersion } from '../../../../src/core/hosts/buildkite/modelVersions.ts';
import { anyText } from '../../../setup/anyText.ts';

const SHA = '0123456789abcdef0123456789abcdef01234567';

describe('a package of a Hugging Face registry', () => {
  const cases: [{ name: string; version?: string }, string, string | undefined][] = [
    [{ name: 'acme/bert', version: SHA }, 'acme/bert', SHA],
    [{ name: 'acme/bert', version: SHA.toUpperCase() }, 'acme/bert', SHA],
    [{ name: `acme/bert-${SHA}`, version: SHA }, 'acme/bert', SHA],
    [{ name: `acme/bert-${SHA}` }, 'acme/bert', SHA],
    [{ name: `acme/bert/${SHA}`, version: '1.0' }, 'acme/bert', SHA],
    [{ name: `acme-bert@${SHA}` }, 'acme-bert', SHA],
    [{ name: `${SHA}: acme/bert` }, 'acme/bert', SHA],
    [{ name: 'acme/bert', version: '1.0' }, 'acme/bert', undefined],
    [{ name: 'acme/bert' }, 'acme/bert', undefined],
    [{ name: SHA }, SHA, SHA],
    [{ name: `acme/${'f'.repeat(64)}` }, `acme/${'f'.repeat(64)}`, undefined],
    [{ name: `acme/${'a'.repeat(40)}`, version: SHA }, `acme/${'a'.repeat(40)}`, SHA],
  ];
  for (const [item, model, commit] of cases) {
    it(`${JSON.stringify(item)} is ${model} at ${commit ?? 'no known commit'}`, () => {
      assert.deepEqual(parseModelVersion(item), { model, commit });
    });
  }

  it('tells model and commit however they are put together', () => {
    const part = fc.stringMatching(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,20}[A-Za-z0-9])?$/);
    const sha = fc.stringMatching(/^[0-9a-f]{40}$/);
    const separator = fc.constantFrom('-', '/', '@', ':', '_', '.', ' ', ' @ ', '#');
    fc.assert(
      fc.property(part, part, sha, separator, fc.boolean(), (namespace, name, commit, between, upper) => {
        const model = `${namespace}/${name}`;
        const shown = upper ? commit.toUpperCase() : commit;
        const ways = [
          { name: model, version: shown },
          { name: `${model}${between}${shown}` },
          { name: `${model}${between}${shown}`, version: commit },
          { name: `${shown}${between}${model}`, version: 'v1' },
        ];
        for (const way of ways) assert.deepEqual(parseModelVersion(way), { model, commit });
      }),
    );
  });

  it('has some name whatever the server sends', () => {
    fc.assert(
      fc.property(anyText({ minLength: 1 }), fc.option(fc.string(), { nil: undefined }), (name, version) => {
        assert.notEqual(parseModelVersion({ name, version }).model, '');
      }),
    );
  });

  it('belongs to a model also where its name has no slash', () => {
    assert.ok(isSameModel('acme/bert', 'acme/bert'));
    assert.ok(isSameModel('acme-bert', 'acme/bert'));
    assert.ok(!isSameModel('acme/bert-large', 'acme/bert'));
    assert.ok(!isSameModel('a-b/c', 'a/b-c'));
  });
});

describe('the ecosystem of a registry', () => {
  it('counts however it is spelled', () => {
    for (const spelling of [
      'huggingface',
      'HuggingFace',
      'hugging_face',
      'hugging-face',
      'Hugging Face',
      'HUGGINGFACE',
    ]) {
      assert.ok(holdsModels(spelling), spelling);
    }
    for (const other of ['ruby', 'java', '', 'huggingfaceml', 'hugging'])
      assert.ok(!holdsModels(other), other);
  });
});
