import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { asGitObjectId, asSha256 } from '../../../src/core/objectIds.ts';
import { PLAN_DIGEST, planDigest } from '../../../src/core/publish/planDigest.ts';
import type { PublishOutcome, PublishPlan } from '../../../src/core/publish/publishing.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import type { Snapshot, SnapshotFile } from '../../../src/core/snapshot/snapshot.ts';
import { blob, gitSha1, lfs, memorySnapshot } from '../publish/memorySnapshot.ts';
import { startPublishing, type Publishing } from '../publish/publishing.ts';
import { cacheModel, downloadModel, type HubFiles, write } from '../snapshot/caches.ts';
import { scratch, silent } from '../snapshot/repositories.ts';

const WRITES = ['POST', 'PUT', 'DELETE'];

describe('the digest of a plan', () => {
  let publishing: Publishing;
  before(async () => (publishing = await startPublishing({ lfsThresholdBytes: 1024 * 1024 })));
  after(() => publishing.stop());
  beforeEach(() => publishing.arrived());
  const temporary = scratch();
  const signal = new AbortController().signal;
  const run = (plan: PublishPlan, more: object = {}): Promise<PublishOutcome> =>
    publishing.publisher.publish(plan, { onEvent: () => undefined, signal, ...more });
  const written = (): readonly string[] =>
    publishing
      .arrived()
      .flatMap(({ method, path }) => (WRITES.includes(method) ? [`${method} ${path}`] : []));
  const opened = async <T>(folder: string, use: (snapshot: Snapshot) => Promise<T>): Promise<T> => {
    const snapshot = await openSnapshot(folder, { signal, log: silent });
    try {
      return await use(snapshot);
    } finally {
      await snapshot.dispose();
    }
  };

  describe('names', () => {
    const plan = async (): Promise<PublishPlan> =>
      publishing.plan(memorySnapshot({ 'a.txt': blob('a'), 'w.bin': lfs('weights') }), 'acme/named');
    const id = asGitObjectId('b'.repeat(40))!;

    it('every part of a plan', async () => {
      const agreed = await plan();
      const { snapshot, target } = agreed;
      const [first, second] = snapshot.files as [SnapshotFile, SnapshotFile & { kind: 'lfs' }];
      const withFiles = (...files: SnapshotFile[]): PublishPlan => ({
        ...agreed,
        snapshot: { ...snapshot, files },
      });
      const others: Readonly<Record<string, PublishPlan>> = {
        'a path': withFiles({ ...first, path: 'b.txt' }, second),
        'a size': withFiles({ ...first, size: 2 }, second),
        'a Git object id': withFiles({ ...first, gitSha1: id }, second),
        'a SHA-256': withFiles(first, { ...second, sha256: asSha256('c'.repeat(64))! }),
        'a file less': withFiles(first),
        'the commit': { ...agreed, snapshot: { ...snapshot, commit: id } },
        'the subject': { ...agreed, snapshot: { ...snapshot, subject: 'Another' } },
        'the model': { ...agreed, target: { ...target, model: 'acme/other' } },
        'the revision': { ...agreed, target: { ...target, hub: { ...target.hub, revision: 'dev' } } },
        'the endpoint': {
          ...agreed,
          target: { ...target, hub: { ...target.hub, endpoint: new URL('https://example.com/') } },
        },
        'the head of the registry': { ...agreed, parentCommit: id },
      };
      const digests = [agreed, ...Object.values(others)].map((each) => planDigest(each, undefined));
      digests.push(planDigest(agreed, 'Release'), planDigest(agreed, 'Release\n\nWith details'));
      for (const digest of digests) assert.match(digest, PLAN_DIGEST);
      assert.equal(new Set(digests).size, digests.length, Object.keys(others).join());
      assert.equal(planDigest(await plan(), undefined), digests[0]);
    });

    it('no two lists of files alike, whatever their paths are', async () => {
      const agreed = await plan();
      const [first] = agreed.snapshot.files as [SnapshotFile];
      const odd = fc.constantFrom('\n', '"', ' ', '\\', '\0', '\ud800', '\udfff', 'blob 1 ', 'a');
      const path = fc.array(odd, { maxLength: 4 }).map((pieces) => pieces.join(''));
      const paths = fc.array(path, { maxLength: 4 });
      const digest = (all: readonly string[]): string =>
        planDigest(
          {
            ...agreed,
            snapshot: { ...agreed.snapshot, files: all.map((each) => ({ ...first, path: each })) },
          },
          undefined,
        );
      fc.assert(
        fc.property(paths, paths, (one, other) => {
          assert.equal(digest(one) === digest(other), JSON.stringify(one) === JSON.stringify(other));
        }),
        { numRuns: 1000 },
      );
    });
  });

  describe('that was agreed to is what is published, and nothing else:', () => {
    /** Whoever writes the notes of a download names its commit, too: it pins nothing. */
    const swapped = {
      'a download folder with notes by hand': (folder: string, text: string) =>
        downloadModel(folder, { 'config.json': { content: text } }),
      'a snapshot in a cache': (folder: string, text: string) =>
        void cacheModel(folder, { 'config.json': { content: text } }),
    };
    for (const [name, make] of Object.entries(swapped)) {
      it(`${name} is refused where its contents were swapped under the same commit`, async () => {
        const top = join(temporary.folder(), 'tiny');
        const inCache = name.includes('cache');
        const model = inCache ? 'acme/swapped-cache' : 'acme/swapped-folder';
        make(top, 'good');
        const folder = inCache ? join(top, 'models--acme--tiny-model') : top;
        const agreed = await opened(folder, async (snapshot) => ({
          commit: snapshot.commit,
          digest: planDigest(await publishing.plan(snapshot, model), undefined),
        }));
        rmSync(top, { recursive: true });
        make(top, 'evil');
        await opened(folder, async (snapshot) => {
          assert.equal(snapshot.commit, agreed.commit);
          const outcome = await run(await publishing.plan(snapshot, model), { agreed: agreed.digest });
          assert.equal(outcome.kind, 'failed');
          assert.equal(outcome.failure.kind, 'conflict');
          assert.match(outcome.failure.message, /not the one that was agreed to.*Plan the publish again/);
        });
        assert.deepEqual(written(), []);
        assert.equal(await publishing.cloned(model), undefined);
      });
    }

    it('a plan of the same is published', async () => {
      const make = () => memorySnapshot({ 'a.txt': blob('a') });
      const agreed = planDigest(await publishing.plan(make(), 'acme/same'), 'Release');
      const plan = await publishing.plan(make(), 'acme/same');
      assert.equal((await run(plan, { agreed })).kind, 'failed', 'its message is another one');
      assert.equal((await run(plan, { agreed, message: 'Release' })).kind, 'published');
    });

    it('the head of the registry moved between the agreement and the plan', async () => {
      const model = 'acme/moved';
      const agreed = planDigest(await publishing.plan(memorySnapshot({ a: blob('a') }), model), undefined);
      await publishing.published(memorySnapshot({ b: blob('b') }), model);
      publishing.arrived();
      const outcome = await run(await publishing.plan(memorySnapshot({ a: blob('a') }), model), { agreed });
      assert.equal(outcome.kind === 'failed' && outcome.failure.kind, 'conflict');
      assert.deepEqual(written(), []);
    });
  });

  describe('someone else publishes between the plan and the commit:', () => {
    const theirs = async (model: string): Promise<PublishPlan> => {
      const { registry } = publishing;
      await publishing.published(memorySnapshot({ a: blob('a') }), model);
      const plan = await publishing.plan(memorySnapshot({ a: blob('changed') }), model);
      await registry.addModelVersion(
        registry.organization,
        registry.registry,
        model,
        { b: 'theirs' },
        'Theirs',
      );
      return plan;
    };

    it('the publish asks whether to go on, showing what would go away, and goes no further without', async () => {
      const plan = await theirs('acme/faster');
      assert.deepEqual(plan.deleted, []);
      const compared: PublishPlan[] = [];
      const outcome = await run(plan, {
        mayFollow: (fresh: PublishPlan) => {
          compared.push(fresh);
          return false;
        },
      });
      assert.deepEqual(
        compared.map(({ deleted }) => deleted),
        [['b']],
      );
      assert.equal(outcome.kind, 'failed');
      assert.equal(outcome.failure.kind, 'conflict');
      assert.match(outcome.failure.message, /“Theirs”/);
      const shown = await publishing.cloned('acme/faster');
      assert.equal(shown?.get('a'), gitSha1(Buffer.from('a')));
      assert.ok(shown.has('b'));
    });

    it('the publish goes on where it may', async () => {
      const outcome = await run(await theirs('acme/follows'), { mayFollow: () => true });
      assert.equal(outcome.kind, 'published');
      assert.match(outcome.follows?.message ?? '', /^Theirs/);
    });
  });

  describe('content that is swapped between the plan and the transfer', () => {
    let count = 0;
    /** Contents that the registry does not have yet. */
    const filesOf = (seed: number): HubFiles => ({
      'config.json': { content: `{"seed":${seed}}` },
      'model.safetensors': { content: Buffer.alloc(100_000, `weights ${seed} `), lfs: true },
      'large.txt': { content: Buffer.alloc(2 * 1024 * 1024, `text ${seed} `) },
    });
    const places = {
      'a download folder': (files: HubFiles) => {
        const folder = join(temporary.folder(), 'tiny');
        downloadModel(folder, files);
        return folder;
      },
      'a cache of links': (files: HubFiles) => cacheModel(join(temporary.folder(), 'hub'), files).snapshot,
      'a cache of files': (files: HubFiles) =>
        cacheModel(join(temporary.folder(), 'hub'), files, { layout: 'files' }).snapshot,
    };
    const swaps: Readonly<Record<string, (file: string, size: number) => void>> = {
      'by bytes of the same length': (file, size) => writeFileSync(file, Buffer.alloc(size, 'x')),
      'by more bytes': (file, size) => writeFileSync(file, Buffer.alloc(size + 1, 'x')),
      'by fewer bytes': (file, size) => writeFileSync(file, Buffer.alloc(size - 1, 'x')),
      'by another file': (file, size) => {
        write(`${file}.new`, Buffer.alloc(size, 'x'));
        renameSync(`${file}.new`, file);
      },
      'by a link to another file': (file, size) => {
        const secret = join(temporary.folder(), 'secret');
        mkdirSync(join(secret, '..'), { recursive: true });
        writeFileSync(secret, Buffer.alloc(size, 's'));
        rmSync(file);
        symlinkSync(secret, file);
      },
    };
    const paths = {
      'a small file': 'config.json',
      'an LFS object': 'model.safetensors',
      'a large text': 'large.txt',
    };
    for (const [place, make] of Object.entries(places)) {
      for (const [what, path] of Object.entries(paths)) {
        for (const [how, swap] of Object.entries(swaps)) {
          it(`is not published: ${what} of ${place}, ${how}`, async () => {
            const model = `acme/swap-${++count}`;
            const files = filesOf(count);
            const folder = make(files);
            await opened(folder, async (snapshot) => {
              const plan = await publishing.plan(snapshot, model);
              swap(join(folder, path), Buffer.byteLength(files[path]!.content));
              const outcome = await run(plan, { agreed: planDigest(plan, undefined) });
              if (outcome.kind === 'published') {
                // The link was swapped, and the content that it led to when it was planned went.
                assert.ok(outcome.verified && place === 'a cache of links' && how.includes('another file'));
                return;
              }
              assert.equal(outcome.kind, 'failed');
              assert.match(outcome.failure.kind, /^(?:corrupt|missingObject)$/, outcome.failure.message);
              assert.equal(await publishing.cloned(model), undefined);
            });
          });
        }
      }
    }
  });
});
