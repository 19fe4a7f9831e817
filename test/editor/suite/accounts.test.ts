import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { buildkiteServices } from '../../../src/core/hosts/buildkite/service.ts';
import { Failure } from '../../../src/core/failure.ts';
import type { HttpClient } from '../../../src/core/http/client.ts';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import type { Log } from '../../../src/core/log.ts';
import { createAccountStore } from '../../../src/editor/accounts/accountStore.ts';
import { expiryText } from '../../../src/editor/accounts/expiry.ts';
import { SessionList } from '../../../src/editor/accounts/sessionList.ts';
import type { Session } from '../../../src/editor/accounts/sessions.ts';
import { signOut } from '../../../src/editor/accounts/signOut.ts';
import { accountId, encodeAccount, type StoredAccount } from '../../../src/editor/accounts/storedAccount.ts';
import type { RunningRegistry } from '../../registry/registry.ts';
import { makeBkProgram, type BkProgram } from '../../setup/bkProgram.ts';
import { localRegistry } from '../localRegistry.ts';
import { scriptedPrompts } from '../scriptedPrompts.ts';
import { until } from '../../setup/until.ts';
import { setting, signIn, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';

const TOKEN_PROMPT = 'signIn.token';
const READ_SCOPES = ['read_organizations', 'read_registries', 'read_packages'];

/** What stood below the box for each text typed. */
async function refusalsOf(...typed: string[]): Promise<readonly string[]> {
  const { prompts } = await withPrompts({ input: { [TOKEN_PROMPT]: typed } }, async () => {
    await vscode.commands.executeCommand('modelRegistries.signIn');
  });
  return prompts.of(TOKEN_PROMPT)[0]?.refusals ?? [];
}

/** What the API says to a session's token from then on. */
async function refuse({ token }: Session): Promise<void> {
  const { sessions } = await testAccess();
  sessions.tokenRefused(
    token,
    new URL(localRegistry().apiUrl),
    new Failure('auth', 'The token was revoked.'),
  );
}

async function labels(): Promise<string[]> {
  return (await testAccess()).sessions.all.map(({ label }) => label);
}

describe('accounts @oldest', () => {
  beforeEach(async () => {
    localRegistry().clearFaults();
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
    assert.match(unknown ?? '', /rejected this token/);
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
    for (const organization of ['acme', 'tyrell-research']) {
      const user = { name: 'Ada', email: 'ada@example.com' };
      await signIn(registry.addToken({ scopes: READ_SCOPES, user, organizations: [organization] }));
    }
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

  describe('of the same user', () => {
    const user = { name: 'Ida', email: 'ida@example.com' };
    const signInWith = async (
      scopes: readonly string[],
      organizations?: readonly string[],
      answer: boolean | 'other' = false,
    ) => {
      const token = localRegistry().addToken({ scopes, user, ...(organizations && { organizations }) });
      const script = { input: { [TOKEN_PROMPT]: [token] }, confirm: { 'signIn.replace': answer } };
      const { prompts } = await withPrompts(script, async () => {
        await vscode.commands.executeCommand('modelRegistries.signIn');
      });
      const { sessions } = await testAccess();
      return {
        token,
        asked: prompts.of('signIn.replace'),
        tokens: sessions.all.map((one) => one.token.reveal()),
      };
    };

    it('take the place of what they do all of, without a question', async () => {
      await signInWith(READ_SCOPES, ['acme']);
      const better = await signInWith([...READ_SCOPES, 'write_packages'], ['acme', 'tyrell-research']);
      assert.deepEqual(better.asked, []);
      assert.deepEqual(better.tokens, [better.token]);
      assert.deepEqual(await labels(), ['ida@example.com']);
    });

    it('take the place of what can do more only where that is agreed to, and then nothing is there twice', async () => {
      const better = await signInWith([...READ_SCOPES, 'write_packages']);
      const left = await signInWith(READ_SCOPES);
      assert.match(
        left.asked[0]?.text ?? '',
        /^Replace the token of ida@example\.com\?\n.*: write_packages$/m,
      );
      assert.deepEqual(left.asked[0]?.choices, ['Replace']);
      assert.deepEqual(left.tokens, [better.token]);
      const agreed = await signInWith(READ_SCOPES, undefined, true);
      assert.deepEqual(agreed.tokens, [agreed.token]);
    });

    it('can both be kept where each reaches what the other does not', async () => {
      const first = await signInWith(READ_SCOPES, ['acme', 'tyrell-research']);
      const second = await signInWith(READ_SCOPES, ['acme', 'rossum_robotics'], 'other');
      assert.match(second.asked[0]?.text ?? '', /does not reach: tyrell-research/);
      assert.deepEqual(second.asked[0]?.choices, ['Replace', 'Keep Both']);
      assert.deepEqual(new Set(second.tokens), new Set([first.token, second.token]));
    });
  });

  it('are signed out from the row that asks to sign in again, whichever other there is', async () => {
    const registry = localRegistry();
    const { sessions, registries } = await testAccess();
    await signIn(registry.token);
    await signIn(registry.addToken({ scopes: READ_SCOPES, user: { name: 'Ada', email: 'ada@example.com' } }));
    const refused = sessions.all.find(({ label }) => label === 'ada@example.com');
    assert(refused);
    await refuse(refused);
    const rows = await registries.provider.getChildren();
    const row = rows?.find(({ kind }) => kind === 'signIn');
    await withPrompts({ confirm: { 'signOut.confirm': true } }, async () => {
      await vscode.commands.executeCommand('modelRegistries.signOut', row);
    });
    assert.equal(sessions.all.length, 1);
    assert(!sessions.all.includes(refused));
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
    await until(() => sessions.all.length === 0, 'the account is not offered to the other origin');
    await setting('packagesUrl', registry.packagesUrl);
    await until(() => sessions.all.length === 1, 'the account is back');
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
    await refuse(old);
    await signIn(registry.addToken({ scopes: READ_SCOPES, user }));
    assert.deepEqual(await labels(), ['grace@example.com']);
    const [session] = sessions.all;
    assert(session && session !== old && !sessions.isRejected(session));
  });

  it('are usable again when the same token is signed in once more', async () => {
    const { sessions } = await testAccess();
    await signIn(localRegistry().token);
    const [old] = sessions.all;
    assert(old);
    await refuse(old);
    assert(sessions.isRejected(old));
    await signIn(localRegistry().token);
    const [session, ...more] = sessions.all;
    assert(session && session !== old && !sessions.isRejected(session));
    assert.deepEqual(more, []);
    // An answer to the old session that comes late says nothing of the new one.
    await refuse(old);
    assert(!sessions.isRejected(session));
  });

  it('ask to sign in again once the server refused the token anywhere, without a word besides', async () => {
    const registry = localRegistry();
    const { sessions } = await testAccess();
    const token = registry.addToken({ scopes: READ_SCOPES });
    await signIn(token);
    const [session] = sessions.all;
    assert(session);
    registry.revokeToken(token);
    const { prompts } = await withPrompts({}, async () => {
      await assert.rejects(session.host.listing.organizations(undefined, new AbortController().signal));
      await assert.rejects(session.host.listing.registries('acme', undefined, new AbortController().signal));
    });
    assert(sessions.isRejected(session));
    assert.deepEqual(prompts.asked, []);
  });

  it('learn after a refusal what the token may do now, and ask for that once', async () => {
    const { sessions } = await testAccess();
    const registry = localRegistry();
    await signIn(registry.addToken({ scopes: [...READ_SCOPES, 'write_packages', 'write_registries'] }));
    const [session] = sessions.all;
    assert(session);
    assert(session.may('publish'));
    answerAccessToken(registry, [...READ_SCOPES, 'write_registries']);
    registry.inject({ path: /registries/, times: 9, fault: { kind: 'status', status: 403 } });
    const before = registry.requests.length;
    const refused = () =>
      assert.rejects(session.host.listing.registries('acme', undefined, new AbortController().signal));
    await Promise.all([refused(), refused()]);
    await until(() => sessions.all[0]?.may('publish') === false, 'the account may not publish any more');
    const [now] = sessions.all;
    assert(now);
    assert(now.may('createRegistry') && !sessions.isRejected(now));
    await assert.rejects(now.host.listing.registries('acme', undefined, new AbortController().signal));
    const checks = registry.requests.slice(before).filter(({ path }) => path.includes('access-token'));
    assert.equal(checks.length, 1);
  });

  it('ask to sign in again once the token lost a scope without which nothing is listed', async () => {
    const { sessions } = await testAccess();
    const registry = localRegistry();
    await signIn(registry.addToken({ scopes: READ_SCOPES }));
    answerAccessToken(registry, ['read_organizations', 'read_packages']);
    registry.inject({ path: /registries/, times: 9, fault: { kind: 'status', status: 403 } });
    const [session] = sessions.all;
    assert(session);
    await assert.rejects(session.host.listing.registries('acme', undefined, new AbortController().signal));
    await until(
      () => sessions.all.every((one) => sessions.isRejected(one)),
      'the account asks to sign in again',
    );
    assert.equal(sessions.all.length, 1);
  });

  it('say quietly that a token expires within a day', async () => {
    const { sessions } = await testAccess();
    const registry = localRegistry();
    const expiresAt = new Date(Math.floor(Date.now() / 1000) * 1000 + 20 * 3600_000);
    await signIn(registry.addToken({ scopes: [...READ_SCOPES, 'write_packages'], expiresAt }));
    const [session] = sessions.all;
    assert.deepEqual(session?.expiresAt, expiresAt);
    const at = (hours: number) => expiryText(session, new Date(expiresAt.getTime() - hours * 3600_000), 'en');
    assert.equal(at(25), undefined);
    assert.match(at(5) ?? '', /expires in 5 hours/);
    assert.match(at(-2) ?? '', /expired 2 hours ago/);
    assert.equal(expiryText({ expiresAt: undefined }, new Date(), 'en'), undefined);
  });

  it('are not made from a token that has expired', async () => {
    const expiresAt = new Date(Date.now() - 60_000);
    const expired = localRegistry().addToken({ scopes: READ_SCOPES, expiresAt });
    assert.match((await refusalsOf(expired))[0] ?? '', /expired/);
    assert.deepEqual(await labels(), []);
  });
});

describe('accounts of the command line bk @oldest', () => {
  let folder: string;
  let bk: BkProgram;
  const WAY = 'Use the login of the command line bk';

  const signInBy = async (way: string, organization?: string) => {
    const pick = { 'signIn.way': way, ...(organization && { 'signIn.login': organization }) };
    const { prompts } = await withPrompts({ pick }, async () => {
      await vscode.commands.executeCommand('modelRegistries.signIn');
    });
    return prompts;
  };

  beforeEach(async () => {
    await useLocalRegistry();
    await signOutOfAll();
    folder = await mkdtemp(join(tmpdir(), 'model-registries-bk-'));
    bk = await makeBkProgram(folder);
    await setting('bkPath', bk.program);
  });
  afterEach(async () => {
    localRegistry().clearFaults();
    await signOutOfAll();
    await setting('bkPath', undefined);
    await rm(folder, { recursive: true, force: true });
  });

  it('are offered only where it is logged in', async () => {
    const prompts = await signInBy(WAY);
    assert.deepEqual(
      prompts.asked.map(({ id }) => id),
      [TOKEN_PROMPT],
    );
    await bk.login('acme', localRegistry().token);
    assert.deepEqual((await signInBy('')).of('signIn.way')[0]?.choices, ['Paste an access token', WAY]);
    assert.deepEqual(await labels(), []);
    await setting('bkPath', './bk');
    assert.deepEqual((await signInBy(WAY)).of('signIn.way'), []);
  });

  it('use its token without storing it, and are signed out without logging it out', async () => {
    const { sessions } = await testAccess();
    const registry = localRegistry();
    await bk.login('acme', registry.token);
    await bk.login('beta', registry.readOnlyToken);
    const prompts = await signInBy(WAY, 'beta');
    assert.deepEqual(prompts.of('signIn.login')[0]?.choices, ['acme', 'beta']);
    const [session] = sessions.all;
    assert(session && !sessions.isRejected(session) && !session.may('publish'));
    assert.equal(session.token.reveal(), registry.readOnlyToken);
    const account = sessions.accountOf(session);
    assert(account?.kind === 'lent' && account.lender === 'bk' && account.login === 'beta');
    assert(!encodeAccount(account).includes(registry.readOnlyToken));
    assert(
      (await session.host.listing.organizations(undefined, new AbortController().signal)).items.length > 0,
    );
    const calls = await bk.calls();
    assert(calls.every(({ files }) => files.join() === '.git'));
    await signOutOfAll();
    await bk.login('gamma', 'bkua_gamma');
    assert.deepEqual((await signInBy('')).of('signIn.way')[0]?.choices, ['Paste an access token', WAY]);
  });

  it('have it renew an expired token, once', async () => {
    const { sessions } = await testAccess();
    const registry = localRegistry();
    const [first, second] = [
      registry.addToken({ scopes: READ_SCOPES }),
      registry.addToken({ scopes: READ_SCOPES }),
    ];
    await bk.login('acme', first, second);
    await signInBy(WAY);
    const [session] = sessions.all;
    assert(session);
    const list = (one: Session) => one.host.listing.organizations(undefined, new AbortController().signal);
    registry.revokeToken(first);
    await Promise.all([assert.rejects(list(session)), assert.rejects(list(session))]);
    await until(() => sessions.all[0] !== session, 'the login is renewed');
    const [renewed] = sessions.all;
    assert(renewed && !sessions.isRejected(renewed));
    assert((await list(renewed)).items.length > 0);
    registry.revokeToken(second);
    await assert.rejects(list(renewed));
    await until(() => sessions.isRejected(renewed), 'the account asks to sign in again');
    const asked = (await bk.calls()).filter(({ args }) => args[1] === 'status');
    assert.equal(asked.length, 1);
  });

  it('keep their rows while it renews an expired token', async () => {
    const { sessions, registries } = await testAccess();
    const registry = localRegistry();
    const [first, second] = [
      registry.addToken({ scopes: READ_SCOPES }),
      registry.addToken({ scopes: READ_SCOPES }),
    ];
    await bk.login('acme', first, second);
    await signInBy(WAY);
    const [before] = sessions.all;
    const kinds = async () => {
      const rows = (await registries.provider.getChildren(undefined)) ?? [];
      return [...new Set(rows.map(({ kind }) => kind))];
    };
    assert.deepEqual(await kinds(), ['organization']);
    registry.revokeToken(first);
    registries.refresh();
    assert.deepEqual(await kinds(), ['organization']);
    assert.notEqual(sessions.all[0], before);
  });

  it('are renewed at sign-in, too', async () => {
    const { sessions } = await testAccess();
    await bk.login('acme', 'bkua_expired', localRegistry().token);
    await signInBy(WAY);
    const [session] = sessions.all;
    assert.equal(session?.token.reveal(), localRegistry().token);
  });

  it('say in a sentence when its token cannot be used', async () => {
    await bk.login('acme', localRegistry().addToken({ scopes: ['read_organizations'] }));
    const prompts = await signInBy(WAY);
    assert.match(prompts.of('failure')[0]?.text ?? '', /read_registries/);
    assert.deepEqual(await labels(), []);
  });
});

describe('accounts in a secret store @oldest', () => {
  const account: StoredAccount & { readonly kind: 'token' } = {
    version: 3,
    kind: 'token',
    token: 'bkua_secret',
    tokenId: 'one',
    user: 'ada@example.com',
    label: 'ada@example.com',
    scopes: READ_SCOPES,
    service: 'https://api.buildkite.com',
    endpoints: ['https://api.buildkite.com/v2', 'https://packages.buildkite.com'],
    signedInAt: 1,
  };
  const surroundings = ([apiUrl, packagesUrl]: StoredAccount['endpoints']) => ({
    setting: (name: string) => ({ apiUrl, packagesUrl, webUrl: 'https://buildkite.com' })[name],
    findProgram: () => Promise.resolve(undefined),
    environment: {},
    platform: process.platform,
  });
  const said: string[] = [];
  const note = (message: string) => void said.push(message);
  const log: Log = { trace: note, debug: note, info: note, warn: note, error: note };

  /** A window whose accounts are in `secrets`. */
  const unreachable = () => Promise.reject(new Error('This test asks no server.'));
  const openWindow = (
    secrets: vscode.SecretStorage,
    token: () => Promise<string | undefined> = unreachable,
    endpoints = account.endpoints,
  ) => {
    const store = createAccountStore(secrets, log);
    const never: vscode.Event<never> = () => new vscode.Disposable(() => undefined);
    const sessions = new SessionList({
      store,
      services: {
        all: buildkiteServices(surroundings(endpoints)),
        failures: [],
        onDidChange: never,
        dispose: () => undefined,
      },
      logins: { onDidChange: never, token, renewedToken: unreachable },
      http,
      unwatched: http,
      log,
    });
    return { store, sessions, close: () => [sessions, store].forEach((one) => one.dispose()) };
  };
  const http: HttpClient = createHttpClient({ userAgent: 'test', log });
  after(() => http.dispose());
  beforeEach(() => said.splice(0));

  it('are signed out in this window when they are in another', async () => {
    const secrets = keyring();
    const [here, there] = [openWindow(secrets), openWindow(secrets)];
    await there.sessions.update(() => there.store.put(account));
    await until(() => here.sessions.all.length === 1, 'this window has the account');
    await here.store.remove(accountId(account));
    await until(() => there.sessions.all.length === 0, 'the other window has lost the account');
    here.close();
    there.close();
  });

  it('stay when it cannot be read any more, which is said in a sentence', async () => {
    const secrets = keyring();
    const { sessions, store, close } = openWindow(secrets);
    await sessions.update(() => store.put(account));
    const [session] = sessions.all;
    secrets.lock(true);
    await sessions.reload();
    assert.deepEqual(sessions.all, [session]);
    assert.match(sessions.failure?.message ?? '', /secret store cannot be read.*keyring/);
    const prompts = scriptedPrompts({ confirm: { 'signOut.confirm': true } });
    await assert.rejects(signOut({ prompts, sessions, store }, session), /did not remove the account/);
    await assert.rejects(store.put({ ...account, tokenId: 'two' }), /did not keep it/);
    secrets.lock(false);
    await sessions.reload();
    assert.equal(sessions.failure, undefined);
    assert.deepEqual(sessions.all, [session]);
    assert(said.every((line) => !line.includes(account.token)));
    close();
  });

  it('are known to be unknown where it cannot be read at first, and are back later', async () => {
    const secrets = keyring();
    await openWindow(secrets).store.put(account);
    secrets.lock(true);
    const { sessions, close } = openWindow(secrets);
    await sessions.ready;
    assert(sessions.loaded);
    assert(sessions.failure);
    assert.deepEqual(sessions.all, []);
    secrets.lock(false);
    await sessions.reload();
    assert.equal(sessions.all.length, 1);
    close();
  });

  it('are said to be on their way until another program has lent their token', async () => {
    const secrets = keyring();
    const { version, tokenId, user, label, scopes, service, endpoints, signedInAt } = account;
    const common = { version, tokenId, user, label, scopes, service, endpoints, signedInAt };
    const lent: StoredAccount = { ...common, kind: 'lent', lender: 'bk', login: 'acme' };
    await openWindow(secrets).store.put(lent);
    let lend: (token: string) => void = () => undefined;
    const answer = new Promise<string>((resolve) => (lend = resolve));
    const { sessions, store, close } = openWindow(secrets, () => answer);
    await until(() => sessions.awaitsLogins, 'the login is awaited');
    // Nobody is signed out, and nobody is signed in.
    assert.equal(sessions.loaded, false);
    lend('bkua_lent');
    await sessions.ready;
    assert.equal(sessions.awaitsLogins, false);
    assert.deepEqual(
      sessions.all.map((session) => session.token.reveal()),
      ['bkua_lent'],
    );
    await sessions.update(() => store.put(account));
    assert.equal(sessions.all.length, 2);
    assert.equal(sessions.awaitsLogins, false);
    close();
  });

  it('stay signed out where the server tells of their token only then', async () => {
    const registry = localRegistry();
    const secrets = keyring();
    const { version, user, label, signedInAt } = account;
    const scopes = [...READ_SCOPES, 'write_packages'];
    const endpoints: StoredAccount['endpoints'] = [registry.apiUrl, registry.packagesUrl];
    const service = new URL(registry.apiUrl).origin;
    const common = { version, user, label, scopes, service, endpoints, signedInAt };
    const token = registry.addToken({ scopes });
    const leaving: StoredAccount = { ...common, kind: 'token', tokenId: 'one', token };
    const staying: StoredAccount = { ...common, kind: 'lent', tokenId: 'two', lender: 'bk', login: 'acme' };
    await openWindow(secrets).store.put(leaving);
    let lend: (token: string) => void = () => undefined;
    const answer = new Promise<string>((resolve) => (lend = resolve));
    const { sessions, store, close } = openWindow(secrets, () => answer, endpoints);
    await sessions.ready;
    const [session] = sessions.all;
    assert(session);
    // Another program takes its time to lend a login, and what comes after it waits.
    await store.put(staying);
    await until(() => sessions.awaitsLogins, 'the login is awaited');
    answerAccessToken(registry, READ_SCOPES);
    sessions.tokenRefused(
      session.token,
      new URL(registry.apiUrl),
      new Failure('forbidden', 'Not permitted.'),
    );
    await until(
      () => said.some((line) => line.includes('scopes')),
      'the server told the scopes of the token',
    );
    const prompts = scriptedPrompts({ confirm: { 'signOut.confirm': true } });
    const signedOut = signOut({ prompts, sessions, store }, session);
    await until(async () => (await store.list()).length === 1, 'the account is removed');
    lend('bkua_lent');
    await signedOut;
    assert.deepEqual((await store.list()).map(accountId), [accountId(staying)]);
    assert.deepEqual(
      sessions.all.map((one) => one.accountId),
      [accountId(staying)],
    );
    close();
  });

  it('of version 1 are still there', async () => {
    const secrets = keyring();
    const { tokenId, user, label, scopes, token: text } = account;
    const [apiUrl, packagesUrl] = account.endpoints;
    const former = { version: 1, tokenId, user, label, scopes, token: text, apiUrl, packagesUrl };
    await secrets.store(`modelRegistries.account.${accountId(account)}`, JSON.stringify(former));
    const { sessions, store, close } = openWindow(secrets);
    await sessions.ready;
    assert.deepEqual(
      sessions.all.map(({ token }) => token.reveal()),
      [account.token],
    );
    await store.remove(accountId(account));
    assert.deepEqual(await store.list(), []);
    close();
  });
});

/** What VS Code gives an extension for its secrets, with a keyring that can be locked: that of this machine cannot. */
function keyring(): vscode.SecretStorage & { lock(locked: boolean): void } {
  const kept = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.SecretStorageChangeEvent>();
  let isLocked = false;
  const open = async <T>(task: () => T): Promise<T> => {
    await Promise.resolve();
    if (isLocked) throw new Error('Cannot create an item in a locked collection');
    return task();
  };
  return {
    onDidChange: changed.event,
    keys: () => open(() => [...kept.keys()]),
    get: (key) => open(() => kept.get(key)),
    store: (key, value) =>
      open(() => {
        kept.set(key, value);
        changed.fire({ key });
      }),
    delete: (key) =>
      open(() => {
        kept.delete(key);
        changed.fire({ key });
      }),
    lock: (locked) => void (isLocked = locked),
  };
}

/** From now on the server says those scopes of every token. */
function answerAccessToken(registry: RunningRegistry, scopes: readonly string[]): void {
  const body = JSON.stringify({ uuid: 'any', scopes, user: { name: 'Ada', email: 'ada@example.com' } });
  registry.inject({ path: /access-token/, fault: { kind: 'status', status: 200, body } });
}

/** A port of this machine where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
