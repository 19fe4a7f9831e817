import assert from 'node:assert/strict';
import { join } from 'node:path';
import { asCommitName } from '../../../src/core/objectIds.ts';
import type { HubTarget } from '../../../src/core/hosts/host.ts';
import type { RemoteFile } from '../../../src/core/hub/remoteFile.ts';
import {
  amountLines,
  sourceLines,
  travellingAtMost,
  versionLine,
} from '../../../src/core/publish/planTexts.ts';
import type { HubOrigin, SnapshotFile } from '../../../src/core/snapshot/snapshot.ts';
import { blob, lfs, memorySnapshot } from './memorySnapshot.ts';

const PARENT = asCommitName('0261d32f'.repeat(5));
const MAIN = { revision: 'main' };
const target = (hub: Partial<HubTarget>) => ({ target: { hub: hub as HubTarget, model: 'acme/bert' } });

describe('The summary of a publish', () => {
  it('says what is made', () => {
    const made = (hub: Partial<HubTarget>, parentCommit = undefined as typeof PARENT) =>
      versionLine({ ...target(hub), parentCommit });
    assert.equal(made(MAIN), 'New model');
    assert.equal(made({ ...MAIN, newModels: 'private' }), 'New model, private');
    assert.equal(made({ ...MAIN, newModels: 'public' }), 'New model, public: everyone can read it');
    assert.equal(made(MAIN, PARENT), 'New version after 0261d32');
    assert.equal(made({ revision: 'v2' }), 'New revision v2');
    assert.equal(made({ revision: 'v2' }, PARENT), 'New version of v2, after 0261d32');
    assert.equal(made({ revision: '1.0', revisions: 'release' }), 'New release 1.0');
    const startsFrom = { revision: 'main', commit: PARENT! };
    assert.match(
      versionLine({ ...target({ revision: 'v2' }), parentCommit: undefined, startsFrom }),
      /^New branch v2, which begins with what main holds/,
    );
  });

  it('says which folder and commit it is, on one line each', () => {
    const snapshot = { ...memorySnapshot({}, { subject: 'One\u202Etwo' }), folder: 'models/small' };
    assert.deepEqual(sourceLines(snapshot), [
      `Folder: ${join('/nowhere', 'models', 'small')}`,
      `Commit: ${snapshot.commit.slice(0, 7)} One<U+202E>two`,
      'Branch: main',
    ]);
    assert.match(sourceLines({ ...snapshot, branch: undefined })[2] ?? '', /detached HEAD/);
    assert.equal(
      sourceLines({ ...snapshot, origin: { kind: 'download', complete: undefined, renew: undefined } })
        .length,
      2,
    );
  });

  it('says of a model of another hub where it is, and its license', () => {
    const origin: HubOrigin = {
      kind: 'hub',
      endpoint: new URL('https://example.com'),
      model: 'acme/bert',
      revision: 'main',
      address: 'https://example.com/acme/bert',
      licenses: ['mit'],
      selection: { kind: 'all' },
    };
    const lines = sourceLines({ ...memorySnapshot({ 'a.txt': blob('abc') }), origin });
    assert.equal(lines[0], 'From: https://example.com/acme/bert at main');
    assert.deepEqual(lines.slice(2), ['License: mit', 'Size: 3 B']);
  });

  describe('counts', () => {
    const { files } = memorySnapshot({
      'a.bin': lfs(Buffer.alloc(1000, 'a')),
      'b.bin': lfs(Buffer.alloc(1000, 'a')),
      'c.txt': blob('12345'),
      'd.txt': blob('123'),
    });
    const at = (...paths: readonly string[]): readonly SnapshotFile[] =>
      files.filter(({ path }) => paths.includes(path));
    const remote = (...paths: readonly string[]) =>
      new Map(paths.map((path) => [path, { path } as RemoteFile]));

    it('only what is not zero, and the same content once', () => {
      const plan = { changed: files, unchanged: [], deleted: [], remote: remote() };
      assert.deepEqual(amountLines(plan, travellingAtMost(plan)), [
        'Files: 4 new',
        'To upload: 1.01 kB at most',
      ]);
    });

    it('what the registry holds already: files that stay, and content from elsewhere', () => {
      const plan = {
        ...{ changed: at('a.bin', 'c.txt'), unchanged: at('d.txt'), deleted: ['e.txt'] },
        remote: remote('c.txt', 'd.txt', 'e.txt'),
      };
      assert.deepEqual(amountLines(plan, { bytes: 5, precision: 'exact' }), [
        'Files: 1 new, 1 changed, 1 deleted, 1 unchanged',
        'To upload: 5 B',
        'Already in registry: 1 kB',
      ]);
    });

    it('nothing as nothing', () => {
      const plan = { changed: [], unchanged: files, deleted: [], remote: remote('a.bin') };
      assert.deepEqual(amountLines(plan, travellingAtMost(plan)).slice(0, 2), [
        'Files: 4 unchanged',
        'To upload: nothing',
      ]);
    });
  });
});
