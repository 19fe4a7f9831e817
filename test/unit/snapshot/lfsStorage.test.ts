import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { commitAll } from '../setup/settingUp.ts';
import {
  contentOf,
  fileAt,
  hasGitLfs,
  pointerTo,
  restore,
  scratch,
  sha256,
  storeObject,
  withSnapshot,
} from './repositories.ts';

const WEIGHTS = 'w'.repeat(5000);

describe('A store of Git LFS whose place begins with a tilde', () => {
  const { folder, repository } = scratch();
  const read = (path: string) =>
    withSnapshot(path, async (snapshot) => contentOf(fileAt(snapshot, 'weights.bin').open()));

  it('is where Git LFS takes the tilde for a name; and in the home folder', async () => {
    const made = repository();
    made.write('weights.bin', pointerTo(WEIGHTS));
    made.commit('Model');
    made.git('config', 'lfs.storage', '~/store');
    const store = join(made.path, '.git', '~', 'store');
    if (hasGitLfs()) {
      const place = /^LocalMediaDir=(.*)$/m.exec(made.git('lfs', 'env'))?.[1] ?? '';
      assert.equal(normalize(place), join(store, 'objects'));
    }
    storeObject(store, WEIGHTS);
    assert.equal((await read(made.path)).toString(), WEIGHTS);
    rmSync(store, { recursive: true });
    const saved = ['HOME', 'USERPROFILE'].map((name) => [name, process.env[name]] as const);
    const home = folder();
    for (const [name] of saved) process.env[name] = home;
    try {
      storeObject(join(home, 'store'), WEIGHTS);
      assert.equal((await read(made.path)).toString(), WEIGHTS);
    } finally {
      for (const [name, value] of saved) restore(name, value);
    }
  });

  it('keeps what is committed where Git LFS looks for it', async () => {
    const made = repository();
    made.git('config', 'lfs.storage', '~/store');
    made.write('.gitattributes', '*.bin filter=lfs\n');
    made.write('weights.bin', WEIGHTS);
    await commitAll(made.path);
    const oid = sha256(WEIGHTS);
    const place = join(made.path, '.git', '~', 'store', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid);
    assert.equal(readFileSync(place, 'utf8'), WEIGHTS);
  });
});
