import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../../../src/core/failure.ts';
import { folderHead } from '../../../src/core/localModels/head.ts';
import { createHashMemory } from '../../../src/core/snapshot/hashMemory.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { cacheModel, COMMIT, downloadModel, gitSha1, MODEL } from './caches.ts';
import {
  contentOf,
  fileAt,
  pointerTo,
  scratch,
  silent,
  storeObject,
  type Repository,
} from './repositories.ts';

/** A user id that nobody has. */
const STRANGER = 54321;

/** Remedies that do not help whoever may not read what is there. */
const WRONG_REMEDIES = /git lfs|git init|--refetch|partial clone|hf download|report|Commit the model/;

// Windows knows permissions of other kinds, and no other user to be.
if (process.platform !== 'win32') {
  describe('What another user keeps to themselves', () => {
    const { folder, repository } = scratch();

    /** Takes every right to `theirs` away while `use` runs as somebody who owns all else in `mine`. */
    async function withoutRightTo<T>(theirs: string, mine: string, use: () => Promise<T>): Promise<T> {
      const { mode } = lstatSync(theirs);
      const isRoot = process.geteuid?.() === 0;
      if (isRoot) execFileSync('chown', ['-R', String(STRANGER), mine]);
      if (isRoot) execFileSync('chown', ['root', theirs]);
      for (const open of [mine, dirname(process.env.GIT_CONFIG_GLOBAL ?? '')]) chmodSync(open, 0o755);
      chmodSync(theirs, 0);
      if (isRoot) process.seteuid?.(STRANGER);
      try {
        return await use();
      } finally {
        if (isRoot) process.seteuid?.(0);
        chmodSync(theirs, mode);
      }
    }

    const options = () => ({ signal: new AbortController().signal, log: silent });

    async function read(path: string): Promise<Snapshot> {
      const snapshot = await openSnapshot(path, options());
      try {
        for (const file of snapshot.files) {
          if (file.kind === 'lfs') assert(await file.present(), `${file.path} is missing`);
          await contentOf(file.open());
        }
        return snapshot;
      } finally {
        await snapshot.dispose();
      }
    }

    /** Whoever opens `path` is told of `theirs` as what may not be read, and of nothing that would not help. */
    async function isTold(path: string, theirs: string, mine = path): Promise<void> {
      await read(path);
      const failure = await withoutRightTo(theirs, mine, () => read(path)).then(
        () => assert.fail('it was read'),
        (error: unknown) => error,
      );
      assert(failure instanceof Failure, String(failure));
      assert.equal(failure.kind, 'disk', failure.message);
      assert.match(failure.message, /may not be read by the user that this program runs as \(EACCES\)/);
      assert(failure.message.includes(theirs), `${failure.message} does not name ${theirs}`);
      assert.doesNotMatch(failure.message, WRONG_REMEDIES);
    }

    const inCache: Readonly<Record<string, (storage: string) => string>> = {
      'a branch of it': (storage) => join(storage, 'refs', 'main'),
      'its branches': (storage) => join(storage, 'refs'),
      'its contents': (storage) => join(storage, 'blobs'),
      'one content': (storage) =>
        join(
          storage,
          'blobs',
          readdirSync(join(storage, 'blobs')).find((name) => name.length === 64)!,
        ),
      'one content that no name tells': (storage) => {
        const blob = join(storage, 'blobs', gitSha1(MODEL['config.json']!.content));
        const odd = join(storage, 'blobs', 'odd');
        execFileSync('mv', [blob, odd]);
        const link = join(storage, 'snapshots', COMMIT, 'config.json');
        execFileSync('ln', ['-sfn', '../../blobs/odd', link]);
        return odd;
      },
      'a folder of the snapshot': (storage) => join(storage, 'snapshots', COMMIT, 'onnx'),
      'the listing of the commit': (storage) => join(storage, 'trees', `${COMMIT}.json`),
      'the folder of listings': (storage) => join(storage, 'trees'),
    };
    for (const [what, place] of Object.entries(inCache)) {
      it(`is told of a snapshot in the cache: ${what}`, async () => {
        const cache = folder();
        const { snapshot, storage } = cacheModel(cache, MODEL);
        await isTold(snapshot, place(storage), cache);
      });
    }

    it('is told of a model in the cache whose snapshots may not be seen', async () => {
      const cache = folder();
      const { storage } = cacheModel(cache, MODEL);
      await isTold(storage, join(storage, 'snapshots'), cache);
    });

    const inDownload: Readonly<Record<string, readonly string[]>> = {
      'the notes': ['.cache', 'huggingface', 'download'],
      'one note': ['.cache', 'huggingface', 'download', 'config.json.metadata'],
      'the folder of the notes': ['.cache'],
      'the listing': ['.cache', 'huggingface', 'trees', `${COMMIT}.json`],
      'a file': ['model.safetensors'],
      'a folder': ['onnx'],
    };
    for (const [what, names] of Object.entries(inDownload)) {
      it(`is told of a download: ${what}`, async () => {
        const made = folder();
        downloadModel(made, MODEL);
        const theirs = join(made, ...names);
        await isTold(made, theirs).catch((error: unknown) => {
          // Of what lies in a folder that may not be entered, the first that was looked for is named.
          if (names.length > 1 || !String(error).includes(`${theirs}/`)) throw error;
        });
      });
    }

    function model(): Repository {
      const made = repository();
      made.write('README.md', '# Model');
      made.write('sub/config.json', '{}');
      made.write('weights.bin', pointerTo('w'.repeat(5000)));
      made.commit('Model');
      rmSync(join(made.path, 'weights.bin'));
      storeObject(join(made.path, '.git', 'lfs'), 'w'.repeat(5000));
      return made;
    }
    const looseObject = (made: Repository, name: string): string => {
      const oid = made.git('rev-parse', name);
      return join('objects', oid.slice(0, 2), oid.slice(2));
    };
    const packed = (made: Repository, ending: string): string => {
      made.git('repack', '-adq');
      const packs = join(made.path, '.git', 'objects', 'pack');
      return join(
        'objects',
        'pack',
        readdirSync(packs).find((name) => name.endsWith(ending))!,
      );
    };
    const inGit: Readonly<Record<string, (made: Repository) => string>> = {
      'all of it': () => '',
      'its configuration': () => 'config',
      HEAD: () => 'HEAD',
      'its objects': () => 'objects',
      'its refs': () => 'refs',
      'its branch': () => join('refs', 'heads', 'main'),
      'its packed refs': (made) => {
        made.git('pack-refs', '--all');
        return 'packed-refs';
      },
      'the commit': (made) => looseObject(made, 'HEAD'),
      'a tree': (made) => looseObject(made, 'HEAD:sub'),
      'a blob': (made) => looseObject(made, 'HEAD:README.md'),
      'a pointer': (made) => looseObject(made, 'HEAD:weights.bin'),
      'the folder of a blob': (made) => dirname(looseObject(made, 'HEAD:README.md')),
      'a pack': (made) => packed(made, '.pack'),
      'the index of a pack': (made) => packed(made, '.idx'),
      'an object in Git LFS': (made) => lfsObject(made),
      'the folder of an object in Git LFS': (made) => dirname(lfsObject(made)),
      'all of Git LFS': () => 'lfs',
    };
    const lfsObject = (made: Repository): string => {
      const stored = storeObject(join(made.path, '.git', 'lfs'), 'w'.repeat(5000));
      return stored.slice(join(made.path, '.git').length + 1);
    };
    for (const [what, place] of Object.entries(inGit)) {
      it(`is told of a repository: ${what}`, async () => {
        const made = model();
        const theirs = join(made.path, '.git', place(made));
        const outer = dirname(made.path);
        await isTold(made.path, theirs, outer);
      });
    }

    it('is told of a repository within another one, and that one is not read in its place', async () => {
      const outer = repository();
      outer.write('inner/README.md', 'the outer one’s');
      outer.commit('Outer');
      const inner = repository(join(outer.path, 'inner'));
      inner.commit('Inner');
      await isTold(inner.path, join(inner.path, '.git'), dirname(outer.path));
    });

    it('is told of objects that are borrowed', async () => {
      const lender = model();
      const borrower = join(folder(), 'borrower');
      lender.git('clone', '--quiet', '--shared', lender.path, borrower);
      const lent = join(lender.path, '.git', looseObject(lender, 'HEAD:README.md'));
      execFileSync('chmod', ['755', dirname(borrower)]);
      await isTold(borrower, lent, dirname(lender.path)).catch((error: unknown) => {
        // The clone is root's, and of no interest here.
        if (!String(error).includes('safe.directory')) throw error;
      });
    });

    it('is a head that cannot be read, and no folder without a repository', async () => {
      const made = model();
      const head = await withoutRightTo(join(made.path, '.git'), dirname(made.path), () =>
        folderHead(made.path, options()),
      );
      assert(head.kind === 'unreadable' && head.failure.kind === 'disk', JSON.stringify(head));
    });

    it('is read from the work tree where only the store of Git LFS is theirs', async () => {
      const made = model();
      made.write('weights.bin', 'w'.repeat(5000));
      const snapshot = await withoutRightTo(join(made.path, '.git', 'lfs'), dirname(made.path), () =>
        read(made.path),
      );
      assert.equal(fileAt(snapshot, 'weights.bin').origin.kind, 'workTree');
    });

    it('is done without where it is an index, which only tells what is not committed', async () => {
      const made = model();
      const theirs = join(made.path, '.git', 'index');
      const snapshot = await withoutRightTo(theirs, dirname(made.path), () => read(made.path));
      assert.deepEqual(snapshot.uncommitted, []);
      assert(snapshot.notCompared?.message.includes(theirs), snapshot.notCompared?.message);
      assert.equal(snapshot.files.length, 3);
    });

    it('is done without where it is a memory of hashes', async () => {
      const made = model();
      const memory = folder();
      writeFileSync(join(memory, 'hashes.v1'), '');
      const warnings: string[] = [];
      const log = { ...silent, warn: (message: string) => void warnings.push(message) };
      await withoutRightTo(memory, dirname(made.path), async () => {
        const hashes = createHashMemory({ folder: memory, log });
        await (await openSnapshot(made.path, { ...options(), hashes })).dispose();
        assert.equal(await hashes.sha256Of('git:0' as never), undefined);
      });
      assert.equal(warnings.length, 1, warnings.join('\n'));
    });
  });
}
