import assert from 'node:assert/strict';
import type { RemoteFile } from '../../../src/core/hub/remoteFile.ts';
import { compare } from '../../../src/core/publish/compare.ts';
import { blob, gitSha1, lfs, memorySnapshot, pointer, sha256 } from './memorySnapshot.ts';

const regular = (path: string, text: string): RemoteFile => {
  const content = Buffer.from(text);
  return { path, size: content.length, gitSha1: gitSha1(content), sha256: undefined };
};

const stored = (path: string, text: string): RemoteFile => {
  const content = Buffer.from(text);
  return { path, size: content.length, gitSha1: gitSha1(pointer(content)), sha256: sha256(content) };
};

const remote = (...files: readonly RemoteFile[]) => new Map(files.map((file) => [file.path, file]));
const paths = (files: readonly { readonly path: string }[]) => files.map(({ path }) => path);

describe('comparing a snapshot with the registry', () => {
  it('tells what is the same, what differs and what is gone', () => {
    const { files } = memorySnapshot({
      same: blob('a'),
      other: blob('b'),
      added: blob('c'),
      weights: lfs('w'),
    });
    const { changed, unchanged, deleted } = compare(
      files,
      remote(regular('same', 'a'), regular('other', 'x'), stored('weights', 'w'), regular('gone', 'g')),
    );
    assert.deepEqual(paths(changed), ['added', 'other']);
    assert.deepEqual(paths(unchanged), ['same', 'weights']);
    assert.deepEqual(deleted, ['gone']);
  });

  it('keeps paths apart that only look the same', () => {
    const { files } = memorySnapshot({ 'caf\u00e9': blob('a') });
    const { changed, deleted } = compare(files, remote(regular('cafe\u0301', 'a')));
    assert.deepEqual(paths(changed), ['caf\u00e9']);
    assert.deepEqual(deleted, ['cafe\u0301']);
  });

  it('does not take a pointer kept as text for the weights', () => {
    const { files } = memorySnapshot({ weights: lfs('w') });
    assert.deepEqual(
      paths(compare(files, remote(regular('weights', pointer(Buffer.from('w')).toString()))).changed),
      ['weights'],
    );
  });

  it('knows a plain file in the LFS store only by its hash', () => {
    const { files } = memorySnapshot({ big: blob('big') });
    const held = remote(stored('big', 'big'));
    assert.deepEqual(paths(compare(files, held).changed), ['big']);
    assert.deepEqual(compare(files, held, new Map([['big', sha256(Buffer.from('big'))]])).changed, []);
  });

  it('takes an empty file for the same however it is tracked', () => {
    const { files } = memorySnapshot({ empty: lfs(''), none: blob('') });
    assert.deepEqual(compare(files, remote(regular('empty', ''), regular('none', ''))).changed, []);
  });

  it('takes a file whose ids the server does not tell for changed', () => {
    const { files } = memorySnapshot({ a: blob('a') });
    const untold = { path: 'a', size: undefined, gitSha1: undefined, sha256: undefined };
    assert.deepEqual(paths(compare(files, remote(untold)).changed), ['a']);
  });

  it('leaves the registry its own attributes only where LFS files need them', () => {
    const held = remote(regular('.gitattributes', '*.bin filter=lfs'));
    assert.deepEqual(compare(memorySnapshot({ a: lfs('a') }).files, held).deleted, []);
    assert.deepEqual(compare(memorySnapshot({ a: blob('a') }).files, held).deleted, ['.gitattributes']);
  });
});
