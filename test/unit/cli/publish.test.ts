import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { FaultRule } from '../../registry/registry.ts';
import { until } from '../../setup/until.ts';
import { startPublishing, type Publishing } from '../publish/publishing.ts';
import { pointerTo, scratch, storeObject, type Repository } from '../snapshot/repositories.ts';
import {
  assertEnded,
  builtCli,
  createCli,
  eventsOf,
  lastEventOf,
  type Cli,
  type Ended,
  type RunOptions,
} from './builtCli.ts';

const UPLOAD = { method: 'PUT', path: /^\/uploads\// };
const COMMIT = { method: 'POST', path: /\/commit\/main/ };
const isUpload = ({ method, path }: { method: string; path: string }): boolean =>
  method === UPLOAD.method && path.startsWith('/uploads/');
const WEIGHTS_BYTES = 1_000_000;
const run = promisify(execFile);

describe('publishing from a terminal', () => {
  const folders = scratch();
  let cli: Cli;
  let publishing: Publishing;
  let hub: string;
  let repository: Repository;
  let head: string;
  let models = 0;
  let earlier = 0;

  before(async () => {
    cli = await createCli();
    publishing = await startPublishing();
    const { packagesUrl, organization, registry } = publishing.registry;
    hub = `${packagesUrl}/${organization}/${registry}/huggingface`;
  });
  after(async () => {
    await publishing.stop();
    await cli.remove();
  });
  beforeEach(() => {
    repository = folders.repository();
    repository.write('.gitattributes', '*.safetensors filter=lfs diff=lfs merge=lfs -text\n');
    repository.write('README.md', '# A model\n');
    repository.write('config.json', '{}\n');
    const weights = randomBytes(WEIGHTS_BYTES);
    repository.write('model.safetensors', pointerTo(weights));
    storeObject(join(repository.path, '.git/lfs'), weights);
    head = repository.commit('First version');
    publishing.arrived();
    earlier = publishing.registry.requests.length;
  });
  afterEach(() => publishing.registry.clearFaults());

  const newModel = (): string => `acme/model-${models++}`;
  const argsFor = (model: string, ...more: readonly string[]): string[] => [
    ...['publish', repository.path, '--hub', hub, '--model', model],
    ...more,
  ];
  const withToken = (options: RunOptions = {}): RunOptions => ({
    ...options,
    env: { HF_TOKEN: publishing.registry.token, ...options.env },
  });
  const publish = (model: string, ...more: readonly string[]): Promise<Ended> =>
    cli.run(argsFor(model, ...more), withToken());
  /** @param stream Of standard output and standard error, the one whose disk is full. */
  const onFullDisk = async (stream: 1 | 2, args: readonly string[]): Promise<Ended> => {
    const command = ['-c', `exec "$0" "$@" ${stream}>/dev/full`, process.execPath, await builtCli(), ...args];
    const env = { PATH: process.env.PATH, HOME: cli.home, ...withToken().env };
    return run('sh', command, { env }).then(
      (ended) => ({ code: 0, ...ended }),
      (ended: unknown) => ended as Ended,
    );
  };
  const tree = (): [string, string][] =>
    repository
      .git('ls-tree', '-r', 'HEAD')
      .split('\n')
      .map((line) => {
        const [entry = '', path = ''] = line.split('\t');
        return [path, entry.split(' ')[2] ?? ''];
      });
  const registryHead = (model: string): string => {
    const { registry } = publishing;
    const directory = registry.gitDirectory(registry.organization, registry.registry, model);
    return repository.git('--git-dir', directory, 'rev-parse', 'main');
  };
  const slowly = (rule: Pick<FaultRule, 'method' | 'path'>): void =>
    void publishing.registry.inject({
      ...rule,
      fault: { kind: 'slow', bytesPerSecond: 20_000 },
      times: Infinity,
    });
  const arrival = (rule: Pick<FaultRule, 'method' | 'path'>): Promise<void> =>
    until(
      () =>
        publishing.registry.requests
          .slice(earlier)
          .some(
            ({ method, path, status }) =>
              status === undefined && method === rule.method && rule.path.test(path),
          ),
      `a ${rule.method ?? ''} was under way`,
    );

  it('publishes HEAD, says as what, and finds it there the next time', async () => {
    const model = newModel();
    const first = await publish(model);
    assertEnded(first, 0);
    assert.deepEqual([...((await publishing.cloned(model)) ?? [])], tree());
    const published = registryHead(model);
    assert.equal(first.stdout, `Published ${model} to ${hub} as ${published}.`);
    assert.match(first.stderr, /4 new/);
    assert.match(first.stderr, /Uploading/);

    publishing.arrived();
    const second = await publish(model);
    assertEnded(second, 0);
    assert.match(second.stdout, /already/);
    assert.match(second.stdout, new RegExp(published));
    assert.deepEqual(
      publishing.arrived().filter(({ method, path }) => method === 'PUT' || path.includes('/commit/main')),
      [],
    );
  });

  it('publishes a folder of a repository, by its name or from within', async () => {
    repository.write('adapter/adapter.json', '{"r": 8}\n');
    repository.commit('An adapter');
    const cwd = join(repository.path, 'adapter');
    for (const folder of [[cwd], ['.'], []]) {
      const model = newModel();
      const ended = await cli.run(['publish', ...folder, '--hub', hub, '--model', model], withToken({ cwd }));
      assertEnded(ended, 0);
      assert.deepEqual([...((await publishing.cloned(model)) ?? new Map()).keys()], ['adapter.json']);
    }
  });

  // Nobody else can be another user.
  if (process.getuid?.() === 0) {
    it('publishes as a user without a name and a home folder, as in a container', async () => {
      const uid = 54321;
      const model = newModel();
      const committed = tree();
      await run('chown', ['-R', String(uid), repository.path]);
      await chmod(dirname(repository.path), 0o755);
      assertEnded(await cli.run(argsFor(model), withToken({ uid })), 0);
      assert.deepEqual([...((await publishing.cloned(model)) ?? [])], committed);
    });
  }

  it('publishes where no temporary files can be written, and says what it does not know', async () => {
    const model = newModel();
    const nowhere = join(folders.folder(), 'nowhere');
    const env = { TMPDIR: nowhere, TEMP: nowhere, TMP: nowhere };
    const told = await cli.run(argsFor(model, '--dry-run'), withToken({ env }));
    assertEnded(told, 0);
    assert.match(told.stderr, /uncommitted is not known\. Temporary files cannot be written in “.*nowhere”/);
    const json = await cli.run(argsFor(model, '--json'), withToken({ env }));
    assertEnded(json, 0);
    const plan = eventsOf(json.stdout).find(({ kind }) => kind === 'plan');
    assert.match(String(plan?.notCompared), /Temporary files/);
    assert.deepEqual([...((await publishing.cloned(model)) ?? [])], tree());
  });

  if (process.platform !== 'win32') {
    it('publishes from a folder that is not there any more, and says where it cannot know what is meant', async () => {
      const fromNowhere = async (...args: readonly string[]): Promise<Ended> => {
        const gone = await mkdtemp(join(tmpdir(), 'gone-'));
        const script = 'cd "$0" && rmdir "$0" && exec "$@"';
        const command = ['-c', script, gone, process.execPath, await builtCli(), ...args];
        const env = { PATH: process.env.PATH, HOME: cli.home, ...withToken().env };
        return run('sh', command, { env }).then(
          (ended) => ({ code: 0, ...ended }),
          (ended: unknown) => ended as Ended,
        );
      };
      const model = newModel();
      assertEnded(await fromNowhere(...argsFor(model)), 0);
      const relative = await fromNowhere('publish', '.', '--hub', hub, '--model', model);
      assertEnded(relative, 1);
      assert.match(relative.stderr, /The current folder is not there any more\. Change to another one/);
      assert.doesNotMatch(relative.stderr, /should not have happened/);
    });
  }

  it('says what becomes of a revision that does not exist yet, and makes it', async () => {
    const model = newModel();
    const unborn = await publish(model, '--dry-run', '--revision', 'v2');
    assert.match(unborn.stderr, /^New revision v2$/m);
    assertEnded(await publish(model), 0);
    repository.write('config.json', '{"changed": true}\n');
    repository.commit('Second version');
    const told = await publish(model, '--dry-run', '--revision', 'v2');
    assertEnded(told, 0);
    assert.match(told.stderr, /^New branch v2, which begins with what main holds/m);
    assert.match(told.stdout, /^Files: 1 changed, 3 unchanged$/m);
    const asJson = await publish(model, '--dry-run', '--json', '--revision', 'v2');
    assert.deepEqual(lastEventOf(asJson.stdout).newRevision, { from: 'main' });

    const made = await publish(model, '--revision', 'v2');
    assertEnded(made, 0);
    assert.match(made.stdout, /^Published/);
    const again = await publish(model, '--revision', 'v2', '--json', '--dry-run');
    const { newRevision, changed, unchanged } = lastEventOf(again.stdout);
    assert.deepEqual([newRevision, changed, unchanged], [undefined, 0, 4]);
  });

  it('publishes with another message', async () => {
    const model = newModel();
    assertEnded(await publish(model, '--message', 'Nightly run 42'), 0);
    const [message = ''] = await publishing.messages(model);
    assert.match(message, /^Nightly run 42\n/);
    assert.match(message, new RegExp(`Git-Commit: ${head}`));
  });

  it('tells with --dry-run what would go, and asks the hub only to read', async () => {
    const model = newModel();
    assertEnded(await publish(model), 0);
    repository.git('rm', '--quiet', 'config.json');
    repository.write('README.md', '# A better model\n');
    repository.write('new.txt', 'new\n');
    repository.commit('Second version');
    repository.write('left-behind.txt', 'not committed\n');
    const before = registryHead(model);
    publishing.arrived();

    const text = await publish(model, '--dry-run');
    assertEnded(text, 0);
    assert.deepEqual(text.stdout.split('\n'), [
      '~ README.md (17 B)',
      '- config.json',
      '+ new.txt (4 B)',
      'Files: 1 new, 1 changed, 1 deleted, 2 unchanged',
      'To upload: 21 B at most',
      text.stdout.split('\n').at(-1),
    ]);
    assert.match(text.stdout, /^Already in registry: .*B$/m);
    assert.match(text.stderr, new RegExp(`^New version after ${before.slice(0, 7)}$`, 'm'));
    assert(text.stderr.includes(`Folder: ${repository.path}\n`), text.stderr);
    assert.match(text.stderr, /^Not committed, and so left out: left-behind\.txt\.$/m);

    const json = await publish(model, '--dry-run', '--json');
    assertEnded(json, 0);
    const events = eventsOf(json.stdout);
    assert.deepEqual(events.slice(0, -1), [
      { kind: 'file', change: 'changed', path: 'README.md', size: 17 },
      { kind: 'file', change: 'deleted', path: 'config.json' },
      { kind: 'file', change: 'new', path: 'new.txt', size: 4 },
      {
        ...{ kind: 'warning', warning: 'uncommitted', paths: ['left-behind.txt'] },
        message: 'Not committed, and so left out: left-behind.txt.',
      },
      {
        ...{ kind: 'warning', warning: 'noFrontMatter', paths: ['README.md'] },
        message: 'README.md has no front matter: its license, task and library stay unknown.',
      },
    ]);
    assert.deepEqual(events.at(-1), {
      kind: 'plan',
      hub,
      model,
      revision: 'main',
      commit: repository.git('rev-parse', 'HEAD'),
      subject: 'Second version',
      branch: 'main',
      parentCommit: before,
      new: 1,
      changed: 1,
      deleted: 1,
      unchanged: 2,
      bytes: 21,
      uncommitted: 1,
      touched: 0,
    });
    assert.deepEqual([...new Set(publishing.arrived().map(({ method }) => method))], ['GET']);
    assert.equal(registryHead(model), before);
  });

  it('tells with --dry-run what is not here, and how to get it', async () => {
    const model = newModel();
    repository.write('lost.safetensors', pointerTo('lost'));
    repository.commit('Lose one');
    const nowhere = await publish(model, '--dry-run');
    assert.match(nowhere.stderr, /Warning: .* has no remote that Git LFS could get it from\. Add the one/);
    repository.git('remote', 'add', 'origin', 'https://example.org/model.git');
    const text = await publish(model, '--dry-run');
    assertEnded(text, 0);
    assert.match(
      text.stderr,
      /Warning: The content of “lost\.safetensors” is not on .* “git lfs pull”, then publish again/,
    );
    const json = await publish(model, '--dry-run', '--json');
    assertEnded(json, 0);
    const { missing } = lastEventOf(json.stdout) as {
      readonly missing?: { readonly paths: readonly string[] };
    };
    assert.deepEqual(missing?.paths, ['lost.safetensors']);
    const ended = await publish(model);
    assertEnded(ended, 1);
    assert.match(ended.stderr, /Warning: The content of “lost\.safetensors” is not on/);
  });

  it('writes one JSON event a line with --json: plan, steps, progress, and how it ended', async () => {
    const model = newModel();
    const ended = await publish(model, '--json');
    assertEnded(ended, 0);
    assert.equal(ended.stderr, '');
    const events = eventsOf(ended.stdout);
    const kinds = events.map(({ kind }) => kind);
    assert.equal(kinds[0], 'plan');
    assert.deepEqual(
      kinds.filter((kind) => kind === 'stepStarted'),
      kinds.filter((kind) => kind === 'stepFinished').map(() => 'stepStarted'),
    );
    const progress = events.filter(({ kind }) => kind === 'progress').at(-1);
    assert.equal(progress?.sentBytes, progress?.totalBytes);
    assert.equal(progress?.sentFiles, progress?.totalFiles);
    const last = lastEventOf(ended.stdout);
    assert.deepEqual(last, {
      kind: 'published',
      message: `Published ${model} to ${hub} as ${registryHead(model)}.`,
      commit: registryHead(model),
      sentBytes: last.sentBytes,
      verified: true,
      serverEdited: [],
    });
    assert(Number(last.sentBytes) >= WEIGHTS_BYTES);

    const again = await publish(model, '--json');
    assertEnded(again, 0);
    const unchanged = lastEventOf(again.stdout);
    assert.equal(unchanged.kind, 'unchanged');
    assert.equal(unchanged.commit, registryHead(model));
  });

  for (const json of [true, false]) {
    it(`says ${json ? 'with --json' : 'in words'} whose version is the one before, where someone was faster`, async () => {
      const { registry } = publishing;
      const model = newModel();
      assertEnded(await publish(model), 0);
      repository.write('README.md', '# A better model\n');
      repository.commit('Second version');
      earlier = registry.requests.length;
      // Its commit does not come through before theirs.
      registry.inject({ ...COMMIT, fault: { kind: 'status', status: 503 }, times: Infinity });
      const running = cli.start(argsFor(model, ...(json ? ['--json'] : [])), withToken());
      await until(
        () =>
          registry.requests
            .slice(earlier)
            .some(({ method, path }) => method === COMMIT.method && path.includes('/commit/main')),
        'a commit was sent',
      );
      const theirs = await registry.addModelVersion(registry.organization, registry.registry, model, {
        'theirs.txt': 'theirs\n',
      });
      registry.clearFaults();
      const ended = await running.ended;
      assertEnded(ended, 0);
      if (json) assert.equal(lastEventOf(ended.stdout).follows, theirs);
      else
        assert.match(ended.stderr, new RegExp(`Someone else published meanwhile: their version ${theirs}`));
      assert.deepEqual([...((await publishing.cloned(model)) ?? [])], tree());
    });
  }

  describe('where files look like they hold secrets', () => {
    const token = ['hf', 'AbCdEfGhIj'.repeat(4)].join('_');
    const writes = () =>
      publishing.registry.requests
        .slice(earlier)
        .filter(({ method, path }) => method !== 'GET' && !path.includes('batch'));
    beforeEach(() => {
      repository.write('.env', `HF_TOKEN=${token}\n`);
      repository.write('train.py', `login("${token}")\n`);
      repository.write('weights.pkl', 'cos\nsystem\n.');
      repository.commit('With a token');
      earlier = publishing.registry.requests.length;
    });

    it('refuses, sends nothing, and names the files and the way on', async () => {
      const model = newModel();
      const ended = await publish(model);
      assertEnded(ended, 1);
      assert.equal(ended.stdout, '');
      assert.match(ended.stderr, /^Nothing was sent.*: \.env, train\.py\. .*--allow-secrets/m);
      assert.match(ended.stderr, /^Warning: .*\.env, train\.py/m);
      assert.match(ended.stderr, /^Warning: .*run code: weights\.pkl/m);
      assert(!ended.stderr.includes(token));
      assert.deepEqual(writes(), []);
      assert.equal(await publishing.cloned(model), undefined);
    });

    it('tells programs so', async () => {
      const ended = await publish(newModel(), '--json');
      assertEnded(ended, 1);
      const events = eventsOf(ended.stdout);
      assert.deepEqual(
        events.map(({ kind, warning }) => [kind, warning].join(' ').trim()),
        [
          ...[
            'plan',
            'warning secret',
            'warning pickle',
            'warning python',
            'warning noFrontMatter',
            'failed',
          ],
        ],
      );
      const { failure, paths } = lastEventOf(ended.stdout);
      assert.deepEqual({ failure, paths }, { failure: 'secret', paths: ['.env', 'train.py'] });
      assert(!ended.stdout.includes(token));
      assert.deepEqual(writes(), []);
    });

    it('publishes with --allow-secrets, and warns all the same; the next time there is nothing new to warn of', async () => {
      const model = newModel();
      const ended = await publish(model, '--allow-secrets');
      assertEnded(ended, 0);
      assert.match(ended.stderr, /^Warning: .*\.env, train\.py/m);
      assert.deepEqual([...((await publishing.cloned(model)) ?? [])], tree());
      const again = await publish(model);
      assertEnded(again, 0);
      assert.doesNotMatch(again.stderr, /Warning/);
    });

    it('tells with --dry-run, too, and ends well', async () => {
      const ended = await publish(newModel(), '--dry-run');
      assertEnded(ended, 0);
      assert.match(ended.stderr, /^Warning: .*\.env, train\.py/m);
    });
  });

  it('keeps to the bound of --concurrency', async () => {
    publishing.registry.inject({ ...UPLOAD, fault: { kind: 'delay', ms: 100 }, times: Infinity });
    /** The most uploads under way at once, of new weights in several files. */
    const mostAtOnce = async (...more: readonly string[]): Promise<number> => {
      for (let index = 0; index < 4; index += 1) {
        const weights = randomBytes(1000);
        repository.write(`part-${index}.safetensors`, pointerTo(weights));
        storeObject(join(repository.path, '.git/lfs'), weights);
      }
      repository.commit('In parts');
      earlier = publishing.registry.requests.length;
      let most = 0;
      let ended: Ended | undefined;
      void publish(newModel(), ...more).then((end) => (ended = end));
      await until(() => {
        const requests = publishing.registry.requests.slice(earlier).filter(isUpload);
        most = Math.max(most, requests.filter(({ status }) => status === undefined).length);
        return ended !== undefined;
      }, 'the publish ended');
      assertEnded(ended!, 0);
      return most;
    };
    assert.equal(await mostAtOnce('--concurrency', '1'), 1);
    assert((await mostAtOnce()) > 1);
  });

  it('says plainly that a token is not accepted', async () => {
    const model = newModel();
    const env = { HF_TOKEN: 'bkua_0123456789abcdef' };
    const text = await cli.run(argsFor(model), { env });
    assertEnded(text, 1);
    assert.equal(text.stdout, '');
    assert.match(text.stderr, /did not accept the access token/);
    assert.match(text.stderr, /model-registries login --hub/);

    const json = await cli.run(argsFor(model, '--json'), { env });
    assertEnded(json, 1);
    const last = lastEventOf(json.stdout);
    assert.deepEqual(
      { kind: last.kind, failure: last.failure, status: last.status },
      { kind: 'failed', failure: 'auth', status: 401 },
    );
    assert.match(String(last.message), /did not accept the access token/);
  });

  it('fails with words for what is no repository, and for what the server breaks', async () => {
    const args = ['publish', folders.folder(), '--hub', hub, '--model', newModel()];
    const nowhere = await cli.run(args, withToken());
    assertEnded(nowhere, 1);
    assert.match(nowhere.stderr, /Git/);

    const model = newModel();
    publishing.registry.inject({ ...COMMIT, fault: { kind: 'status', status: 422 }, times: Infinity });
    const broken = await publish(model, '--json');
    assertEnded(broken, 1);
    const last = lastEventOf(broken.stdout);
    assert.equal(last.kind, 'failed');
    assert.equal(last.failure, 'refused');
    assert.equal(await publishing.cloned(model), undefined);
  });

  it('names the address, and no settings that a terminal does not have, where something else answers', async () => {
    const page = { 'content-type': 'text/html' };
    publishing.registry.inject({
      ...{ method: 'GET', path: /\/api\/models\// },
      fault: { kind: 'status', status: 200, headers: page, body: '<!doctype html>' },
      times: Infinity,
    });
    const ended = await publish(newModel());
    assertEnded(ended, 1);
    assert(ended.stderr.includes(new URL(hub).host), ended.stderr);
    assert.match(ended.stderr, /not JSON.*Check the address/);
    assert.doesNotMatch(ended.stderr, /setting|extension/i);
  });

  it('never shows the token, however much it tells and whoever sends it back', async () => {
    const token = 'not-recognisable-as-a-token-0123456789';
    publishing.registry.inject({
      path: /./,
      fault: {
        kind: 'status',
        status: 403,
        headers: { 'content-type': 'application/json', 'x-request-id': token },
        body: JSON.stringify({ error: `The token ${token} may not do this` }),
      },
      times: Infinity,
    });
    for (const more of [['--verbose'], ['--verbose', '--json']]) {
      const ended = await cli.run(argsFor(newModel(), ...more), { env: { HF_TOKEN: token } });
      assertEnded(ended, 1);
      assert.match(ended.stdout + ended.stderr, /may not do this/);
      assert.match(ended.stderr, / info /);
      assert.doesNotMatch(ended.stdout + ended.stderr, /recognisable/);
    }
    publishing.registry.clearFaults();
    const good = await publish(newModel(), '--verbose');
    assertEnded(good, 0);
    assert(!`${good.stdout}${good.stderr}`.includes(publishing.registry.token));
  });

  it('takes a token with the line break that came along with it', async () => {
    const env = { HF_TOKEN: `${publishing.registry.token}\n` };
    assertEnded(await cli.run(argsFor(newModel()), { env }), 0);
    const broken = await cli.run(argsFor(newModel()), { env: { HF_TOKEN: 'two words' } });
    assertEnded(broken, 1);
    assert.match(broken.stderr, /one word/);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`is cancelled by ${signal} in the middle of an upload, and leaves nothing visible`, async () => {
      const model = newModel();
      slowly(UPLOAD);
      const running = cli.start(argsFor(model, '--json'), withToken());
      await arrival(UPLOAD);
      running.kill(signal);
      const ended = await running.ended;
      assertEnded(ended, 130);
      const last = lastEventOf(ended.stdout);
      assert.equal(last.kind, 'cancelled');
      assert.equal(last.unsettled, false);
      assert.equal(await publishing.cloned(model), undefined);
    });
  }

  it('says on a terminal that it was cancelled', async () => {
    slowly(UPLOAD);
    const running = cli.start(argsFor(newModel()), withToken());
    await arrival(UPLOAD);
    running.kill('SIGINT');
    const ended = await running.ended;
    assertEnded(ended, 130);
    assert.equal(ended.stdout, '');
    assert.match(ended.stderr, /Nothing of it is visible/);
  });

  it('ends at once at the second Ctrl-C', async () => {
    publishing.registry.inject({ ...COMMIT, fault: { kind: 'hang' }, times: Infinity });
    const running = cli.start(argsFor(newModel(), '--json'), withToken());
    await arrival(COMMIT);
    running.kill('SIGINT');
    await until(() => running.told().includes('Press Ctrl-C again'), 'it said that it is cancelling');
    running.kill('SIGINT');
    const ended = await running.ended;
    assertEnded(ended, 130);
    // It had no time to tell how it ended.
    assert.notEqual(lastEventOf(ended.stdout).kind, 'cancelled');
  });

  it('leaves no temporary files behind, however soon the second Ctrl-C comes', async () => {
    slowly(UPLOAD);
    const temporary = folders.folder();
    const env = { TMPDIR: temporary, TEMP: temporary, TMP: temporary };
    const running = cli.start(argsFor(newModel()), withToken({ env }));
    await arrival(UPLOAD);
    assert.notDeepEqual(await readdir(temporary), []);
    // Two signals, of which none can stand for both: the second comes before anything is tidied up.
    running.kill('SIGINT');
    running.kill('SIGTERM');
    await running.ended;
    assert.deepEqual(await readdir(temporary), []);
  });

  it('sends after a kill only what had not arrived', async () => {
    const more = randomBytes(WEIGHTS_BYTES / 2);
    repository.write('more.safetensors', pointerTo(more));
    storeObject(join(repository.path, '.git/lfs'), more);
    repository.commit('More weights');
    const model = newModel();
    publishing.registry.inject({ ...UPLOAD, fault: { kind: 'hang' }, after: 1, times: Infinity });
    const running = cli.start(argsFor(model), withToken());
    const uploads = () => publishing.registry.requests.slice(earlier).filter(isUpload);
    await until(
      () => uploads().length === 2 && uploads().some(({ status }) => status === 200),
      'one file had arrived and the other was under way',
    );
    running.kill('SIGKILL');
    await running.ended;
    assert.equal(await publishing.cloned(model), undefined);
    publishing.registry.clearFaults();

    const sent = uploads().length;
    assertEnded(await publish(model), 0);
    assert.equal(uploads().length - sent, 1);
    assert.deepEqual([...((await publishing.cloned(model)) ?? [])], tree());
    assert.equal((await publishing.messages(model)).length, 1);
  });

  it('finishes what it began when nobody reads its output', async () => {
    const model = newModel();
    const running = cli.start(argsFor(model, '--json'), withToken());
    running.stopReading();
    assertEnded(await running.ended, 0);
    assert.deepEqual([...((await publishing.cloned(model)) ?? [])], tree());
  });

  if (process.platform === 'linux') {
    it('finishes what it began where what it tells meanwhile cannot be written', async () => {
      const model = newModel();
      assertEnded(await onFullDisk(2, argsFor(model)), 0);
      assert.deepEqual([...((await publishing.cloned(model)) ?? [])], tree());
    });

    it('says that its output could not be written', async () => {
      const ended = await onFullDisk(1, argsFor(newModel(), '--dry-run'));
      assertEnded(ended, 1);
      assert.match(
        ended.stderr,
        /Standard output cannot be written \(ENOSPC\)\. Make room there and try again\.\n$/,
      );
    });
  }

  it('says what to do where its keychain package is missing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cli-alone-'));
    try {
      await cp(dirname(await builtCli()), folder, { recursive: true });
      await writeFile(join(folder, 'package.json'), '{"type": "module"}');
      // Without a session bus it would not come to that on Linux.
      const env = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };
      const ended = await cli.run(argsFor(newModel()), { program: join(folder, 'cli.js'), env });
      assertEnded(ended, 1);
      assert.match(ended.stderr, /@napi-rs\/keyring.* not installed/);
      assert.match(ended.stderr, /HF_TOKEN/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  // Elsewhere it would be the keychain of whoever runs the tests.
  if (process.platform === 'linux') {
    it('says what to do where there is neither HF_TOKEN nor a keychain', async () => {
      for (const args of [argsFor(newModel()), ['login', '--hub', hub], ['logout', '--hub', hub]]) {
        const ended = await cli.run(args, { input: publishing.registry.token });
        assertEnded(ended, 1);
        assert.match(ended.stderr, /No keychain answers/);
        assert.match(ended.stderr, /gnome-keyring/);
        assert.match(ended.stderr, /HF_TOKEN/);
      }
    });
  }
});
