import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { lookAtPlan } from '../../../src/core/publish/planLooks.ts';
import { warningsOf } from '../../../src/core/publish/warnings.ts';
import { standInOf } from '../../../src/core/snapshot/files/standIn.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import { cacheModel, downloadModel, type HubFiles, write } from '../snapshot/caches.ts';
import { pointerTo, scratch, silent, storeObject } from '../snapshot/repositories.ts';
import { blob, lfs, memorySnapshot, sha256, type HandMade } from './memorySnapshot.ts';
import { startOddHub, type OddHub } from './oddHub.ts';

const POINTER = pointerTo(randomBytes(100));
const LINK = `../../blobs/${sha256(Buffer.from('weights'))}`;
const XSYM = Buffer.alloc(1067, ' ');
XSYM.write(`XSym\n${String(LINK.length).padStart(4, '0')}\n${'0'.repeat(32)}\n${LINK}\n`);

/** As servers and file systems leave them. */
const POINTERS: Readonly<Record<string, string | Buffer>> = {
  'as Git LFS writes it': POINTER,
  'with line ends of Windows': POINTER.replaceAll('\n', '\r\n'),
  'without a line end': POINTER.trimEnd(),
  'of an extension': POINTER.replace('\noid', `\next-0-foo sha256:${'a'.repeat(64)}\noid`),
  'of an early version': POINTER.replace(
    'https://git-lfs.github.com/spec/v1',
    'https://hawser.github.com/spec/v1',
  ),
};
const LINKS: Readonly<Record<string, string | Buffer>> = {
  'of huggingface_hub': LINK,
  'in a folder': `../${LINK}`,
  'of Windows': LINK.replaceAll('/', '\\'),
  'with a line end': `${LINK}\n`,
  'as macOS and Samba write it': XSYM,
  'as Cygwin writes it': `!<symlink>${LINK}\0`,
};

describe('what stands in for a content', () => {
  const folders = scratch();
  let hub: OddHub;
  beforeEach(async () => (hub = await startOddHub()));
  afterEach(() => hub.stop());

  const refused = async (folder: string, path: string): Promise<string> => {
    const { signal } = new AbortController();
    const snapshot = await openSnapshot(folder, { signal, log: silent });
    try {
      const failure = await hub.plan(snapshot).then(
        () => assert.fail('it was planned'),
        (error: unknown) => error as { kind: string; paths: readonly string[]; message: string },
      );
      assert.equal(failure.kind, 'unpublishable', failure.message);
      assert.deepEqual(failure.paths, [path]);
      assert.ok(!hub.requests.some((line) => line.startsWith('POST')), 'nothing is sent');
      return failure.message;
    } finally {
      await snapshot.dispose();
    }
  };
  const inCache = (files: HubFiles, listed: boolean) =>
    cacheModel(join(folders.folder(), 'hub'), files, { listed }).snapshot;
  const card = { content: '---\nlicense: mit\n---\n' };

  for (const [name, content] of Object.entries(POINTERS)) {
    it(`is refused in a cache: a pointer ${name}`, async () => {
      for (const listed of [true, false]) {
        for (const isObject of [true, false]) {
          const files = { 'README.md': card, 'model.safetensors': { content, lfs: isObject } };
          assert.match(await refused(inCache(files, listed), 'model.safetensors'), /pointer/);
        }
      }
    });
  }

  it('is refused whatever its name, and in a folder of a download, too', async () => {
    assert.match(
      await refused(inCache({ 'data/train.parquet': { content: POINTER } }, false), 'data/train.parquet'),
      /as the server sent them/,
    );
    const folder = folders.folder();
    downloadModel(folder, { 'README.md': card, 'model.gguf': { content: POINTER } });
    await refused(folder, 'model.gguf');
  });

  it('is refused where it is the object of Git LFS', async () => {
    const repository = folders.repository();
    repository.write('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
    repository.write('w.bin', pointerTo(POINTER));
    storeObject(join(repository.path, '.git/lfs'), Buffer.from(POINTER));
    repository.commit('A pointer to a pointer');
    assert.match(await refused(repository.path, 'w.bin'), /commit, then publish again/);
  });

  for (const [name, content] of Object.entries(LINKS)) {
    it(`is refused in a cache that was copied without links: a text ${name}`, async () => {
      const snapshot = inCache({ 'README.md': card }, false);
      write(join(snapshot, 'model.safetensors'), content);
      assert.match(await refused(snapshot, 'model.safetensors'), /“hf download .* --force-download”/);
      const repository = folders.repository();
      repository.write('model.safetensors', content);
      repository.commit('A copy');
      assert.match(await refused(repository.path, 'model.safetensors'), /Put the files themselves there/);
    });
  }

  it('is warned of where it is encrypted, annexed, or a word of a server', async () => {
    const stands: Record<string, HandMade> = {
      'age.onnx': blob('age-encryption.org/v1\n-> X25519 abc\n'),
      'annex.safetensors': blob('/annex/objects/SHA256E-s1234567--abc.safetensors\n'),
      'annexLink.safetensors': blob('../.git/annex/objects/xx/SHA256E-s1--abc/SHA256E-s1--abc'),
      'config.json': blob(Buffer.concat([Buffer.from('\0GITCRYPT\0'), randomBytes(300)])),
      'crypt.safetensors': blob(Buffer.concat([Buffer.from('\0GITCRYPT\0'), randomBytes(300)])),
      'error.gguf': blob('Entry not found'),
      'lost.onnx': lfs('{"error":"Invalid credentials in Authorization header"}'),
      'page.safetensors': blob(`<!DOCTYPE html>\n<html>${'<p>Sign in</p>'.repeat(10_000)}</html>`),
      'transcrypt.bin': blob(`U2FsdGVkX1${randomBytes(3_000).toString('base64')}\n`),
      'vault.yml': blob('$ANSIBLE_VAULT;1.1;AES256\n6162\n'),
      'xet.safetensors': blob('# xet version 0\nfilesize = 1234567\nhash = "ab12"\n'),
    };
    const weights = Buffer.concat([
      Buffer.from([8, 0, 0, 0, 0, 0, 0, 0]),
      Buffer.from('{}      '),
      randomBytes(200),
    ]);
    const snapshot = memorySnapshot({
      ...stands,
      'README.md': blob('# A model'),
      'm.gguf': blob(Buffer.concat([Buffer.from('GGUF'), randomBytes(100)])),
      'notes.txt': blob('Entry not found'),
      'small.safetensors': blob(weights),
    });
    const { signal } = new AbortController();
    const plan = await hub.plan(snapshot);
    const seen = await lookAtPlan(plan, silent, signal);
    const warned = warningsOf({ ...seen, bytes: 0, smallestPlan: undefined, ahead: undefined }).find(
      ({ kind }) => kind === 'standIn',
    );
    assert.deepEqual(warned, { kind: 'standIn', paths: Object.keys(stands) });
  });

  it('is not seen in contents', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        assert.equal(standInOf(bytes, bytes.length), undefined);
      }),
    );
    for (const content of [
      `${POINTER}more`.padEnd(1_100),
      'version 1\noid 2\nsize 3\n',
      '../../blobs/',
      `see ${LINK}`,
    ]) {
      assert.equal(standInOf(Buffer.from(content), content.length), undefined, content);
    }
  });
});
