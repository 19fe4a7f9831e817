import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../../../src/core/failure.ts';
import { createPublisher } from '../../../src/core/publish/publisher.ts';
import { openCacheSnapshot } from '../../../src/core/snapshot/hfCache/openCacheSnapshot.ts';
import { createHashMemory } from '../../../src/core/snapshot/hashMemory.ts';
import type { HashMemory } from '../../../src/core/snapshot/hashMemory.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { blob, memorySnapshot } from '../publish/memorySnapshot.ts';
import { startPublishing } from '../publish/publishing.ts';
import type { Publishing } from '../publish/publishing.ts';
import { cacheModel, downloadModel, MODEL, sha256 } from './caches.ts';
import { scratch, silent } from './repositories.ts';

describe('publishing', () => {
  const files = scratch();
  let publishing: Publishing;

  beforeEach(async () => {
    publishing = await startPublishing({ lfsThresholdBytes: 1024 });
  });

  afterEach(() => publishing.stop());

  async function publishTo(model: string, snapshot: Snapshot, hashes: HashMemory | undefined): Promise<void> {
    const signal = new AbortController().signal;
    const publisher = createPublisher({ http: publishing.http, log: silent, hashes });
    const plan = await publisher.plan(snapshot, publishing.target(model), signal);
    const outcome = await publisher.publish(plan, { onEvent: () => undefined, signal });
    assert.equal(outcome.kind, 'published', outcome.kind === 'failed' ? outcome.failure.message : '');
  }

  it('reads a large blob once for its SHA-256, and never again', async () => {
    const hashes = createHashMemory({ folder: join(files.folder(), 'memory'), log: silent });
    const content = Buffer.alloc(100_000, 5);
    const readings = async (model: string, memory?: HashMemory): Promise<number> => {
      const snapshot = memorySnapshot({ 'model.bin': blob(content) });
      await publishTo(model, snapshot, memory);
      return snapshot.openings.get('model.bin') ?? 0;
    };
    await readings('acme/first', hashes);
    const unremembered = await readings('acme/second');
    assert.equal(await readings('acme/third', hashes), unremembered - 1);
  });

  it('stops before the commit where the cache does not hold what its names say', async () => {
    const { snapshot: folder, storage } = cacheModel(join(files.folder(), 'hub'), MODEL);
    writeFileSync(join(storage, 'blobs', sha256('onnx')), 'ONNX');
    const snapshot = await openCacheSnapshot(folder, { signal: new AbortController().signal, log: silent });
    try {
      const outcome = await publishing.publish(snapshot, 'acme/tiny');
      assert(outcome.kind === 'failed');
      assert.equal(outcome.failure.kind, 'corrupt');
      assert.deepEqual(outcome.failure.paths, ['onnx/größe 尺寸.onnx']);
      assert.equal(await publishing.cloned('acme/tiny'), undefined);
    } finally {
      await snapshot.dispose();
    }
  });

  describe('tells the command that gets content again, which is none of Git’s, where', () => {
    const commands = {
      'the cache': {
        make: () => cacheModel(join(files.folder(), 'hub'), MODEL, { layout: 'files' }).snapshot,
        renewed: /“hf download acme\/tiny-model --revision \w+ --cache-dir .+ --force-download”/,
        completed: /“hf download acme\/tiny-model --revision \w+ --cache-dir [^ ]+”/,
      },
      'a download folder': {
        make: () => {
          const folder = join(files.folder(), 'tiny');
          downloadModel(folder, MODEL);
          return folder;
        },
        renewed: /“hf download NAMESPACE\/NAME --revision \w+ --local-dir .+ --force-download”/,
        completed: /“hf download NAMESPACE\/NAME --revision \w+ --local-dir [^ ]+”/,
      },
    };
    /** What is done to the folder after it was opened, and what a publish of it says then. */
    async function failureAfter(folder: string, harm: () => void): Promise<Failure> {
      const snapshot = await openSnapshot(folder, { signal: new AbortController().signal, log: silent });
      try {
        harm();
        const outcome = await publishing.publish(snapshot, 'acme/tiny');
        assert(outcome.kind === 'failed');
        assert.doesNotMatch(outcome.failure.message, /\bgit\b/i);
        return outcome.failure;
      } finally {
        await snapshot.dispose();
      }
    }

    for (const [name, { make, renewed, completed }] of Object.entries(commands)) {
      it(`${name} lost it after it was opened`, async () => {
        const folder = make();
        const failure = await failureAfter(folder, () => rmSync(join(folder, 'onnx'), { recursive: true }));
        assert.equal(failure.kind, 'missingObject');
        assert.match(failure.message, completed);
      });

      for (const path of ['model.safetensors', 'config.json']) {
        it(`${name} holds other bytes of ${path} than when it was opened`, async () => {
          const folder = make();
          const bytes = Buffer.byteLength(MODEL[path]!.content);
          const failure = await failureAfter(folder, () =>
            writeFileSync(join(folder, path), Buffer.alloc(bytes)),
          );
          assert.equal(failure.kind, 'corrupt');
          assert.match(failure.message, renewed);
        });
      }
    }
  });
});
