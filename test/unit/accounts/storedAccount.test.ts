import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  accountId,
  accountLabel,
  belongsTo,
  decodeAccount,
  encodeAccount,
  tokenOf,
  type StoredAccount,
} from '../../../src/editor/accounts/storedAccount.ts';

const common = {
  version: 3 as const,
  tokenId: 'b63254c0-3271-4a98-8270-7cfbd6c2f14e',
  user: 'ada@example.com',
  label: 'ada@example.com',
  scopes: ['read_organizations'],
  service: 'https://api.buildkite.com',
  endpoints: ['https://api.buildkite.com/v2', 'https://packages.buildkite.com'] as [string, string],
  signedInAt: 1_700_000_000_000,
};
const account = { ...common, kind: 'token' as const, token: 'bkua_secret' };
const borrowed: readonly StoredAccount[] = [
  { ...common, kind: 'lent', lender: 'extension', login: 'b63254c0-3271-4a98-8270-7cfbd6c2f14e' },
  { ...common, kind: 'lent', lender: 'bk', login: 'acme' },
];
/** As earlier versions wrote them. */
const [apiUrl, packagesUrl] = common.endpoints;
const before = { ...common, version: 2, service: undefined, endpoints: undefined, apiUrl, packagesUrl };

const endpoints = (api: string, packages: string) => ({
  id: new URL(api).origin,
  endpoints: [new URL(api), new URL(packages)] as const,
});

describe('a stored account', () => {
  it('reads back as it was written', () => {
    const expiring: StoredAccount = { ...account, expiresAt: 1_700_000_000_000 };
    for (const one of [account, expiring, ...borrowed]) {
      assert.deepEqual(decodeAccount(encodeAccount(one)), one);
    }
  });

  it('reads what version 1 wrote, and writes it as it is written now', () => {
    const read = decodeAccount(
      JSON.stringify({ ...before, version: 1, token: 'bkua_secret', signedInAt: undefined }),
    );
    assert(read);
    assert.deepEqual(read, { ...account, signedInAt: 0 });
    assert.deepEqual(decodeAccount(encodeAccount(read)), read);
    assert.equal(accountId(read), accountId(account));
  });

  it('reads what version 2 wrote, under the same id', () => {
    const expiresAt = 1_800_000_000_000;
    for (const [former, now, id] of [
      [
        { kind: 'token', token: 'bkua_secret', expiresAt },
        { ...account, expiresAt },
        `https://api.buildkite.com#${account.tokenId}`,
      ],
      [{ kind: 'token', token: 'bkua_secret' }, account, `https://api.buildkite.com#${account.tokenId}`],
      [
        { kind: 'extension', account: account.tokenId },
        borrowed[0],
        `https://api.buildkite.com@extension#${account.tokenId}`,
      ],
      [{ kind: 'bk', organization: 'acme' }, borrowed[1], 'https://api.buildkite.com@bk#acme'],
    ] as const) {
      const read = decodeAccount(JSON.stringify({ ...before, ...former }));
      assert(read);
      assert.deepEqual(read, now);
      assert.equal(accountId(read), id);
    }
  });

  it('keeps no token that another program keeps', () => {
    for (const one of borrowed) {
      assert(!encodeAccount(one).includes('"token"'));
      assert.equal(decodeAccount(JSON.stringify({ ...one, token: 'bkua_secret' })), undefined);
    }
  });

  it('is left alone when it is damaged or from a newer version', () => {
    assert.equal(decodeAccount(JSON.stringify({ ...account, version: 4 })), undefined);
    assert.equal(decodeAccount(JSON.stringify({ ...account, endpoints: ['nowhere'] })), undefined);
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => decodeAccount(text) === undefined));
  });

  it('belongs to the endpoints its token was checked against, whatever their paths', () => {
    assert(belongsTo(account, endpoints('https://api.buildkite.com/v3', 'https://packages.buildkite.com/x')));
    assert(!belongsTo(account, endpoints('https://api.example.com/v2', 'https://packages.buildkite.com')));
    assert(!belongsTo(account, endpoints('https://api.buildkite.com/v2', 'https://packages.example.com')));
    assert(
      !belongsTo(account, endpoints('https://api.buildkite.com:444/v2', 'https://packages.buildkite.com')),
    );
  });

  it('sends its token to those origins only', () => {
    const token = tokenOf(account, 'bkua_secret');
    assert.equal(token.authorizationFor(new URL('https://api.buildkite.com/v2/user')), 'Bearer bkua_secret');
    assert.equal(token.authorizationFor(new URL('https://packages.buildkite.com/a/b')), 'Bearer bkua_secret');
    assert.equal(token.authorizationFor(new URL('https://buildkite.com/')), undefined);
    assert.equal(token.authorizationFor(new URL('http://api.buildkite.com/v2')), undefined);
  });

  it('has an id per token and service', () => {
    assert.notEqual(accountId(account), accountId({ ...account, tokenId: 'other' }));
    assert.notEqual(accountId(account), accountId({ ...account, service: 'https://api.example.com' }));
    assert.equal(new Set([account, ...borrowed].map(accountId)).size, 3);
    assert.equal(accountId(account), accountId({ ...account, endpoints: ['https://api.buildkite.com/v3'] }));
  });

  it('is called by its user, and told apart from another token of the same user', () => {
    const id = accountId({ ...account, tokenId: 'second' });
    const token = { id, user: 'ada@example.com', detail: 'Laptop' };
    assert.equal(accountLabel(token, []), 'ada@example.com');
    assert.equal(accountLabel(token, [account]), 'ada@example.com (Laptop)');
    const other = { ...account, tokenId: 'third', label: 'ada@example.com (Laptop)' };
    assert.equal(accountLabel(token, [account, other]), 'ada@example.com (second)');
    assert.equal(accountLabel({ ...token, id: accountId(account) }, [account]), 'ada@example.com');
  });
});
