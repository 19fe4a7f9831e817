import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import type { FileRow, VersionRow } from '../../../src/editor/rows.ts';
import { cacheModel } from '../../unit/snapshot/caches.ts';
import { localRegistry } from '../localRegistry.ts';
import { type Script, scriptedPrompts, type ScriptedPrompts } from '../scriptedPrompts.ts';
import { signIn, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';

const WEIGHTS = Buffer.alloc(12 * 1024 * 1024, 'weights ');
const FILES = { 'README.md': '# A model\n', 'config.json': '{}\n', 'deep/weights.safetensors': WEIGHTS };

const YES: Script = { confirm: { 'download.summary': true } };

describe('downloads', () => {
  let folder = '';
  let commit = '';
  let count = 0;
  let model = '';
  const variable = process.env.HF_HUB_CACHE;

  before(async () => {
    const token = localRegistry().addToken({
      scopes: ['read_user', 'read_organizations', 'read_registries', 'read_packages'],
      user: { name: 'Dora Downloader', email: 'dora@example.com' },
    });
    await useLocalRegistry();
    await signOutOfAll();
    await signIn(token);
  });
  beforeEach(async () => {
    count += 1;
    model = `acme/downloaded-${count}`;
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'editor-downloads-')));
    const { organization, registry } = localRegistry();
    commit = await localRegistry().addModelVersion(organization, registry, model, FILES);
  });
  afterEach(async () => {
    localRegistry().clearFaults();
    if (variable === undefined) delete process.env.HF_HUB_CACHE;
    else process.env.HF_HUB_CACHE = variable;
    await rm(folder, { recursive: true, force: true });
  });
  after(signOutOfAll);

  const versionRow = async (): Promise<VersionRow> => {
    const [session] = (await testAccess()).sessions.all;
    assert(session, 'nobody is signed in');
    const { signal } = new AbortController();
    const { organization, registry: slug } = localRegistry();
    const registry = await session.host.listing.registry(organization, slug, signal);
    const { items } = await session.host.listing.versions(registry, model, {}, signal);
    const version = items.find((item) => item.commit === commit);
    assert(version, 'the version is not listed');
    return { kind: 'version', session, version };
  };
  const fileRow = async (file: string): Promise<FileRow> => ({
    ...(await versionRow()),
    kind: 'file',
    path: file,
    size: undefined,
    lfs: true,
    gitSha1: undefined,
    sha256: undefined,
  });
  const run = async (command: string, row: unknown, script: Script): Promise<ScriptedPrompts> => {
    const { prompts } = await withPrompts({ ...YES, ...script }, async () => {
      await vscode.commands.executeCommand(command, row);
    });
    return prompts;
  };
  const intoFolder = async (script: Script = {}) =>
    run('modelRegistries.downloadToFolder', await versionRow(), {
      path: { 'download.folder': folder },
      ...script,
    });
  const ids = (prompts: ScriptedPrompts) => prompts.asked.map(({ id }) => id);
  const short = () => commit.slice(0, 7);
  const isWhole = async (at: string): Promise<void> => {
    for (const [name, content] of Object.entries(FILES)) {
      assert.ok((await readFile(path.join(at, name))).equals(Buffer.from(content)), name);
    }
  };

  it('take a version into a folder, after saying what comes and where to @oldest', async () => {
    const said: string[] = [];
    const prompts = await intoFolder({
      notify: { 'download.done': 'copyPath' },
      progress: { 'download.progress': (_cancel, message) => said.push(message ?? '') },
    });
    assert.deepEqual(ids(prompts), [
      'download.folder',
      'download.plan',
      'download.summary',
      'download.progress',
      'download.done',
    ]);
    const summary = prompts.of('download.summary')[0]?.text ?? '';
    assert.match(summary, new RegExp(`^Download ${model} at ${short()}\\?`));
    assert.match(summary, /^Files: 4 to download$/m);
    assert.match(summary, /^To download: 12\.6 MB$/m);
    assert.ok(summary.includes(`To: ${folder}`), summary);
    await isWhole(folder);
    assert.match(said.at(-1) ?? '', /^12\.6 MB of 12\.6 MB, 4 of 4 files/);
    assert.equal(prompts.of('download.done')[0]?.text, `Downloaded ${model} at ${short()} to ${folder}.`);
    assert.deepEqual(prompts.copied, [folder]);
  });

  it('make a folder of the model’s name among other files, and say the second time that it is there', async () => {
    await writeFile(path.join(folder, 'mine.txt'), 'mine');
    await intoFolder();
    const target = path.join(folder, `downloaded-${count}`);
    await isWhole(target);
    assert.deepEqual((await readdir(folder)).sort(), [`downloaded-${count}`, 'mine.txt']);
    const { session, version } = await versionRow();
    const ofModel = { kind: 'model', session, registry: version.registry, model };
    // The newest version of a model is what its row stands for.
    const again = await run('modelRegistries.downloadToFolder', ofModel, {
      path: { 'download.folder': folder },
    });
    assert.equal(again.of('download.summary').length, 0);
    assert.equal(
      again.of('download.done')[0]?.text,
      `${model} at ${short()} is in ${target} already, byte for byte.`,
    );
  });

  it('lose nothing that differs unless the person says so', async () => {
    await intoFolder();
    await writeFile(path.join(folder, 'config.json'), 'mine');
    const asked = await intoFolder();
    assert.match(asked.of('download.summary')[0]?.text ?? '', /different content:\n {2}config\.json$/m);
    assert.equal(ids(asked).at(-1), 'download.differing');
    const kept = await intoFolder({ pick: { 'download.differing': 'Keep Them' } });
    assert.match(kept.of('download.done')[0]?.text ?? '', /Left as it is, with different content: 1 file\./);
    assert.equal(await readFile(path.join(folder, 'config.json'), 'utf8'), 'mine');
    await intoFolder({ pick: { 'download.differing': 'Replace Them' } });
    await isWhole(folder);
  });

  it('go on where the person cancelled', async () => {
    let cancelled = false;
    const prompts = await intoFolder({
      progress: {
        'download.progress': (cancel, message) => {
          if (cancelled || message === undefined) return;
          cancelled = true;
          cancel();
        },
      },
      notify: { 'download.cancelled': 'goOn' },
    });
    assert.deepEqual(ids(prompts).slice(3), [
      'download.progress',
      'download.cancelled',
      'download.plan',
      'download.summary',
      'download.progress',
      'download.done',
    ]);
    await isWhole(folder);
  });

  it('do not go on with a token whose account was signed out meanwhile', async () => {
    const row = await versionRow();
    const script = scriptedPrompts({
      ...YES,
      path: { 'download.folder': folder },
      progress: { 'download.progress': (cancel, message) => message !== undefined && cancel() },
      pick: { 'signOut.account': row.session.label },
      confirm: { ...YES.confirm, 'signOut.confirm': true },
    });
    let from = 0;
    const replaced = (await testAccess()).usePrompts({
      ...script,
      notify: async (told) => {
        const dismissed = await script.notify(told);
        if (told.id !== 'download.cancelled') return dismissed;
        await vscode.commands.executeCommand('modelRegistries.signOut');
        from = localRegistry().requests.length;
        return 'goOn';
      },
    });
    try {
      await vscode.commands.executeCommand('modelRegistries.downloadToFolder', row);
    } finally {
      replaced.dispose();
      await signIn(localRegistry().token);
    }
    assert.match(script.of('failure')[0]?.text ?? '', /is signed out\. Sign in again/);
    assert.deepEqual(
      localRegistry()
        .requests.slice(from)
        .filter(({ path: asked }) => asked.includes(model)),
      [],
    );
  });

  it('say what failed, and try again from there', async () => {
    localRegistry().inject({ path: /\/objects\//, fault: { kind: 'resetAnswer', afterBytes: 9_000_000 } });
    localRegistry().inject({ path: /\/objects\//, fault: { kind: 'status', status: 404 }, times: 1 });
    const failed = await intoFolder();
    assert.match(failed.of('failure')[0]?.text ?? '', /does not know the file “deep\/weights\.safetensors”/);
    const from = localRegistry().requests.length;
    await intoFolder();
    await isWhole(folder);
    const ranges = localRegistry()
      .requests.slice(from)
      .filter(({ path: address }) => address.includes('/objects/'))
      .map(({ headers }) => String(headers.range));
    assert.equal(ranges.length, 1);
    assert.match(ranges[0] ?? '', /^bytes=[1-9]\d*-$/);
  });

  it('take a version into the Hugging Face cache', async () => {
    process.env.HF_HUB_CACHE = path.join(folder, 'hub');
    const prompts = await run('modelRegistries.downloadToCache', await versionRow(), {});
    assert.deepEqual(ids(prompts), [
      'download.plan',
      'download.summary',
      'download.progress',
      'download.done',
    ]);
    const storage = path.join(folder, 'hub', `models--acme--downloaded-${count}`);
    await isWhole(path.join(storage, 'snapshots', commit));
    assert.equal(asGitObjectId(await readFile(path.join(storage, 'refs', 'main'), 'utf8')), commit);
  });

  it('take one file to where the person says', async () => {
    const target = path.join(folder, 'my weights.bin');
    const prompts = await run('modelRegistries.downloadFile', await fileRow('deep/weights.safetensors'), {
      path: { 'download.file': target },
    });
    assert.deepEqual(ids(prompts), ['download.file', 'download.plan', 'download.progress', 'download.done']);
    assert.ok((await readFile(target)).equals(WEIGHTS));
    assert.deepEqual(await readdir(folder), ['my weights.bin']);
  });

  it('take no place of another server’s in the cache unasked, and offer a folder instead', async () => {
    const hub = path.join(folder, 'hub');
    process.env.HF_HUB_CACHE = hub;
    const other = cacheModel(hub, { 'config.json': { content: '{}' } }, { model });
    const main = () => readFile(path.join(other.storage, 'refs', 'main'), 'utf8');
    const command = 'modelRegistries.downloadToCache';
    const asked = await run(command, await versionRow(), {});
    assert.deepEqual(ids(asked), ['download.plan', 'download.cacheConflict']);
    const [question] = asked.of('download.cacheConflict');
    assert.deepEqual(question?.choices, ['Download to Folder…', 'Replace in Cache']);
    assert.ok(question.text.includes(other.commit.slice(0, 7)) && question.text.includes(short()));
    assert.equal(await main(), other.commit);
    const target = path.join(folder, `downloaded-${count}`);
    await run(command, await versionRow(), {
      confirm: { ...YES.confirm, 'download.cacheConflict': true },
      path: { 'download.folder': folder },
    });
    await isWhole(target);
    assert.equal(await main(), other.commit);
    await run(command, await versionRow(), {
      confirm: { ...YES.confirm, 'download.cacheConflict': 'other' },
    });
    assert.equal(await main(), commit);
    const again = await run(command, await versionRow(), {});
    assert.equal(again.of('download.cacheConflict').length, 0);
  });

  it('tell what tools obey and what runs code before it comes, and can leave out the former', async () => {
    const { organization, registry } = localRegistry();
    commit = await localRegistry().addModelVersion(organization, registry, model, {
      ...FILES,
      '.vscode/tasks.json': '{}',
      'pytorch_model.bin': 'pickle',
    });
    const prompts = await intoFolder({ confirm: { 'download.summary': 'other' } });
    const [question] = prompts.of('download.summary');
    assert.deepEqual(question?.choices, ['Download', 'Leave Out What Tools Act On']);
    assert.match(question.text, /act on these files by themselves: \.vscode\/tasks\.json\./);
    assert.match(question.text, /can run code: pytorch_model\.bin\./);
    assert.doesNotMatch(prompts.of('download.summary')[1]?.text ?? '', /obey/);
    assert.deepEqual(await readdir(folder), []);
    const target = path.join(folder, 'weights.bin');
    const row = await fileRow('pytorch_model.bin');
    const declined = await run('modelRegistries.downloadFile', row, { path: { 'download.file': target } });
    assert.deepEqual(ids(declined), ['download.file', 'download.plan', 'download.notices']);
    assert.deepEqual(await readdir(folder), []);
    await intoFolder();
    assert.equal(await readFile(path.join(folder, '.vscode', 'tasks.json'), 'utf8'), '{}');
  });

  it('leave everything as it is when the person leaves a dialog', async () => {
    const row = await versionRow();
    const from = localRegistry().requests.length;
    const prompts = await run('modelRegistries.downloadToFolder', row, {});
    assert.deepEqual(ids(prompts), ['download.folder']);
    assert.equal(localRegistry().requests.length, from);
    const declined = await intoFolder({ confirm: {} });
    assert.equal(ids(declined).at(-1), 'download.summary');
    assert.deepEqual(await readdir(folder), []);
  });
});
