import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../../../src/core/failure.ts';
import { PROVED_FIRST } from '../../../src/core/publish/content.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { startPublishing } from '../publish/publishing.ts';
import {
  cacheModel,
  COMMIT,
  downloadModel,
  gitSha1,
  sha256,
  write,
  type HubFiles,
} from '../snapshot/caches.ts';
import { pointerTo, scratch, silent, storeObject } from '../snapshot/repositories.ts';
import { startHostileHub, type HostileHub, type Way } from './hostileHub.ts';

/** Of 24 characters, so that it looks the same in every line of Base64, too. */
const MARK = 'MIIEpAIBAAKCAQEA0private';
/** A person's key; the hashes and sizes of `LURE` are what a stranger's repository says of it. */
const PRIVATE = Buffer.from(MARK.repeat(200));
const LURE = Buffer.alloc(PRIVATE.length, 'lure');

/** Puts the private file, or a link to it, in the place of a content. */
interface Trap {
  readonly what: string;
  /** The folder to publish, before and after the trap is laid, where it is laid once the snapshot is open. */
  readonly lay: (folder: string) => { readonly folder: string; readonly later?: () => void };
}

describe('the private files of a person', () => {
  const files = scratch();
  let hub: HostileHub;
  let key: string;

  before(async () => {
    hub = await startHostileHub();
  });
  after(() => hub.stop());
  beforeEach(() => {
    key = join(files.folder(), 'id_rsa');
    writeFileSync(key, PRIVATE);
  });

  const linked = (place: string, target = key): void => {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(target, place);
  };
  /** A clone whose only file is the pointer to the lure. */
  const lfsModel = (path = 'weights.bin'): { readonly top: string; readonly object: string } => {
    const made = files.repository();
    made.write(path, pointerTo(LURE));
    made.commit('Weights');
    const object = storeObject(join(made.path, '.git', 'lfs'), LURE);
    return { top: made.path, object };
  };
  const inCache = (content: Buffer, lfs: boolean): HubFiles => ({
    'README.md': { content: '# A model\n' },
    'model.bin': { content, lfs },
  });

  const traps: readonly Trap[] = [
    {
      what: 'a link in the LFS store',
      lay: () => {
        const { top, object } = lfsModel();
        linked(object);
        return { folder: top };
      },
    },
    {
      what: 'a link that is put into the LFS store later',
      lay: () => {
        const { top, object } = lfsModel();
        return { folder: top, later: () => linked(object) };
      },
    },
    {
      what: 'a folder of the LFS store that leads to a folder of private files',
      lay: () => {
        const { top, object } = lfsModel();
        write(join(dirname(key), 'keys', sha256(LURE)), PRIVATE);
        linked(dirname(object), join(dirname(key), 'keys'));
        return { folder: top };
      },
    },
    {
      what: 'a file of the LFS store with other bytes',
      lay: () => {
        const { top, object } = lfsModel();
        writeFileSync(object, PRIVATE);
        return { folder: top };
      },
    },
    {
      what: 'a link in the work tree',
      lay: () => {
        const { top, object } = lfsModel();
        rmSync(object);
        linked(join(top, 'weights.bin'));
        return { folder: top };
      },
    },
    {
      what: 'a folder of the work tree that becomes a link later',
      lay: () => {
        const { top, object } = lfsModel('keys/id_rsa');
        rmSync(object);
        write(join(top, 'keys', 'id_rsa'), LURE);
        return { folder: top, later: () => linked(join(top, 'keys'), dirname(key)) };
      },
    },
    {
      what: 'a file of the work tree that was edited',
      lay: () => {
        const { top, object } = lfsModel();
        rmSync(object);
        write(join(top, 'weights.bin'), PRIVATE);
        return { folder: top };
      },
    },
    ...[true, false].flatMap((lfs): Trap[] => {
      const kind = lfs ? 'LFS file' : 'plain file';
      const cached = (folder: string) => {
        const { snapshot, storage } = cacheModel(join(folder, 'hub'), inCache(LURE, lfs));
        const name = lfs ? sha256(LURE) : gitSha1(LURE);
        return { snapshot, blob: join(storage, 'blobs', name) };
      };
      return [
        {
          what: `a link in a cache’s blobs, for a ${kind}`,
          lay: (folder) => {
            const { snapshot, blob } = cached(folder);
            linked(blob);
            return { folder: snapshot };
          },
        },
        {
          what: `a link that is put into a cache’s blobs later, for a ${kind}`,
          lay: (folder) => {
            const { snapshot, blob } = cached(folder);
            return { folder: snapshot, later: () => linked(blob) };
          },
        },
        {
          what: `a cache’s blobs that become a link later, for a ${kind}`,
          lay: (folder) => {
            const { snapshot, blob } = cached(folder);
            const elsewhere = join(folder, 'elsewhere');
            write(join(elsewhere, blob.slice(dirname(blob).length + 1)), PRIVATE);
            return { folder: snapshot, later: () => linked(dirname(blob), elsewhere) };
          },
        },
        {
          what: `other bytes under a content’s name, for a ${kind}`,
          lay: (folder) => {
            const { snapshot, blob } = cached(folder);
            writeFileSync(blob, PRIVATE);
            return { folder: snapshot };
          },
        },
        {
          what: `a link in a folder of downloads, for a ${kind}`,
          lay: (folder) => {
            downloadModel(folder, inCache(LURE, lfs));
            linked(join(folder, 'model.bin'));
            return { folder };
          },
        },
        {
          what: `a link that is put into a folder of downloads later, for a ${kind}`,
          lay: (folder) => {
            downloadModel(folder, inCache(LURE, lfs));
            return { folder, later: () => linked(join(folder, 'model.bin')) };
          },
        },
        {
          what: `a link to what Git keeps in a folder of downloads, for a ${kind}`,
          lay: (folder) => {
            downloadModel(folder, inCache(PRIVATE, lfs), { listed: false });
            write(join(folder, '.git', 'config'), PRIVATE);
            linked(join(folder, 'model.bin'), join('.git', 'config'));
            return { folder };
          },
        },
        {
          what: `other bytes under a note, for a ${kind}`,
          lay: (folder) => {
            downloadModel(folder, inCache(LURE, lfs));
            writeFileSync(join(folder, 'model.bin'), PRIVATE);
            return { folder };
          },
        },
      ];
    }),
    {
      what: 'a store that models share, which is a link',
      lay: (folder) => {
        const { snapshot, storage, cache } = cacheModel(join(folder, 'hub'), inCache(PRIVATE, true));
        const name = sha256(PRIVATE);
        write(join(folder, 'private', name.slice(0, 2), name), PRIVATE);
        linked(join(cache, 'blobs'), join(folder, 'private'));
        linked(join(storage, 'blobs', name), join('..', '..', 'blobs', name.slice(0, 2), name));
        return { folder: snapshot };
      },
    },
  ];

  const isLaidHere = ({ what }: Trap) => process.platform !== 'win32' || !/link|folder of the LFS/.test(what);

  for (const { what, lay } of traps.filter(isLaidHere)) {
    for (const way of ['whole', 'parts', 'commit'] as const) {
      it(`do not leave through ${what}, asked for ${way === 'commit' ? 'in the commit' : `in ${way}`}`, async () => {
        await assertKept(lay(files.folder()), way);
      });
    }
  }

  async function assertKept({ folder, later }: ReturnType<Trap['lay']>, way: Way): Promise<void> {
    let snapshot: Snapshot | undefined;
    try {
      snapshot = await openSnapshot(folder, { signal: new AbortController().signal, log: silent });
      later?.();
      const outcome = await hub.publish(snapshot, way);
      assert.equal(outcome.kind, 'failed');
    } catch (error) {
      assert(error instanceof Failure, String(error));
    } finally {
      await snapshot?.dispose();
    }
    const received = hub.received();
    assert(!received.includes(MARK), 'the private file left');
    assert(!received.includes(Buffer.from(MARK).toString('base64')), 'the private file left in Base64');
  }

  if (process.platform === 'win32') return;

  it('are named where a link stands for an object, with what to do', async () => {
    const { top, object } = lfsModel();
    linked(object);
    const snapshot = await openSnapshot(top, { signal: new AbortController().signal, log: silent });
    try {
      const outcome = await hub.publish(snapshot, 'whole');
      assert(outcome.kind === 'failed');
      assert.equal(outcome.failure.kind, 'unpublishable');
      assert.match(
        outcome.failure.message,
        /link in place of the content of “weights\.bin”.*Remove the link/,
      );
      assert(outcome.failure.message.includes(object));
    } finally {
      await snapshot.dispose();
    }
  });

  it('are not waited for where a pipe stands in a file’s place', async () => {
    const { top, object } = lfsModel();
    const { snapshot, storage } = cacheModel(join(files.folder(), 'hub'), inCache(LURE, true));
    for (const [folder, pipe] of [
      [top, object],
      [snapshot, join(storage, 'trees', `${COMMIT}.json`)],
    ] as const) {
      rmSync(pipe);
      execFileSync('mkfifo', [pipe]);
      const opened = await openSnapshot(folder, { signal: new AbortController().signal, log: silent });
      try {
        const [file] = opened.files.filter(({ kind }) => kind === 'lfs');
        assert(file?.kind === 'lfs');
        assert.equal(await file.present(), folder === snapshot);
      } finally {
        await opened.dispose();
      }
    }
  });
});

describe('contents kept on another disk', () => {
  const files = scratch();

  it('are published from an LFS store that is a link, or a folder of which is one', async () => {
    const publishing = await startPublishing({ multipartThresholdBytes: 2000, partBytes: 2000 });
    try {
      const disk = files.folder();
      const model = files.repository();
      for (const depth of ['lfs', 'lfs/objects', `lfs/objects/${sha256(LURE).slice(0, 2)}`]) {
        model.write('weights.bin', pointerTo(LURE));
        model.commit('Weights');
        rmSync(join(model.path, '.git', 'lfs'), { recursive: true, force: true });
        storeObject(join(model.path, '.git', 'lfs'), LURE);
        const moved = join(disk, ...depth.split('/'));
        rmSync(moved, { recursive: true, force: true });
        mkdirSync(dirname(moved), { recursive: true });
        renameSync(join(model.path, '.git', depth), moved);
        symlinkSync(moved, join(model.path, '.git', depth), 'junction');
        const snapshot = await openSnapshot(model.path, {
          signal: new AbortController().signal,
          log: silent,
        });
        const name = `acme/${depth.split('/').length}-deep`;
        try {
          await publishing.published(snapshot, name);
        } finally {
          await snapshot.dispose();
        }
      }
    } finally {
      await publishing.stop();
    }
  });

  it('are larger than what is hashed first, and are published in parts all the same', async () => {
    const publishing = await startPublishing({ multipartThresholdBytes: 2000, partBytes: 1024 * 1024 });
    try {
      const large = Buffer.alloc(PROVED_FIRST + 5, 'large');
      const model = files.repository();
      model.write('weights.bin', pointerTo(large));
      model.commit('Weights');
      storeObject(join(model.path, '.git', 'lfs'), large);
      const snapshot = await openSnapshot(model.path, { signal: new AbortController().signal, log: silent });
      try {
        await publishing.published(snapshot, 'acme/large');
      } finally {
        await snapshot.dispose();
      }
    } finally {
      await publishing.stop();
    }
  });
});
