import assert from 'node:assert/strict';
import { namespacesOf } from '../../../src/editor/registries/namespaces.ts';

describe('the namespaces of versions', () => {
  it('count each model once, the namespace with the most models first', () => {
    const models = ['acme/a', 'acme/a', 'zeta/a', 'tyrell/a', 'tyrell/b', 'tyrell/a'];
    assert.deepEqual(namespacesOf(models.map((model) => ({ model }))), [
      { name: 'tyrell', models: 2 },
      { name: 'acme', models: 1 },
      { name: 'zeta', models: 1 },
    ]);
  });

  it('are not made of names without one', () => {
    assert.deepEqual(namespacesOf([{ model: 'alone' }, { model: '/odd' }]), []);
  });
});
