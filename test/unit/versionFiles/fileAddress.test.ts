import assert from 'node:assert/strict';
import fc from 'fast-check';
import { asCommitName, type CommitName, type GitObjectId, type Sha256 } from '../../../src/core/objectIds.ts';
import {
  accountKey,
  fileAddressOf,
  uriPartsOf,
  type FileAddress,
  type VersionFileAddress,
} from '../../../src/editor/versionFiles/fileAddress.ts';

const hex = (length: number) =>
  fc
    .array(
      fc.nat({ max: 15 }).map((digit) => digit.toString(16)),
      { minLength: length, maxLength: length },
    )
    .map((digits) => digits.join(''));
const oid = hex(40).map((text) => text as GitObjectId);
/** Most are hashes; some servers name versions by their releases. */
const commitName: fc.Arbitrary<CommitName> = fc.oneof(
  oid,
  fc
    .oneof(fc.constantFrom('v1.0', 'release/1.0', 'a@b%2F', '..%2f'), fc.string({ unit: 'grapheme' }))
    .map(asCommitName)
    .filter((name) => name !== undefined),
);
const path = fc.string({ unit: 'grapheme', minLength: 1 });
const shown = fc.constantFrom('bytes', 'text', 'digest');
const addresses: fc.Arbitrary<FileAddress> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('version'),
      version: fc.record(
        {
          account: hex(16),
          organization: fc.string({ minLength: 1 }),
          registry: fc.string({ minLength: 1 }),
          model: fc.string({ minLength: 1 }),
          commit: commitName,
        },
        { noNullPrototype: true },
      ),
      path,
      shown,
    },
    { noNullPrototype: true },
  ),
  fc.record(
    {
      kind: fc.constant('head'),
      folder: fc.oneof(
        fc.constant('C:\\models\\bert'),
        path.map((name) => `/home/ada/${name}`),
      ),
      commit: oid,
      path,
      gitSha1: oid,
      size: fc.nat(),
      sha256: fc.option(
        hex(64).map((text) => text as Sha256),
        { nil: undefined },
      ),
      shown,
    },
    { noNullPrototype: true },
  ),
);

const COMMIT = 'a'.repeat(40) as GitObjectId;

const readme: VersionFileAddress = {
  kind: 'version',
  version: {
    account: accountKey('https://api.example#1'),
    organization: 'acme',
    registry: 'models',
    model: 'acme/bert',
    commit: COMMIT,
  },
  path: 'docs/README.md',
  shown: 'bytes',
};

describe('the address of a file of a version', () => {
  it('comes back from its URI, whatever the names', () => {
    fc.assert(
      fc.property(addresses, (address) => assert.deepEqual(fileAddressOf(uriPartsOf(address)), address)),
    );
  });

  it('is readable where people see it', () => {
    assert.equal(uriPartsOf(readme).path, `/acme/models/acme/bert@${'a'.repeat(40)}/docs/README.md`);
  });

  it('leads by a relative path to another file of the version, and not beyond', () => {
    const { authority } = uriPartsOf(readme);
    const at = (path: string) => fileAddressOf({ authority, path, query: '' });
    const version = `/acme/models/acme/bert@${'a'.repeat(40)}`;
    assert.deepEqual(at(`${version}/images/a.png`), { ...readme, path: 'images/a.png' });
    assert.deepEqual(at(`${version}/docs`), { ...readme, path: 'docs' });
    assert.deepEqual(at(version), { ...readme, path: '' });
    for (const path of [
      '/acme/models',
      '/acme/models/acme/x.png',
      '/acme/models/acme/bert@%2e%2e/x',
      '/etc/passwd',
      '',
      '/',
    ]) {
      assert.equal(at(path), undefined, path);
    }
  });

  it('has the path of the file alone in comparisons, so that no diff takes it for renamed', () => {
    const head: FileAddress = {
      kind: 'head',
      folder: '/models/bert',
      commit: 'b'.repeat(40) as GitObjectId,
      path: readme.path,
      gitSha1: 'c'.repeat(40) as GitObjectId,
      size: 1,
      sha256: undefined,
      shown: 'text',
    };
    for (const side of [
      { ...readme, shown: 'text' } as const,
      { ...readme, shown: 'digest' } as const,
      head,
    ]) {
      assert.equal(uriPartsOf(side).path, '/docs/README.md');
    }
  });

  it('is not read from anything else', () => {
    const { authority, path } = uriPartsOf(readme);
    assert.equal(fileAddressOf({ authority, path, query: 'html' }), undefined);
    assert.equal(fileAddressOf({ authority: '', path, query: '' }), undefined);
    assert.equal(fileAddressOf({ authority, path: path.replace('/models/', '/%/'), query: '' }), undefined);
    const head = uriPartsOf({
      kind: 'head',
      folder: '/models/bert',
      commit: COMMIT,
      path: 'a.txt',
      gitSha1: COMMIT,
      size: 1,
      sha256: undefined,
      shown: 'text',
    });
    const fields = JSON.parse(head.query) as Record<string, unknown>;
    assert(fileAddressOf(head));
    const side = uriPartsOf({ ...readme, shown: 'text' });
    const named = JSON.parse(side.query) as Record<string, unknown>;
    assert(fileAddressOf(side));
    for (const changes of [{ commit: 'no name' }, { shown: 'bytes' }, { model: '' }, { more: 'x' }]) {
      assert.equal(fileAddressOf({ ...side, query: JSON.stringify({ ...named, ...changes }) }), undefined);
    }
    assert.equal(fileAddressOf({ ...side, path: 'README.md' }), undefined);
    for (const query of [
      '',
      'null',
      '[]',
      'text',
      JSON.stringify({ ...fields, commit: 'main' }),
      JSON.stringify({ ...fields, more: 'x' }),
      JSON.stringify({ ...fields, size: -1 }),
    ]) {
      assert.equal(fileAddressOf({ ...head, query }), undefined, query);
    }
    fc.assert(
      fc.property(
        fc.webAuthority(),
        fc.string(),
        fc.oneof(fc.string(), fc.json()),
        (authority, path, query) => {
          assert.equal(fileAddressOf({ authority, path, query }), undefined);
        },
      ),
    );
  });
});
