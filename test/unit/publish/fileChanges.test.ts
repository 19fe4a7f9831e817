import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RemoteFile } from '../../../src/core/hub/remoteFile.ts';
import type { GitObjectId, Sha256 } from '../../../src/core/objectIds.ts';
import { changesBetween, changesToSnapshot, filesToHash } from '../../../src/core/publish/fileChanges.ts';
import type { SnapshotFile } from '../../../src/core/snapshot/snapshot.ts';

const oid = (digit: string) => digit.repeat(40) as GitObjectId;
const hash = (digit: string) => digit.repeat(64) as Sha256;
const plain = (path: string, digit: string, size = 5): RemoteFile => ({
  path,
  size,
  gitSha1: oid(digit),
  sha256: undefined,
});
const large = (path: string, digit: string, size = 5): RemoteFile => ({
  path,
  size,
  gitSha1: oid('0'),
  sha256: hash(digit),
});
const blob = (path: string, digit: string, size = 5): SnapshotFile => ({
  kind: 'blob',
  origin: { kind: 'git' },
  path,
  size,
  gitSha1: oid(digit),
  open: () => Promise.reject(new Error('nothing is to be read')),
});
const summary = (changes: readonly { path: string; before?: unknown; after?: unknown }[]) =>
  changes.map(({ path, before, after }) => `${path} ${before ? (after ? 'changed' : 'removed') : 'added'}`);

describe('what differs between two versions', () => {
  it('is what was added, changed and removed, by path', () => {
    const before = [plain('b', '1'), plain('c', '1'), plain('same', '1'), large('weights', '2')];
    const after = [plain('a', '1'), plain('b', '2'), plain('same', '1'), large('weights', '3')];
    assert.deepEqual(summary(changesBetween(before, after)), [
      'a added',
      'b changed',
      'c removed',
      'weights changed',
    ]);
  });

  it('takes LFS objects by their content and not by their pointer', () => {
    assert.deepEqual(changesBetween([large('w', '1')], [{ ...large('w', '1'), gitSha1: oid('9') }]), []);
  });

  it('takes a file that is kept otherwise, or whose content has no name, for another one', () => {
    const nameless = { path: 'x', size: 5, gitSha1: undefined, sha256: undefined };
    assert.equal(changesBetween([plain('w', '1')], [large('w', '1')]).length, 1);
    assert.equal(changesBetween([nameless], [nameless]).length, 1);
    assert.deepEqual(changesBetween([{ ...nameless, size: 0 }], [{ ...nameless, size: 0 }]), []);
  });

  it('is the same seen from the other side, and nothing from the same side', () => {
    const listing = fc.uniqueArray(
      fc.record({
        path: fc.string({ minLength: 1, maxLength: 2 }),
        digit: fc.constantFrom('1', '2'),
        lfs: fc.boolean(),
      }),
      { selector: ({ path }) => path },
    );
    const filesOf = (list: readonly { path: string; digit: string; lfs: boolean }[]) =>
      list.map(({ path, digit, lfs }) => (lfs ? large(path, digit) : plain(path, digit)));
    fc.assert(
      fc.property(listing, listing, (one, other) => {
        const there = changesBetween(filesOf(one), filesOf(other));
        const back = changesBetween(filesOf(other), filesOf(one));
        assert.deepEqual(
          there,
          back.map(({ path, before, after }) => ({ path, before: after, after: before })),
        );
        assert.deepEqual(changesBetween(filesOf(one), filesOf(one)), []);
      }),
    );
  });
});

describe('what differs between a version and a commit', () => {
  it('is what publishing the commit would change', () => {
    const before = [plain('b', '1'), plain('c', '1'), plain('same', '1')];
    const files = [blob('a', '1'), blob('b', '2'), blob('same', '1')];
    assert.deepEqual(summary(changesToSnapshot(before, files, new Map())), [
      'a added',
      'b changed',
      'c removed',
    ]);
  });

  it('needs the hash of a plain file only where the version keeps an LFS object of its size', () => {
    const before = [
      large('same size', '1'),
      large('other size', '1'),
      plain('plain', '1'),
      large('empty', '1', 0),
    ];
    const files = [
      blob('same size', '1'),
      blob('other size', '1', 6),
      blob('plain', '1'),
      blob('empty', '1', 0),
    ];
    assert.deepEqual(
      filesToHash(before, files).map(({ path }) => path),
      ['same size'],
    );
    const hashes = new Map([['same size', hash('1')]]);
    assert.deepEqual(summary(changesToSnapshot(before.slice(0, 1), files.slice(0, 1), hashes)), []);
    assert.deepEqual(summary(changesToSnapshot(before.slice(0, 1), files.slice(0, 1), new Map())), [
      'same size changed',
    ]);
  });
});
