import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nameKey, registryOfName } from '../../../src/editor/registries/registryNames.ts';
import { slugOf } from '../../registry/state.ts';

describe('names of registries', () => {
  it('are the same where case, spaces and punctuation differ only', () => {
    for (const name of ['Language models', 'language-models', ' LANGUAGE  models! ', 'Language_Models']) {
      assert.equal(nameKey(name), 'language-models', name);
    }
    assert.notEqual(nameKey('Language models 2'), 'language-models');
  });

  it('hold a letter or a digit, of whatever script', () => {
    for (const name of ['', '  ', '-', '🤗', '/../']) assert.equal(nameKey(name), '', name);
    for (const name of ['7', 'モデル', 'Größe']) assert.notEqual(nameKey(name), '', name);
  });

  it('stand for the slugs that a server makes of plain ones', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9 _.-]{1,30}$/), (name) => {
        assert.equal(nameKey(name), slugOf(name));
      }),
    );
  });

  it('are taken by a registry of the same name, and by one that is called otherwise but has the slug', () => {
    const registries = [
      { name: 'Language models', slug: 'language-models' },
      { name: 'Renamed', slug: 'vision' },
    ];
    assert.equal(registryOfName('language MODELS', registries), registries[0]);
    assert.equal(registryOfName('Vision', registries), registries[1]);
    assert.equal(registryOfName('Renamed', registries), registries[1]);
    assert.equal(registryOfName('Speech', registries), undefined);
  });
});
