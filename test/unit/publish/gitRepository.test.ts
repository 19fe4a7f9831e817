import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  pointerTo,
  processes,
  scratch,
  sha256,
  silent,
  storeObject,
  withSnapshot,
} from '../snapshot/repositories.ts';
import { openGitSnapshot } from '../../../src/core/snapshot/git/openGitSnapshot.ts';
import { until } from '../../setup/until.ts';
import type { Repository } from '../snapshot/repositories.ts';
import { sorted, startPublishing } from './publishing.ts';
import type { Publishing } from './publishing.ts';

const ATTRIBUTES = '*.safetensors filter=lfs diff=lfs merge=lfs -text\n';

/** What `git ls-tree` shows of HEAD: paths and object ids, pointers included. */
const treeOfHead = (repository: Repository): Map<string, string> =>
  new Map(
    repository
      .git('ls-tree', '-r', '-z', 'HEAD')
      .split('\0')
      .filter(Boolean)
      .map((line) => {
        const [entry = '', path = ''] = line.split('\t');
        return [path, entry.split(' ')[2] ?? ''];
      }),
  );

/** Commits content as git-lfs would, where it is not installed: a pointer in the commit, the content in the store. */
const writeLfs = (repository: Repository, path: string, content: Buffer): string => {
  repository.write(path, pointerTo(content));
  return storeObject(join(repository.path, '.git/lfs'), content);
};

describe('publishing HEAD of a Git repository', () => {
  const folders = scratch();
  let publishing: Publishing;
  before(async () => (publishing = await startPublishing()));
  after(() => publishing.stop());
  beforeEach(() => publishing.arrived());
  afterEach(() => publishing.registry.clearFaults());

  const publish = (repository: Repository, model: string) =>
    withSnapshot(repository.path, (snapshot) => publishing.publish(snapshot, model));

  const sample = (): Repository => {
    const repository = folders.repository();
    repository.write('.gitattributes', ATTRIBUTES);
    repository.write('README.md', '---\nlicense: mit\n---\n# A model\r\n');
    repository.write('config.json', '{}\n');
    repository.write('empty.txt', '');
    repository.write('tokenizer.json', JSON.stringify(Array.from({ length: 200_000 }, (_, index) => index)));
    repository.write('un dossier/naïve – 名前 🙂.txt', 'text\n');
    return repository;
  };

  it('shows the same tree to `git clone`, pointers included, commit after commit', async () => {
    const repository = sample();
    const kept = randomBytes(2_000_000);
    writeLfs(repository, 'model.safetensors', kept);
    repository.commit('First version');
    repository.write('uncommitted.txt', 'stays here');
    const first = await publish(repository, 'acme/git');
    assert.equal(first.kind, 'published', JSON.stringify(first));
    assert.ok(first.created && first.verified);
    assert.deepEqual(sorted(await publishing.cloned('acme/git')), sorted(treeOfHead(repository)));

    rmSync(join(repository.path, 'uncommitted.txt'));
    repository.git('rm', '--quiet', 'config.json');
    repository.git('mv', 'README.md', 'readme.md');
    const adapter = randomBytes(50_000);
    writeLfs(repository, 'adapter/model.safetensors', adapter);
    const second = repository.commit('Second version\n\nWith an adapter.');
    publishing.arrived();
    const again = await publish(repository, 'acme/git');
    assert.equal(again.kind, 'published', JSON.stringify(again));
    assert.deepEqual(sorted(await publishing.cloned('acme/git')), sorted(treeOfHead(repository)));
    const sent = publishing.arrived().filter(({ method }) => method === 'PUT');
    assert.deepEqual(
      sent.map(({ path, bodyBytes }) => [path.includes(sha256(adapter)), bodyBytes]),
      [[true, adapter.length]],
    );
    const [message] = await publishing.messages('acme/git');
    assert.equal(message?.trimEnd(), `Second version\n\nGit-Commit: ${second}`);

    const unchanged = await publish(repository, 'acme/git');
    assert.deepEqual(
      [unchanged.kind, unchanged.kind === 'published' && unchanged.created],
      ['published', false],
    );
  });

  it('does not need weights that the registry has, and names those it has not', async () => {
    const repository = sample();
    const weights = randomBytes(10_000);
    const object = writeLfs(repository, 'model.safetensors', weights);
    repository.commit('With weights');
    assert.equal((await publish(repository, 'acme/pruned')).kind, 'published');
    rmSync(object);
    repository.git('mv', 'model.safetensors', 'renamed.safetensors');
    repository.commit('Renamed');
    assert.equal((await publish(repository, 'acme/pruned')).kind, 'published');
    assert.deepEqual(sorted(await publishing.cloned('acme/pruned')), sorted(treeOfHead(repository)));

    repository.write('lost.safetensors', pointerTo('never fetched'));
    repository.commit('Lost');
    const outcome = await publish(repository, 'acme/pruned');
    assert.equal(outcome.kind, 'failed');
    assert.equal(outcome.failure.kind, 'missingObject');
    assert.deepEqual(outcome.failure.paths, ['lost.safetensors']);
    assert.equal((await publishing.messages('acme/pruned')).length, 2);
  });

  it('names a damaged object, and shows nothing', async () => {
    const repository = sample();
    const object = writeLfs(repository, 'model.safetensors', randomBytes(10_000));
    repository.commit('With weights');
    writeFileSync(object, randomBytes(10_000));
    const outcome = await publish(repository, 'acme/damaged');
    assert.equal(outcome.kind, 'failed');
    assert.equal(outcome.failure.kind, 'corrupt');
    assert.deepEqual(outcome.failure.paths, ['model.safetensors']);
    assert.equal(await publishing.cloned('acme/damaged'), undefined);
  });

  it('takes what the store lacks from the work tree, and proves it', async () => {
    const repository = sample();
    const weights = randomBytes(10_000);
    repository.write('model.safetensors', pointerTo(weights));
    repository.commit('With weights');
    repository.write('model.safetensors', weights);
    await withSnapshot(repository.path, async (snapshot) => {
      // Of the same size, and after all comparing was done.
      repository.write('model.safetensors', randomBytes(10_000));
      const outcome = await publishing.publish(snapshot, 'acme/checkout');
      assert.equal(outcome.kind, 'failed');
      assert.equal(outcome.failure.kind, 'corrupt');
      assert.match(outcome.failure.message, /“model\.safetensors” was changed after it was committed/);
      assert.equal(await publishing.cloned('acme/checkout'), undefined);
    });
    repository.write('model.safetensors', weights);
    assert.equal((await publish(repository, 'acme/checkout')).kind, 'published');
    assert.deepEqual(sorted(await publishing.cloned('acme/checkout')), sorted(treeOfHead(repository)));
  });

  it('leaves no process of Git when it is cancelled', async () => {
    const repository = sample();
    writeLfs(repository, 'model.safetensors', randomBytes(10_000));
    repository.commit('With weights');
    publishing.registry.inject({ method: 'PUT', path: /^\/uploads\//, fault: { kind: 'hang' } });
    const cancel = new AbortController();
    const outcome = await withSnapshot(repository.path, async (snapshot) => {
      const publish = publishing.publish(snapshot, 'acme/cancelled', { signal: cancel.signal });
      await until(() => publishing.registry.requests.at(-1)?.method === 'PUT', 'the upload arrived');
      cancel.abort();
      return publish;
    });
    assert.equal(outcome.kind, 'cancelled');
    assert.deepEqual(processes(), []);
    assert.equal(await publishing.cloned('acme/cancelled'), undefined);
  });
});

describe('publishing a large file that is in Git itself, in parts', () => {
  const folders = scratch();
  const PART_BYTES = 512 * 1024;
  let publishing: Publishing;
  before(async () => {
    publishing = await startPublishing({ multipartThresholdBytes: 1024 * 1024, partBytes: PART_BYTES });
  });
  after(() => publishing.stop());
  afterEach(() => publishing.registry.clearFaults());

  /** How often Git was asked for the file. */
  async function openings(repository: Repository, model: string): Promise<number> {
    let count = 0;
    const trace = (message: string) => {
      if (message.startsWith('git cat-file blob')) count += 1;
    };
    const log = { ...silent, trace };
    const snapshot = await openGitSnapshot(repository.path, { signal: new AbortController().signal, log });
    try {
      const outcome = await publishing.publish(snapshot, model);
      assert.equal(outcome.kind, 'published', JSON.stringify(outcome));
    } finally {
      await snapshot.dispose();
    }
    return count;
  }

  const large = (): Repository => {
    const repository = folders.repository();
    repository.write('model.safetensors', randomBytes(PART_BYTES * 20 + 7));
    repository.commit('Large');
    return repository;
  };

  it('reads it once to hash it, once to send it, and looks at its beginning', async () => {
    const repository = large();
    const opened = await openings(repository, 'acme/in-parts');
    assert(opened <= 4, `Git was asked ${opened} times`);
    assert((await publishing.cloned('acme/in-parts'))?.has('model.safetensors'));
    assert.deepEqual(processes(), []);
  });

  it('reads it once more where a part has to be sent again', async () => {
    const repository = large();
    publishing.registry.inject({
      method: 'PUT',
      path: /^\/uploads\//,
      fault: { kind: 'status', status: 503 },
      times: 2,
    });
    const opened = await openings(repository, 'acme/in-parts-again');
    assert(opened <= 6, `Git was asked ${opened} times`);
    assert.deepEqual(processes(), []);
  });
});
