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
  version: 2 as const,
  tokenId: 'b63254c0-3271-4a98-8270-7cfbd6c2f14e',
  user: 'ada@example.com',
  label: 'ada@example.com',
  scopes: ['read_organizations'],
  apiUrl: 'https://api.buildkite.com/v2',
  packagesUrl: 'https://packages.buildkite.com',
  signedInAt: 1_700_000_000_000,
};
const account: StoredAccount = { ...common, kind: 'token', token: 'bkua_secret' };
const borrowed: readonly StoredAccount[] = [
  { ...common, kind: 'extension', account: 'b63254c0-3271-4a98-8270-7cfbd6c2f14e' },
  { ...common, kind: 'bk', organization: 'acme' },
];

const endpoints = (apiUrl: string, packagesUrl: string) => ({
  apiUrl: new URL(apiUrl),
  packagesUrl: new URL(packagesUrl),
  webUrl: new URL('https://buildkite.com'),
});

describe('a stored account', () => {
  it('reads back as it was written', () => {
    const expiring: StoredAccount = { ...account, expiresAt: 1_700_000_000_000 };
    for (const one of [account, expiring, ...borrowed]) {
      assert.deepEqual(decodeAccount(encodeAccount(one)), one);
    }
  });

  it('reads what version 1 wrote, and writes it as version 2', () => {
    const read = decodeAccount(
      JSON.stringify({ ...common, version: 1, token: 'bkua_secret', signedInAt: undefined }),
    );
    assert(read);
    assert.deepEqual(read, { ...account, signedInAt: 0 });
    assert.deepEqual(decodeAccount(encodeAccount(read)), read);
    assert.equal(accountId(read), accountId(account));
  });

  it('keeps no token that another program keeps', () => {
    for (const one of borrowed) {
      assert(!encodeAccount(one).includes('"token"'));
      assert.equal(decodeAccount(JSON.stringify({ ...one, token: 'bkua_secret' })), undefined);
    }
  });

  it('is left alone when it is damaged or from a newer version', () => {
    assert.equal(decodeAccount(JSON.stringify({ ...account, version: 3 })), undefined);
    assert.equal(decodeAccount(JSON.stringify({ ...account, apiUrl: 'nowhere' })), undefined);
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

  it('has an id per token and API origin', () => {
    assert.notEqual(accountId(account), accountId({ ...account, tokenId: 'other' }));
    assert.notEqual(accountId(account), accountId({ ...account, apiUrl: 'https://api.example.com/v2' }));
    assert.equal(new Set([account, ...borrowed].map(accountId)).size, 3);
    assert.equal(accountId(account), accountId({ ...account, apiUrl: 'https://api.buildkite.com/v3' }));
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
