import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/core/failure.ts';
import { addressesOf } from '../../../src/core/hub/addresses.ts';

const endpoint = new URL('https://packages.example/acme/models/huggingface');

describe('addresses of a model', () => {
  it('keep the path prefix of the endpoint', () => {
    const addresses = addressesOf(endpoint, 'acme/bert');
    const base = endpoint.href;
    assert.equal(addresses.create().href, `${base}/api/repos/create`);
    assert.equal(addresses.model().href, `${base}/api/models/acme/bert`);
    assert.equal(addresses.ofRevision('tree', 'main').href, `${base}/api/models/acme/bert/tree/main`);
    assert.equal(addresses.batch().href, `${base}/acme/bert.git/info/lfs/objects/batch`);
  });

  it('do not care for a trailing slash, a query or a fragment of the endpoint', () => {
    const addresses = addressesOf(new URL('https://hub.example/?a=b#c'), 'acme/bert');
    assert.equal(addresses.model().href, 'https://hub.example/api/models/acme/bert');
  });

  it('quote the slashes of a revision', () => {
    const { pathname } = addressesOf(endpoint, 'acme/bert').ofRevision('commit', 'refs/pr/1');
    assert.ok(pathname.endsWith('/api/models/acme/bert/commit/refs%2Fpr%2F1'));
  });

  it('keep the folders of a file and quote what else its name holds', () => {
    const { href } = addressesOf(endpoint, 'acme/bert').file('v/1', 'a b/100%/x?#\\ü.txt');
    assert.equal(href, `${endpoint.href}/acme/bert/resolve/v%2F1/a%20b/100%25/x%3F%23%5C%C3%BC.txt`);
  });

  for (const path of ['../config.json', 'a/./b', '/etc/passwd', 'a//b', 'a/', '', 'half \ud83d']) {
    it(`refuse the file name ${JSON.stringify(path)}`, () => {
      assert.throws(
        () => addressesOf(endpoint, 'acme/bert').file('main', path),
        (error) => error instanceof Failure && error.kind === 'refused',
      );
    });
  }

  for (const model of ['acme/..', '../bert', './x', 'acme//bert', '']) {
    it(`refuse the model name ${JSON.stringify(model)}`, () => {
      assert.throws(
        () => addressesOf(endpoint, model),
        (error) => error instanceof Failure && error.kind === 'refused',
      );
    });
  }

  it('never leave the endpoint, whatever model and revision are called', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !['.', '..'].includes(text));
    fc.assert(
      fc.property(name, name, name, (namespace, model, revision) => {
        fc.pre(!namespace.includes('/') && !model.includes('/'));
        const url = addressesOf(endpoint, `${namespace}/${model}`).ofRevision('tree', revision);
        assert.equal(url.origin, endpoint.origin);
        const segments = url.pathname
          .slice(endpoint.pathname.length)
          .split('/')
          .slice(1)
          .map(decodeURIComponent);
        assert.deepEqual(segments, ['api', 'models', namespace, model, 'tree', revision]);
      }),
    );
  });
});
