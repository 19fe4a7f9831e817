import assert from 'node:assert/strict';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import * as vscode from 'vscode';
import { localRegistry } from '../localRegistry.ts';
import {
  setting,
  signIn,
  signOutOfAll,
  testAccess,
  until,
  useLocalRegistry,
  withPrompts,
} from '../testAccess.ts';

const TOKEN_PROMPT = 'signIn.token';
const READ_SCOPES = ['read_organizations', 'read_registries', 'read_packages'];

/** What stood below the box for each text typed. */
async function refusalsOf(...typed: string[]): Promise<readonly string[]> {
  const { prompts } = await withPrompts({ input: { [TOKEN_PROMPT]: typed } }, async () => {
    await vscode.commands.executeCommand('modelRegistries.signIn');
  });
  return prompts.of(TOKEN_PROMPT)[0]?.refusals ?? [];
}

async function labels(): Promise<string[]> {
  return (await testAccess()).sessions.all.map(({ label }) => label);
}

describe('accounts', () => {
  beforeEach(async () => {
    await useLocalRegistry();
    await signOutOfAll();
  });
  after(async () => {
    localRegistry().clearFaults();
    await useLocalRegistry();
    await signOutOfAll();
  });

  it('are signed in with a token that the server knows, and listed in the Accounts menu', async () => {
    const prompts = await signIn(localRegistry().token);
    assert.deepEqual(prompts.of(TOKEN_PROMPT)[0]?.refusals, []);
    assert.deepEqual(
      prompts.asked.map(({ id }) => id),
      [TOKEN_PROMPT],
    );
    const [label] = await labels();
    assert(label);
    const listed = await vscode.authentication.getAccounts('modelRegistries');
    assert.deepEqual(
      listed.map((account) => account.label),
      [label],
    );
  });

  it('ask the server about a token once, and store nothing that it refuses', async () => {
    const { requests } = localRegistry();
    const before = requests.length;
    assert.equal((await refusalsOf('bkua_unknown')).length, 1);
    assert.deepEqual(
      requests.slice(before).map(({ method, path, status }) => [method, path, status]),
      [['GET', '/v2/access-token', 401]],
    );
    assert.deepEqual(await labels(), []);
  });

  it('let the person try again after a refusal, in the same box', async () => {
    const refusals = await refusalsOf('bkua_unknown', localRegistry().token);
    assert.equal(refusals.length, 1);
    assert.equal((await labels()).length, 1);
  });

  it('tell apart what is wrong: shape, kind, unknown, expired, scopes, no server', async () => {
    const registry = localRegistry();
    // The server knows an expired token as little as an unknown one, unless it says when it expired.
    registry.inject({
      path: /access-token/,
      after: 1,
      fault: {
        kind: 'status',
        status: 200,
        body: JSON.stringify({ uuid: 'old', scopes: READ_SCOPES, expires_at: '2026-01-02 03:04:05 UTC' }),
      },
    });
    const narrow = registry.addToken({ scopes: ['read_organizations', 'read_packages'] });
    const [empty, spaced, kind, unknown, old, scopes] = await refusalsOf(
      ' ',
      'bkua_two words',
      'bkpt_registry',
      'bkua_unknown',
      'bkua_old',
      narrow,
    );
    assert.match(empty ?? '', /paste/i);
    assert.match(spaced ?? '', /spaces/);
    assert.match(kind ?? '', /bkua_/);
    assert.match(unknown ?? '', /does not know/);
    assert.match(old ?? '', /expired on 2026-01-02/);
    assert.match(scopes ?? '', /read_registries/);
    assert.doesNotMatch(scopes ?? '', /read_packages|read_organizations/);
    await setting('apiUrl', `http://127.0.0.1:${await closedPort()}/v2`);
    const [unreachable] = await refusalsOf(registry.token);
    assert.match(unreachable ?? '', /127\.0\.0\.1/);
    const said = [empty, spaced, kind, unknown, old, scopes, unreachable];
    assert.equal(new Set(said).size, said.length);
    assert(said.every((sentence) => sentence && !sentence.includes(registry.token)));
    assert.deepEqual(await labels(), []);
  });

  it('may be signed in without the right to publish, and say so', async () => {
    const prompts = await signIn(localRegistry().readOnlyToken);
    assert.match(prompts.of('signIn.readOnly')[0]?.text ?? '', /write_packages/);
    assert.equal((await labels()).length, 1);
  });

  it('open the page that creates a token with the scopes filled in, and leave the clipboard alone', async () => {
    await vscode.env.clipboard.writeText('mine');
    const { prompts } = await withPrompts({}, async (scripted) => {
      await vscode.commands.executeCommand('modelRegistries.signIn');
      await scripted.pressButton(TOKEN_PROMPT);
    });
    const [page] = prompts.opened.map((url) => new URL(url));
    assert.equal(page?.origin, new URL(localRegistry().webUrl).origin);
    const scopes = page.searchParams.getAll('scopes[]');
    for (const scope of [...READ_SCOPES, 'write_packages']) assert(scopes.includes(scope), scope);
    assert.equal(await vscode.env.clipboard.readText(), 'mine');
    assert.deepEqual(prompts.copied, []);
  });

  it('can be several, called so that they are told apart, and signed out one by one', async () => {
    const registry = localRegistry();
    await signIn(registry.token);
    await signIn(registry.addToken({ scopes: READ_SCOPES, user: { name: 'Ada', email: 'ada@example.com' } }));
    await signIn(registry.addToken({ scopes: READ_SCOPES, user: { name: 'Ada', email: 'ada@example.com' } }));
    const all = await labels();
    assert.equal(new Set(all).size, 3);
    const chosen = all.find((label) => label.startsWith('ada@example.com')) ?? '';
    const script = { pick: { 'signOut.account': chosen }, confirm: { 'signOut.confirm': true } };
    const { prompts } = await withPrompts(script, async () => {
      await vscode.commands.executeCommand('modelRegistries.signOut');
    });
    assert.deepEqual(prompts.of('signOut.account')[0]?.choices, all);
    assert.deepEqual(
      await labels(),
      all.filter((label) => label !== chosen),
    );
  });

  it('stay when the person does not confirm', async () => {
    await signIn(localRegistry().token);
    await withPrompts({}, async () => {
      await vscode.commands.executeCommand('modelRegistries.signOut');
    });
    assert.equal((await labels()).length, 1);
  });

  it('are not offered to another origin, and are back with their own', async () => {
    const { sessions } = await testAccess();
    const registry = localRegistry();
    await signIn(registry.token);
    await setting('packagesUrl', 'https://packages.example.com');
    await until(() => sessions.all.length === 0);
    await setting('packagesUrl', registry.packagesUrl);
    await until(() => sessions.all.length === 1);
  });

  it('send no token when an endpoint is not safe', async () => {
    const before = localRegistry().requests.length;
    await setting('apiUrl', 'http://api.example.com/v2');
    const script = { input: { [TOKEN_PROMPT]: [localRegistry().token] } };
    const { prompts } = await withPrompts(script, async () => {
      await vscode.commands.executeCommand('modelRegistries.signIn');
    });
    assert.match(prompts.of('failure')[0]?.text ?? '', /modelRegistries\.apiUrl/);
    assert.equal(localRegistry().requests.length, before);
  });

  it('keep their session object while nothing about them changed', async () => {
    const { sessions } = await testAccess();
    await signIn(localRegistry().token);
    const [session] = sessions.all;
    await sessions.reload();
    assert.equal(sessions.all[0], session);
  });

  it('take the place of the one whose token was refused', async () => {
    const registry = localRegistry();
    const { sessions } = await testAccess();
    const user = { name: 'Grace', email: 'grace@example.com' };
    const first = registry.addToken({ scopes: READ_SCOPES, user });
    await signIn(first);
    registry.revokeToken(first);
    const [old] = sessions.all;
    assert(old);
    sessions.reject(old);
    await signIn(registry.addToken({ scopes: READ_SCOPES, user }));
    assert.deepEqual(await labels(), ['grace@example.com']);
    const [session] = sessions.all;
    assert(session && session !== old && !sessions.isRejected(session));
  });
});

/** A port of this machine where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
