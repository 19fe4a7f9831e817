import assert from 'node:assert/strict';
import { AccessToken } from '../../../src/core/accessToken.ts';
import { searchModels } from '../../../src/core/hub/modelSearch.ts';
import { listRefs } from '../../../src/core/hub/refs.ts';
import { startImporting, type Importing } from '../imports/importing.ts';

describe('what a hub lists to choose from', () => {
  let importing: Importing;
  const { signal } = new AbortController();
  before(async () => {
    importing = await startImporting();
    for (const model of ['upstream/llama', 'upstream/bert', 'acme/llama-small'])
      await importing.put(model, { 'README.md': model });
    importing.hub.setAccess('acme/llama-small', { gated: 'auto' });
  });
  after(() => importing.stop());
  const hub = (model: string) => ({ ...importing.source(model), http: importing.to.http });

  it('models by a part of their names, gated ones as such, without an account', async () => {
    const found = (await searchModels(hub(''), 'llama', signal)) ?? [];
    assert.deepEqual(
      [...found].sort((a, b) => (a.id < b.id ? -1 : 1)),
      [
        { id: 'acme/llama-small', isGated: true },
        { id: 'upstream/llama', isGated: false },
      ],
    );
    assert.deepEqual(await searchModels(hub(''), 'nobody', signal), []);
    assert.ok(((await searchModels(hub(''), '', signal)) ?? []).length >= 3);
  });

  it('nothing, where a server lists no models or speaks of something else', async () => {
    importing.from.inject({ path: /\/api\/models\?/, fault: { kind: 'status', status: 404 } });
    assert.equal(await searchModels(hub(''), 'llama', signal), undefined);
    const body = JSON.stringify([{ id: 'a/b' }, { id: 7 }, null, { name: 'c' }]);
    importing.from.inject({ path: /\/api\/models\?/, fault: { kind: 'status', status: 200, body } });
    assert.deepEqual(await searchModels(hub(''), 'llama', signal), [{ id: 'a/b', isGated: false }]);
  });

  it('branches and tags of a model', async () => {
    const token = new AccessToken(importing.hub.token, [new URL(importing.hub.url)]);
    await importing.to.http.send({
      method: 'POST',
      url: new URL('/api/models/upstream/bert/branch/next%2Fone', importing.hub.url),
      body: { kind: 'json', value: {} },
      ...{ token, subject: 'the branch', retry: 'never', signal },
    });
    const refs = await listRefs(hub('upstream/bert'), signal);
    assert.deepEqual(refs?.map(({ name, kind }) => `${kind} ${name}`).sort(), [
      'branch main',
      'branch next/one',
    ]);
    importing.from.inject({ path: /\/refs/, fault: { kind: 'status', status: 404 } });
    assert.equal(await listRefs(hub('upstream/bert'), signal), undefined);
  });
});
