import assert from 'node:assert/strict';
import { Failure } from '../../../src/core/failure.ts';
import type { Listing, Registry } from '../../../src/core/hosts/host.ts';
import { ModelNames } from '../../../src/editor/publishing/modelNames.ts';

const { signal } = new AbortController();

/** A registry with these models, newest first, that lists some of them at once. */
function registryOf(models: readonly string[], pageSize = 100) {
  const asked: (string | undefined)[] = [];
  const listing: Pick<Listing, 'models'> = {
    models: (_registry, { name }) => {
      asked.push(name);
      const found = models.filter((model) => model.includes(name ?? ''));
      const items = found.slice(0, pageSize).map((model) => ({ model, newest: undefined }));
      return Promise.resolve({ items, next: found.length > pageSize ? 'more' : undefined });
    },
  };
  return { names: new ModelNames(listing, {} as Registry), asked };
}

describe('The names of models while one is typed', () => {
  it('are asked for once where a page holds them all', async () => {
    const { names, asked } = registryOf(['acme/bert', 'acme/gpt2', 'acme/bert']);
    assert.deepEqual(await names.find('', signal), ['acme/bert', 'acme/gpt2']);
    assert.deepEqual(await names.find('BERT', signal), ['acme/bert']);
    assert.deepEqual(asked, [undefined]);
    assert.equal(names.has('acme/bert'), true);
    assert.equal(names.has('acme/bert-2'), false);
  });

  it('are asked for by the text where a page does not', async () => {
    const { names, asked } = registryOf(['acme/one', 'acme/two', 'other/three'], 2);
    assert.deepEqual(await names.find('', signal), ['acme/one', 'acme/two']);
    assert.equal(names.has('other/three'), undefined);
    assert.deepEqual(await names.find('other', signal), ['other/three']);
    assert.deepEqual(await names.find('other/t', signal), ['other/three']);
    assert.deepEqual(asked, [undefined, 'other']);
    assert.equal(names.has('other/three'), true);
    assert.equal(names.has('other/four'), false);
    assert.equal(names.has('acme/four'), undefined);
  });

  it('are none where the service lists none, and its other failures are told', async () => {
    const failing = (kind: 'notFound' | 'network') =>
      new ModelNames({ models: () => Promise.reject(new Failure(kind, 'No.')) }, {} as Registry);
    const silent = failing('notFound');
    assert.deepEqual(await silent.find('a', signal), []);
    assert.equal(silent.has('a'), undefined);
    await assert.rejects(failing('network').find('a', signal), /No\./);
  });
});
