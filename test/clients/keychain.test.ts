import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { startKeyringOrSkip, type Keyring } from '../setup/keyring.ts';
import { assertEnded, createCli, type Cli, type Ended, type RunOptions } from '../unit/cli/builtCli.ts';
import { startPublishing, type Publishing } from '../unit/publish/publishing.ts';
import { scratch } from '../unit/snapshot/repositories.ts';

describe('tokens in a real keychain', () => {
  const folders = scratch();
  let cli: Cli | undefined;
  let publishing: Publishing | undefined;
  let keyring: Keyring | undefined;
  let hub: string;

  before(async function () {
    cli = await createCli();
    keyring = await startKeyringOrSkip(this, join(cli.home, 'keyring'));
    publishing = await startPublishing();
    const { packagesUrl, organization, registry } = publishing.registry;
    hub = `${packagesUrl}/${organization}/${registry}/huggingface`;
  });
  after(async () => {
    await keyring?.stop();
    await publishing?.stop();
    await cli?.remove();
  });
  afterEach(() => publishing?.registry.clearFaults());

  const run = (args: readonly string[], options: RunOptions = {}): Promise<Ended> =>
    cli!.run(args, { ...options, env: { ...keyring!.environment, ...options.env } });
  const login = (token: string, at = hub): Promise<Ended> =>
    run(['login', '--hub', at, '--verbose'], { input: `${token}\n` });
  const logout = (at = hub): Promise<Ended> => run(['logout', '--hub', at]);
  const publish = (at = hub): Promise<Ended> => {
    const repository = folders.repository();
    repository.write('README.md', '# A model\n');
    repository.commit('First version');
    return run(['publish', repository.path, '--hub', at, '--model', `acme/${randomUUID()}`]);
  };

  it('are kept by login, used by publish and removed by logout', async () => {
    const { token } = publishing!.registry;
    const before = await publish();
    assertEnded(before, 1);
    assert.match(before.stderr, /model-registries login --hub/);

    const stored = await login(token);
    assertEnded(stored, 0);
    assert.match(stored.stdout, /grace|Grace/);
    assert(!`${stored.stdout}${stored.stderr}`.includes(token));
    // The address may be written with a slash at its end.
    assertEnded(await publish(`${hub}/`), 0);

    const removed = await logout();
    assertEnded(removed, 0);
    assert.match(removed.stdout, /was removed/);
    assertEnded(await publish(), 1);
    const again = await logout();
    assertEnded(again, 0);
    assert.match(again.stdout, /holds no access token/);
  });

  it('are kept per hub', async () => {
    assertEnded(await login(publishing!.registry.token), 0);
    assertEnded(await publish(`${hub}-other`), 1);
    assert.match((await logout(`${hub}-other`)).stdout, /holds no access token/);
    assert.match((await logout()).stdout, /was removed/);
  });

  it('are not kept where the hub does not accept them', async () => {
    const refused = await login('bkua_0123456789abcdef');
    assertEnded(refused, 1);
    assert.equal(refused.stdout, '');
    assert.match(refused.stderr, /not stored/);
    assert.match((await logout()).stdout, /holds no access token/);
  });

  it('are not kept where the hub cannot be asked', async () => {
    publishing!.registry.inject({ path: /whoami/, fault: { kind: 'status', status: 503 }, times: Infinity });
    const failed = await login(publishing!.registry.token);
    assertEnded(failed, 1);
    assert.match(failed.stderr, /not stored/);
    assert.match((await logout()).stdout, /holds no access token/);
  });

  it('are kept with a word where the hub does not tell whose they are', async () => {
    publishing!.registry.inject({ path: /whoami/, fault: { kind: 'status', status: 404 }, times: Infinity });
    const stored = await login(publishing!.registry.token);
    assertEnded(stored, 0);
    assert.match(stored.stdout, /could not be checked/);
    assertEnded(await publish(), 0);
    assert.match((await logout()).stdout, /was removed/);
  });

  it('are kept with a word where they may only read, and so not ask whose they are', async () => {
    const { apiUrl, token } = publishing!.registry;
    const created = await fetch(`${apiUrl}/packages/organizations/acme/registries/models/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ description: 'A colleague' }),
    });
    const { token: readToken } = (await created.json()) as { readonly token: string };
    const stored = await login(readToken);
    assertEnded(stored, 0);
    assert.match(stored.stdout, /could not be checked/);
    assert.match((await logout()).stdout, /was removed/);
  });

  it('are not replaced by nothing', async () => {
    const nothing = await login('');
    assertEnded(nothing, 2);
    assert.match(nothing.stderr, /holds no access token/);
  });

  it('are used rather than HF_TOKEN, which may be meant for another hub', async () => {
    assertEnded(await login(publishing!.registry.token), 0);
    const repository = folders.repository();
    repository.write('README.md', '# A model\n');
    repository.commit('First version');
    const env = { HF_TOKEN: publishing!.registry.readOnlyToken };
    const args = ['publish', repository.path, '--hub', hub, '--model', 'acme/environment', '--verbose'];
    const ended = await run(args, { env });
    assertEnded(ended, 0);
    assert.match(ended.stderr, /the one that the keychain holds for .*, not HF_TOKEN/);
    assert.match((await logout()).stdout, /was removed/);
    const given = await run([...args, '--message', 'Again'], { env });
    assert.match(given.stderr, /that of HF_TOKEN: the keychain holds none/);
    for (const { stdout, stderr } of [ended, given]) {
      assert(
        !`${stdout}${stderr}`.includes(env.HF_TOKEN) &&
          !`${stdout}${stderr}`.includes(publishing!.registry.token),
      );
    }
  });
});
