import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { AccessToken } from '../../src/core/accessToken.ts';
import { createBuildkiteHost } from '../../src/core/hosts/buildkite/host.ts';
import type { HubBehaviour, RunningRegistry } from '../registry/registry.ts';
import { startRegistry } from '../registry/startRegistry.ts';
import { testClient } from '../unit/http/loopback.ts';
import { javascriptClient, pythonClient } from './client.ts';
import type { Client } from './client.ts';
import { modelFiles, oddlyNamedFiles, readFiles, writeFiles } from './folder.ts';
import type { Files } from './folder.ts';

/** What the releases of huggingface_hub from 1.20 on need against servers without Xet. */
const withoutXet = { HF_HUB_DISABLE_XET: '1' };

interface Subject {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly client: (test: Mocha.Context) => Promise<Client>;
  readonly upload: (model: string, folder: string) => string[];
  readonly download: (model: string, folder: string) => string[];
}

const inPython = {
  upload: (model: string, folder: string) => ['upload', model, folder],
  download: (model: string, folder: string) => ['download', model, '--local-dir', folder],
};

const newest: Subject = {
  name: 'hf of huggingface_hub 2.4.0',
  variables: withoutXet,
  client: (test) => pythonClient(test, '2.4.0', 'hf'),
  ...inPython,
};
const oldest: Subject = {
  name: 'huggingface-cli of huggingface_hub 0.36.2',
  variables: withoutXet,
  client: (test) => pythonClient(test, '0.36.2', 'huggingface-cli'),
  ...inPython,
};
const pythonSubjects: readonly Subject[] = [
  newest,
  {
    name: 'hf of huggingface_hub 1.33.0',
    variables: withoutXet,
    client: (test) => pythonClient(test, '1.33.0', 'hf'),
    ...inPython,
  },
  {
    name: 'hf of huggingface_hub 1.19.0, which offers Xet and is told to do without',
    variables: {},
    client: (test) => pythonClient(test, '1.19.0', 'hf'),
    ...inPython,
  },
  oldest,
];
const javascript: Subject = {
  name: '@huggingface/hub 2.17.5',
  variables: {},
  client: () => Promise.resolve(javascriptClient),
  upload: (model, folder) => ['upload', model, folder],
  download: (model, folder) => ['download', model, folder],
};

const model = 'acme/tiny-model';

describe('clients of others against the local registry', () => {
  let home: string;
  let folder: string;
  let registry: RunningRegistry | undefined;

  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'registry-clients-')));
    folder = join(home, 'model');
    await writeFiles(folder, modelFiles());
  });

  afterEach(async () => {
    await registry?.stop();
    registry = undefined;
    await rm(home, { recursive: true, force: true });
  });

  async function start(hub: HubBehaviour = {}): Promise<RunningRegistry> {
    registry = await startRegistry({ dataDir: join(home, 'data'), hub });
    return registry;
  }

  function endpoint({ packagesUrl, organization, registry: slug }: RunningRegistry): string {
    return `${packagesUrl}/${organization}/${slug}/huggingface`;
  }

  /** Runs a client, which must succeed, and answers what it printed. */
  async function run(
    running: RunningRegistry,
    subject: Subject,
    client: Client,
    args: readonly string[],
  ): Promise<string> {
    const { failed, output } = await client.run(
      { home, endpoint: endpoint(running), token: running.token },
      args,
      subject.variables,
    );
    assert.ok(!failed, `${subject.name} ${args.join(' ')} failed:\n${output}`);
    return output;
  }

  /** How many packages the registry lists. */
  async function published({
    apiUrl,
    token,
    organization,
    registry: slug,
  }: RunningRegistry): Promise<number> {
    const response = await fetch(
      `${apiUrl}/packages/organizations/${organization}/registries/${slug}/packages`,
      { headers: { Authorization: `Bearer ${token}` } },
    );
    return ((await response.json()) as { items: unknown[] }).items.length;
  }

  async function commits(running: RunningRegistry): Promise<string[]> {
    const git = running.gitDirectory(running.organization, running.registry, model);
    const { stdout } = await execa('git', ['--git-dir', git, 'log', '--format=%H', 'main']);
    return stdout.split('\n');
  }

  /** As a person has one created. */
  async function readTokenFor({
    token,
    organization,
    registry: slug,
    ...urls
  }: RunningRegistry): Promise<string> {
    const [apiUrl, packagesUrl, webUrl] = [urls.apiUrl, urls.packagesUrl, urls.webUrl].map(
      (url) => new URL(url),
    ) as [URL, URL, URL];
    const client = testClient();
    try {
      const host = createBuildkiteHost({
        ...{ apiUrl, packagesUrl, webUrl },
        token: new AccessToken(token, [apiUrl]),
        scopes: new Set(),
        ecosystem: () => 'huggingface',
        http: client.http,
      });
      const { signal } = new AbortController();
      const created = await host.readTokens?.create({ organization, slug }, 'A colleague', signal);
      return created?.value.reveal() ?? '';
    } finally {
      client.dispose();
    }
  }

  function same(actual: Files, expected: Files): void {
    assert.deepEqual([...actual.keys()].sort(), [...expected.keys()].sort());
    for (const [path, content] of expected) {
      assert.ok(actual.get(path)?.equals(content), `${path} differs`);
    }
  }

  for (const subject of [...pythonSubjects, javascript]) {
    describe(subject.name, () => {
      let client: Client;

      before(async function () {
        // Covers the installation.
        this.timeout(10 * 60_000);
        client = await subject.client(this);
      });

      it('uploads a folder that it downloads again and that Git can clone', async () => {
        const running = await start({ lfsThresholdBytes: 1024 * 1024 });
        await run(running, subject, client, subject.upload(model, folder));

        const downloaded = join(home, 'downloaded');
        await run(running, subject, client, subject.download(model, downloaded));
        same(await readFiles(downloaded), modelFiles());

        const cloned = join(home, 'cloned');
        const git = running.gitDirectory(running.organization, running.registry, model);
        await execa('git', ['clone', '--quiet', git, cloned], {
          env: { GIT_LFS_SKIP_SMUDGE: '1', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '' },
        });
        const expected = new Map(modelFiles());
        for (const [path, content] of expected) {
          if (!path.endsWith('.safetensors')) continue;
          const sha256 = createHash('sha256').update(content).digest('hex');
          const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${content.length}\n`;
          expected.set(path, Buffer.from(pointer));
          assert.ok(await running.hasObject(running.organization, running.registry, sha256));
        }
        same(await readFiles(cloned), expected);
      });
    });
  }

  /** Releases between do what those at the ends do: what tells them apart is in the test above. */
  for (const subject of [newest, oldest, javascript]) {
    describe(subject.name, () => {
      let client: Client;

      before(async function () {
        this.timeout(10 * 60_000);
        client = await subject.client(this);
      });

      it('uploads large files in parts', async () => {
        const running = await start({
          multipartThresholdBytes: 1024 * 1024,
          partBytes: 1_000_000,
          uploadOrigin: 'other',
        });
        await run(running, subject, client, subject.upload(model, folder));
        // Four parts of the one large file, and the two equal small ones at most once each.
        const sent = running.requests.filter(({ method }) => method === 'PUT').length;
        assert.ok(sent >= 5, `${sent} uploads`);
        const downloaded = join(home, 'downloaded');
        await run(running, subject, client, subject.download(model, downloaded));
        same(await readFiles(downloaded), modelFiles());
      });

      it('is told that its token is no good, and publishes nothing', async () => {
        const running = await start();
        const { failed, output } = await client.run(
          { home, endpoint: endpoint(running), token: 'hf_nobody' },
          subject.upload(model, folder),
          subject.variables,
        );
        assert.ok(failed);
        assert.match(output, /401|Invalid|Unauthorized/i);
        assert.equal(await published(running), 0);
      });
    });
  }

  for (const subject of [newest, oldest]) {
    describe(subject.name, () => {
      let client: Client;

      before(async function () {
        this.timeout(10 * 60_000);
        client = await subject.client(this);
      });

      it('makes no second commit where nothing changed', async () => {
        const running = await start();
        await run(running, subject, client, subject.upload(model, folder));
        const before = await commits(running);
        const { failed, output } = await client.run(
          { home, endpoint: endpoint(running), token: running.token },
          subject.upload(model, folder),
          subject.variables,
        );
        assert.deepEqual(await commits(running), before);
        // Before 1.2 it stumbles over its own URL of a commit below an endpoint with a path.
        if (subject === oldest) assert.match(output, /Skipping to prevent empty commit/);
        else assert.ok(!failed, output);
      });

      it('keeps downloads in its cache under the hashes they have', async () => {
        const running = await start();
        await run(running, subject, client, subject.upload(model, folder));
        await run(running, subject, client, ['download', model]);
        const blobs = await readFiles(join(home, 'huggingface', 'hub', 'models--acme--tiny-model', 'blobs'));
        const contents = [...modelFiles().values()];
        for (const [name, content] of blobs) {
          const blob = `blob ${content.length}\0`;
          const hash =
            name.length === 64
              ? createHash('sha256').update(content)
              : createHash('sha1').update(blob).update(content);
          assert.equal(name, hash.digest('hex'));
        }
        for (const content of contents) {
          assert.ok([...blobs.values()].some((blob) => blob.equals(content)));
        }
        // Added in 1.1: compares the cache with what the registry lists.
        if (subject === oldest) return;
        const verify = ['cache', 'verify', model, '--fail-on-missing-files'];
        assert.match(await run(running, subject, client, verify), /verified/i);
      });
    });
  }

  for (const subject of [newest, oldest]) {
    describe(subject.name, () => {
      let client: Client;

      before(async function () {
        this.timeout(10 * 60_000);
        client = await subject.client(this);
      });

      it('reads with a read token that was created for it, and publishes nothing', async () => {
        const running = await start();
        await run(running, subject, client, subject.upload(model, folder));
        const token = await readTokenFor(running);
        const download = join(home, 'downloaded');
        const reader = { home: join(home, 'reader'), endpoint: endpoint(running), token };
        const read = await client.run(reader, subject.download(model, download), subject.variables);
        assert.ok(!read.failed, read.output);
        same(await readFiles(download), modelFiles());
        await writeFiles(folder, new Map([['README.md', Buffer.from('Other')]]));
        const written = await client.run(reader, subject.upload(model, folder), subject.variables);
        assert.ok(written.failed);
        assert.equal(await published(running), 1);
      });

      it('publishes and deletes files of any name', async () => {
        const running = await start();
        await writeFiles(folder, oddlyNamedFiles());
        await run(running, subject, client, subject.upload(model, folder));
        const everything = join(home, 'everything');
        await run(running, subject, client, subject.download(model, everything));
        same(await readFiles(everything), new Map([...modelFiles(), ...oddlyNamedFiles()]));

        const upload = [...subject.upload(model, folder), '--include', '*.md', '--delete', '*.json'];
        await run(running, subject, client, upload);
        const downloaded = join(home, 'downloaded');
        await run(running, subject, client, subject.download(model, downloaded));
        const left = [...modelFiles()].filter(([path]) => !path.endsWith('.json'));
        same(await readFiles(downloaded), new Map(left));
      });

      it('publishes to a branch it makes, beside the main one', async () => {
        const running = await start();
        await run(running, subject, client, subject.upload(model, folder));
        const only = new Map([['README.md', Buffer.from('# On a branch\n')]]);
        const other = join(home, 'other');
        await writeFiles(other, only);
        const branch = ['--revision', 'trial/one'];
        await run(running, subject, client, [...subject.upload(model, other), ...branch, '--delete', '*']);
        const downloaded = join(home, 'downloaded');
        await run(running, subject, client, [...subject.download(model, downloaded), ...branch]);
        assert.equal((await readFiles(downloaded)).get('README.md')?.toString(), '# On a branch\n');
        const main = join(home, 'main');
        await run(running, subject, client, subject.download(model, main));
        same(await readFiles(main), modelFiles());
      });
    });
  }

  it('hf of huggingface_hub 2.4.0 publishes nothing as long as it insists on Xet', async function () {
    this.timeout(10 * 60_000);
    const client = await newest.client(this);
    const running = await start();
    const { failed, output } = await client.run(
      { home, endpoint: endpoint(running), token: running.token },
      newest.upload(model, folder),
    );
    assert.ok(failed);
    assert.match(output, /xet-write-token/);
    assert.equal(await published(running), 0);
  });
});
