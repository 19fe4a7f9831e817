import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { RunningRegistry } from '../../registry/registry.ts';
import {
  Cleanup,
  RawHub,
  blobId,
  file,
  lfsFile,
  listedPackages,
  outcome,
  plainGit,
  pointerText,
  sha256,
} from './rawHub.ts';

describe('local registry: publishing through the Hub protocol', () => {
  const cleanup = new Cleanup();
  let registry: RunningRegistry;
  let hub: RawHub;
  beforeEach(async () => {
    registry = await cleanup.registry();
    hub = new RawHub(registry);
    await hub.create();
  });
  afterEach(() => cleanup.run());

  const clone = async () => {
    const folder = path.join(await cleanup.folder(), 'clone');
    const from = registry.gitDirectory(registry.organization, registry.registry, hub.model);
    await plainGit(path.dirname(folder), 'clone', '--quiet', from, folder);
    return folder;
  };

  it('publishes a folder that plain Git clones again', async () => {
    const weights = randomBytes(300_000);
    const files = {
      'README.md': '---\nlicense: mit\n---\n# Demo\n',
      'a folder/naïve “quotes” \\ [1].json': '{"deep": true}\n',
      'empty.txt': '',
      'model.safetensors': weights,
    };
    const modes = await hub.preupload(files);
    assert.deepEqual(
      [...modes.values()].map((mode) => [mode.path, mode.uploadMode, mode.shouldIgnore, mode.oid]),
      [
        ['README.md', 'regular', false, null],
        ['a folder/naïve “quotes” \\ [1].json', 'regular', false, null],
        ['empty.txt', 'regular', false, null],
        ['model.safetensors', 'lfs', false, null],
      ],
    );
    const { objects, transfer } = await hub.batch([weights, weights]);
    assert.equal(transfer, 'basic');
    assert.equal(objects.length, 1, 'the same content is asked for once');
    const { upload, verify } = objects[0]!.actions!;
    assert.equal((await fetch(upload.href, { method: 'PUT', body: weights })).status, 200);
    const verified = await hub.fetch(verify!.href.slice(hub.endpoint.length + 1), {
      method: 'POST',
      body: JSON.stringify({ oid: sha256(weights), size: weights.length }),
    });
    assert.equal(verified.status, 200);
    assert.deepEqual(await listedPackages(registry), [], 'nothing shows before the commit');

    const answer = await hub.commit(
      [
        file('README.md', files['README.md']),
        file('a folder/naïve “quotes” \\ [1].json', files['a folder/naïve “quotes” \\ [1].json']),
        file('empty.txt', ''),
        lfsFile('model.safetensors', weights),
        lfsFile('copy of model [x].safetensors', weights),
      ],
      { summary: 'First version', description: 'Trained long.\n\nGit-Commit: abc' },
    );
    const { commitOid, commitUrl } = (await answer.json()) as { commitOid: string; commitUrl: string };
    assert.match(commitOid, /^[0-9a-f]{40}$/);
    assert.equal(commitUrl, `${hub.endpoint}/models/acme/demo/commit/${commitOid}`);

    const folder = await clone();
    assert.equal(await plainGit(folder, 'rev-parse', 'HEAD'), `${commitOid}\n`);
    assert.equal(
      await plainGit(folder, 'log', '-1', '--format=%an <%ae>%n%B'),
      'Grace Hopper <grace@example.com>\nFirst version\n\nTrained long.\n\nGit-Commit: abc\n\n',
    );
    for (const name of ['README.md', 'a folder/naïve “quotes” \\ [1].json', 'empty.txt'] as const) {
      assert.equal(await fs.promises.readFile(path.join(folder, name), 'utf8'), files[name]);
    }
    assert.equal(
      await fs.promises.readFile(path.join(folder, 'model.safetensors'), 'utf8'),
      pointerText(weights),
    );
    assert.equal(
      await plainGit(
        folder,
        'check-attr',
        'filter',
        '--',
        'model.safetensors',
        'copy of model [x].safetensors',
      ),
      'model.safetensors: filter: lfs\ncopy of model [x].safetensors: filter: lfs\n',
    );
    await plainGit(
      registry.gitDirectory(registry.organization, registry.registry, hub.model),
      'fsck',
      '--strict',
    );
    const packages = await listedPackages(registry);
    assert.deepEqual(
      packages.map(({ name, version }) => [name, version]),
      [['acme/demo', commitOid]],
    );
  });

  it('leaves .gitattributes alone where it tracks the file already', async () => {
    const attributes = '*.bin filter=lfs diff=lfs merge=lfs -text\n';
    const weights = randomBytes(1000);
    await hub.upload(weights);
    await hub.committed([file('.gitattributes', attributes), lfsFile('deep/model.bin', weights)]);
    assert.equal(await fs.promises.readFile(path.join(await clone(), '.gitattributes'), 'utf8'), attributes);

    await hub.committed([lfsFile('other.weights', weights)]);
    assert.equal(
      await fs.promises.readFile(path.join(await clone(), '.gitattributes'), 'utf8'),
      `${attributes}/other.weights filter=lfs diff=lfs merge=lfs -text\n`,
    );
  });

  it('decides LFS by attributes, size and content, and says what is there already', async () => {
    const weights = randomBytes(1000);
    await hub.upload(weights);
    await hub.committed([
      file('.gitattributes', '*.big filter=lfs\nkept/*.big -filter\n'),
      file('config.json', '{}'),
      file('.gitignore', '*.log\ncache/\n'),
      lfsFile('model.big', weights),
    ]);
    const files = {
      'a.big': 'text',
      'kept/a.big': 'text',
      'empty.big': '',
      'large.txt': Buffer.alloc(10 * 1024 * 1024, 'x'),
      'latin.txt': Buffer.from([0x67, 0xe9, 0x20]),
      'cut.txt': Buffer.concat([Buffer.alloc(511, 'x'), Buffer.from('é')]),
      'config.json': '{}',
      'model.big': weights,
      'train.log': 'lost',
      'cache/deep/file': 'lost',
    };
    const modes = await hub.preupload(files);
    assert.deepEqual(Object.fromEntries([...modes.values()].map((mode) => [mode.path, mode.uploadMode])), {
      'a.big': 'lfs',
      'kept/a.big': 'regular',
      'empty.big': 'regular',
      'large.txt': 'lfs',
      'latin.txt': 'lfs',
      'cut.txt': 'regular',
      'config.json': 'regular',
      'model.big': 'lfs',
      'train.log': 'regular',
      'cache/deep/file': 'regular',
    });
    assert.deepEqual(
      [...modes.values()].filter((mode) => mode.shouldIgnore).map((mode) => mode.path),
      ['train.log', 'cache/deep/file'],
    );
    assert.equal(modes.get('config.json')?.oid, blobId('{}'));
    assert.equal(modes.get('model.big')?.oid, sha256(weights));
    assert.equal(modes.get('a.big')?.oid, null);

    const sent = await hub.preupload(
      { 'a.big': 'text', 'b.json': '{}', 'train.log': 'x' },
      { gitAttributes: '*.json filter=lfs', gitIgnore: '*.big' },
    );
    assert.deepEqual(
      [...sent.values()].map((mode) => [mode.uploadMode, mode.shouldIgnore]),
      [
        ['regular', true],
        ['lfs', false],
        ['regular', false],
      ],
    );
  });

  it('answers 409 with the address when the model is there', async () => {
    const again = await hub.post('api/repos/create', { name: 'demo', organization: 'acme', type: 'model' });
    assert.equal(again.status, 409);
    assert.equal(((await again.json()) as { url: string }).url, `${hub.endpoint}/models/acme/demo`);
    for (const body of [
      { name: 'demo', organization: null },
      { name: '../demo', organization: 'acme' },
      { name: 'demo', organization: 'acme', type: 'dataset' },
      { name: 7 },
    ]) {
      assert.equal((await hub.post('api/repos/create', body)).status, 400, JSON.stringify(body));
    }
  });

  it('keeps nothing of an upload with a wrong hash or size', async () => {
    const right = randomBytes(100_000);
    const wrong = randomBytes(100_000);
    const url = await hub.uploadUrl(right);
    const put = (body: Buffer, headers: Record<string, string> = {}) =>
      outcome(fetch(url, { method: 'PUT', body, headers }));
    const refused = await put(wrong);
    assert.equal(refused.status, 400);
    assert.match(refused.text, /SHA-256/);
    assert.equal((await put(right.subarray(1))).status, 400);
    assert.equal(await registry.hasObject(registry.organization, registry.registry, sha256(right)), false);
    assert.equal(await registry.hasObject(registry.organization, registry.registry, sha256(wrong)), false);
    const uncommitted = await outcome(hub.commit([lfsFile('model.bin', right)]));
    assert.equal(uncommitted.status, 400);
    assert.match(uncommitted.text, /model\.bin.*never uploaded/);

    assert.equal((await put(right, { authorization: `Bearer ${registry.token}` })).status, 400);
    const tampered = url.replace('size=100000', 'size=99999');
    assert.equal((await fetch(tampered, { method: 'PUT', body: right })).status, 403);
    assert.equal((await put(right)).status, 200);
    const otherSize = await outcome(
      hub.commit([{ key: 'lfsFile', value: { path: 'model.bin', oid: sha256(right), size: 5 } }]),
    );
    assert.equal(otherSize.status, 400);
    assert.deepEqual(await listedPackages(registry), []);
    assert.deepEqual(
      (await hub.batch([right])).objects,
      [{ oid: sha256(right), size: right.length }],
      'what is there is not asked for',
    );
  });

  it('accepts a commit only on the head it was made for', async () => {
    const first = await hub.committed([file('a.txt', '1')]);
    const second = await hub.committed([file('a.txt', '2')], { parentCommit: first });
    const late = await outcome(hub.commit([file('a.txt', '3')], { parentCommit: first }));
    assert.equal(late.status, 412);
    assert.match(late.text, /A commit has happened since/);
    assert.equal((await hub.commit([file('a.txt', '3')], { parentCommit: second.slice(0, 7) })).status, 200);
    assert.equal((await hub.commit([file('a.txt', '4')], { parentCommit: 'not hex' })).status, 400);
    assert.equal((await listedPackages(registry)).length, 3);

    const other = new RawHub(registry, { model: 'acme/other' });
    await other.create();
    assert.equal((await other.commit([file('a.txt', '1')], { parentCommit: first })).status, 412);
  });

  it('makes one version of each of many commits at once', async () => {
    const shas = await Promise.all(
      Array.from({ length: 8 }, (_, index) => hub.committed([file(`${String(index)}.txt`, 'x')])),
    );
    const versions = (await listedPackages(registry)).map((each) => each.version);
    assert.deepEqual(versions.toSorted(), shas.toSorted());
    assert.equal((await plainGit(await clone(), 'ls-files')).split('\n').filter(Boolean).length, 8);
    const order = (await plainGit(await clone(), 'log', '--format=%H')).split('\n').filter(Boolean);
    assert.deepEqual(versions, order);
  });

  it('deletes before it adds, keeps modes, and commits an unchanged tree too', async () => {
    const directory = registry.gitDirectory(registry.organization, registry.registry, hub.model);
    const work = await clone();
    await fs.promises.writeFile(path.join(work, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
    await fs.promises.mkdir(path.join(work, 'old'));
    await fs.promises.writeFile(path.join(work, 'old', 'a.txt'), 'a');
    await plainGit(work, 'add', '.');
    await plainGit(work, '-c', 'user.name=x', '-c', 'user.email=x@y', 'commit', '--quiet', '-m', 'pushed');
    await plainGit(work, 'push', '--quiet', directory, 'HEAD:main');

    await hub.committed([
      file('run.sh', '#!/bin/bash\n'),
      file('old', 'a file where a folder was'),
      { key: 'deletedFolder', value: { path: 'old/' } },
    ]);
    assert.match(
      await plainGit(directory, 'ls-tree', 'main'),
      /^100644 blob \w+\told\n100755 blob \w+\trun.sh\n$/,
    );
    const before = await plainGit(directory, 'rev-parse', 'main^{tree}');
    await hub.committed([file('run.sh', '#!/bin/bash\n')]);
    assert.equal(await plainGit(directory, 'rev-parse', 'main^{tree}'), before);
    assert.equal(await plainGit(directory, 'rev-list', '--count', 'main'), '3\n');

    const missing = await hub.commit([{ key: 'deletedFile', value: { path: 'nowhere' } }]);
    assert.equal(missing.status, 404);
    assert.equal(missing.headers.get('x-error-code'), 'EntryNotFound');
    assert.equal((await hub.commit([file('run.sh/inside', 'x')])).status, 400);
    await hub.committed([{ key: 'deletedFile', value: { path: 'run.sh' } }, file('run.sh/inside', 'x')]);
  });

  it('refuses a malformed commit as a whole', async () => {
    const raw = (body: string, target = 'commit/main') =>
      outcome(hub.fetch(`api/models/${hub.model}/${target}`, { method: 'POST', body }));
    const header = JSON.stringify({ key: 'header', value: { summary: 's' } });
    const bodies = [
      '',
      '{"key":"file","value":{"path":"a","content":""}}\n',
      `${header}\nnot json\n`,
      `${header}\n{"key":"lfsFile","value":{"path":"a","oid":"xyz","size":1}}\n`,
      `${header}\n{"key":"rename","value":{}}\n`,
      `${header}\n{"key":"file","value":{"path":"a","content":"@@@","encoding":"base64"}}\n`,
      ...['../a', '/a', 'a//b', '.git/config', 'x/.GIT/y', '', 'a/'].map(
        (name) => `${header}\n${JSON.stringify(file(name, 'x'))}\n`,
      ),
      `${header}\n${JSON.stringify(file('good', 'x'))}\n${JSON.stringify(file('good/bad', 'x'))}\n`,
    ];
    for (const body of bodies) assert.equal((await raw(body)).status, 400, body);
    assert.equal((await raw(`${header}\n`, 'commit/main?create_pr=1')).status, 400);
    assert.equal((await raw(`${header}\n`, 'commit/nowhere')).status, 404);
    assert.deepEqual(await listedPackages(registry), []);
  });

  it('commits to other branches without publishing a version', async () => {
    assert.equal(
      (await hub.post(`api/models/${hub.model}/branch/next`, {})).status,
      404,
      'nothing to start from',
    );
    const sha = await hub.committed([file('a.txt', '1')]);
    assert.equal((await hub.post(`api/models/${hub.model}/branch/feature%2Fx`, {})).status, 200);
    assert.equal((await hub.post(`api/models/${hub.model}/branch/feature%2Fx`, {})).status, 409);
    assert.equal((await hub.post(`api/models/${hub.model}/branch/..`, {})).status, 404);
    assert.equal((await hub.post(`api/models/${hub.model}/branch/a%20b`, {})).status, 400);
    assert.equal((await hub.commit([file('a.txt', '2')], {}, 'feature/x')).status, 200);
    assert.deepEqual(
      (await listedPackages(registry)).map((each) => each.version),
      [sha],
    );
  });

  it('judges the front matter of a README', async () => {
    const validate = async (content: string) => {
      const answer = await hub.post('api/validate-yaml', { content, repoType: 'model' });
      return {
        status: answer.status,
        ...((await answer.json()) as { errors: unknown[]; warnings: unknown[] }),
      };
    };
    assert.deepEqual(await validate('---\nlicense: mit\n---\n'), { status: 200, errors: [], warnings: [] });
    assert.equal((await validate('# No metadata\n')).warnings.length, 1);
    const broken = await validate('---\nlicense: [mit\n---\n');
    assert.equal(broken.status, 400);
    assert.ok(broken.errors.length > 0);
    assert.equal((await validate('---\n- mit\n---\n')).status, 400, 'a list');
    // As the Hub finds it: after blank lines or a byte order mark, with any line ends, and aliases of any number.
    for (const start of ['\n \n---\n', '\ufeff---\n', '---\r\n', '---\r'])
      assert.deepEqual(
        await validate(`${start}license: [mit\n---\n`).then(({ status }) => status),
        400,
        JSON.stringify(start),
      );
    const aliases = `a: &a [1]\nb: [${Array.from({ length: 200 }, () => '*a').join()}]`;
    assert.deepEqual((await validate(`---\n${aliases}\n---\n`)).errors, []);
  });

  it('judges it for those who send no token, as clients do, but not for those who send a wrong one', async () => {
    const judged = (token: string | undefined) =>
      outcome(
        new RawHub(registry, { token }).post('api/validate-yaml', {
          content: '---\nlicense: mit\n---\n',
          repoType: 'model',
        }),
      );
    assert.deepEqual(await judged(undefined), { status: 200, text: '{"errors":[],"warnings":[]}' });
    assert.equal((await judged('bkua_unknown')).status, 401);
  });
});
