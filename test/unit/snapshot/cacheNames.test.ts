import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { lookAtPlan } from '../../../src/core/publish/planLooks.ts';
import { warningsOf } from '../../../src/core/publish/warnings.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { startPublishing, type Publishing } from '../publish/publishing.ts';
import { COMMIT, gitSha1, refusal, sha256, write, type HubFiles } from './caches.ts';
import { fileAt, scratch, silent } from './repositories.ts';

type Naming = (content: Buffer | string, index: number) => string;

const sha1: Naming = (content) => createHash('sha1').update(content).digest('hex');
/** How servers name contents in their ETags, other than a Hub does. */
const NAMINGS: Readonly<Record<string, Naming>> = {
  'a SHA-256': sha256,
  'a SHA-1': sha1,
  'an MD5': (content) => createHash('md5').update(content).digest('hex'),
  'the ETag of an upload in parts': (_, index) => `d41d8cd98f00b204e9800998ecf8427e-${index + 2}`,
  '40 hexadecimal digits of its own': (_, index) => sha1(`a name ${index}`, 0),
  '64 hexadecimal digits of its own': (_, index) => sha256(`a name ${index}`),
};

const TOKEN = `hf_${'AbCdEfGhIj'.repeat(4)}`;
const FILES: HubFiles = {
  'README.md': { content: '---\nlicense: mit\n---\n# A model\n' },
  'config.json': { content: `{"model_type": "x", "token": "${TOKEN}"}` },
  'empty/__init__.py': { content: '' },
  'model.safetensors': { content: randomBytes(120_000), lfs: true },
  'picture.png': {
    content: Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(900)]),
    lfs: true,
  },
  'tokenizer.json': { content: JSON.stringify({ vocab: 'ä'.repeat(90_000) }) },
};

describe('a cache whose server names contents by', () => {
  const folders = scratch();
  let publishing: Publishing;
  before(async () => (publishing = await startPublishing()));
  after(() => publishing.stop());

  const cached = (
    naming: Naming,
    files: HubFiles = FILES,
  ): { snapshot: string; blob: (path: string) => string } => {
    const storage = join(folders.folder(), 'hub', 'models--acme--mirrored');
    const snapshot = join(storage, 'snapshots', COMMIT);
    const blobs = new Map<string, string>();
    for (const [index, [path, { content }]] of Object.entries(files).entries()) {
      const blob = join(storage, 'blobs', naming(content, index));
      const place = join(snapshot, path);
      mkdirSync(dirname(place), { recursive: true });
      write(blob, content);
      symlinkSync(relative(dirname(place), blob), place);
      blobs.set(path, blob);
    }
    return { snapshot, blob: (path) => blobs.get(path) ?? '' };
  };
  /** The same in a folder that was downloaded to. */
  const downloaded = (naming: Naming): string => {
    const folder = folders.folder();
    for (const [index, [path, { content }]] of Object.entries(FILES).entries()) {
      write(join(folder, path), content);
      const note = join(folder, '.cache/huggingface/download', `${path}.metadata`);
      write(note, `${COMMIT}\n${naming(content, index)}\n${Date.now() / 1000 + 1}\n`);
    }
    return folder;
  };
  const withOpened = async (folder: string, use: (snapshot: Snapshot) => Promise<void>): Promise<void> => {
    const snapshot = await openSnapshot(folder, { signal: new AbortController().signal, log: silent });
    try {
      await use(snapshot);
    } finally {
      await snapshot.dispose();
    }
  };

  for (const [name, naming] of Object.entries(NAMINGS)) {
    it(`${name}: what a file is shows its content, and every text is looked at`, async () => {
      for (const folder of [cached(naming).snapshot, downloaded(naming)]) {
        await withOpened(folder, async (snapshot) => {
          for (const path of ['README.md', 'config.json', 'tokenizer.json', 'empty/__init__.py']) {
            const file = fileAt(snapshot, path);
            assert.deepEqual([file.kind, file.gitSha1], ['blob', gitSha1(FILES[path]?.content ?? '')], path);
          }
          const model = `acme/mirrored-${randomBytes(4).toString('hex')}`;
          const plan = await publishing.plan(snapshot, model);
          const seen = await lookAtPlan(plan, silent, new AbortController().signal);
          assert.deepEqual(warningsOf({ ...seen, bytes: 0, smallestPlan: undefined, ahead: undefined })[0], {
            ...{ kind: 'secret', paths: ['config.json'] },
          });
          assert.equal(seen.described, true, 'the card is read');
          await publishing.published(snapshot, model);
          const held = await publishing.held(model);
          assert.equal(held?.get('README.md'), gitSha1(FILES['README.md']?.content ?? ''));
          assert.equal(held.get('config.json'), gitSha1(FILES['config.json']?.content ?? ''));
        });
      }
    });
  }

  it('a SHA-256: weights and pictures are objects by their names', async () => {
    await withOpened(cached(sha256).snapshot, async (snapshot) => {
      for (const path of ['model.safetensors', 'picture.png']) {
        const file = fileAt(snapshot, path);
        assert(file.kind === 'lfs', path);
        assert.equal(file.sha256, sha256(FILES[path]?.content ?? ''));
      }
      await Promise.resolve();
    });
  });

  for (const [name, naming] of [
    ['a SHA-256', sha256],
    ['a Git object id', gitSha1],
  ] as const) {
    it(`${name}: one that is not its content’s is a damage`, async () => {
      for (const path of ['README.md', 'config.json']) {
        const { snapshot, blob } = cached(naming);
        writeFileSync(blob(path), 'Something else.');
        const failure = await refusal(
          withOpened(snapshot, () => Promise.resolve()),
          'corrupt',
        );
        assert.deepEqual(failure.paths, [path]);
      }
      // The only name there is: nothing speaks against that it was right.
      const alone = cached(naming, { 'config.json': { content: '{}' } });
      writeFileSync(alone.blob('config.json'), '[]');
      await refusal(
        withOpened(alone.snapshot, () => Promise.resolve()),
        'corrupt',
      );
    });
  }

  it('a SHA-256: damaged weights are not published', async () => {
    const weights = { content: randomBytes(120_000), lfs: true };
    const { snapshot, blob } = cached(sha256, { ...FILES, 'model.safetensors': weights });
    writeFileSync(blob('model.safetensors'), randomBytes(120_000));
    await withOpened(snapshot, async (opened) => {
      const outcome = await publishing.publish(opened, 'acme/damaged');
      assert.equal(outcome.kind, 'failed');
      assert.equal(outcome.failure.kind, 'corrupt');
      assert.deepEqual(outcome.failure.paths, ['model.safetensors']);
    });
  });
});
