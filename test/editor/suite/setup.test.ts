import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import {
  bytes,
  committed,
  contentsOf,
  pathWithoutLfs,
  plainGit,
  trainerOutput,
  WEIGHTS,
  write,
} from '../../unit/setup/settingUp.ts';
import { openRepository, pointerTo, restore, scratch, sha256 } from '../../unit/snapshot/repositories.ts';
import { localRegistry } from '../localRegistry.ts';
import type { Script, ScriptedPrompts } from '../scriptedPrompts.ts';
import { signIn, signOutOfAll, useLocalRegistry, withPrompts } from '../testAccess.ts';

const SCOPES = ['read_user', 'read_organizations', 'read_registries', 'read_packages', 'write_packages'];

describe('setting a folder up', () => {
  const temporary = scratch();
  const { PATH } = process.env;
  let count = 0;
  let model = '';
  let folder = '';

  before(async () => {
    const token = localRegistry().addToken({
      scopes: SCOPES,
      user: { name: 'Sam Setup', email: 'sam@example.com' },
    });
    await useLocalRegistry();
    await signOutOfAll();
    await signIn(token);
  });
  beforeEach(() => {
    count += 1;
    model = `acme/set-up-${count}`;
    folder = join(temporary.folder(), 'my-model');
    mkdirSync(folder);
    write(folder, trainerOutput());
    process.env.PATH = pathWithoutLfs(temporary.folder());
  });
  afterEach(() => restore('PATH', PATH));
  after(signOutOfAll);

  const publish = async (script: Script): Promise<ScriptedPrompts> => {
    const answers: Script = {
      ...script,
      pick: { 'publish.registry': 'models' },
      input: { 'publish.model': [model], ...script.input },
    };
    const { prompts } = await withPrompts(answers, async () => {
      await vscode.commands.executeCommand('modelRegistries.publish', vscode.Uri.file(folder));
    });
    return prompts;
  };
  const ids = ({ asked }: ScriptedPrompts) => asked.map(({ id }) => id);
  const published = () =>
    openRepository(
      localRegistry().gitDirectory(localRegistry().organization, localRegistry().registry, model),
    );

  it('takes the output of a trainer to a version, without Git LFS, and a change of it to the next one', async () => {
    const prompts = await publish({
      notify: { 'publish.failed.notARepository': 'setUp' },
      confirm: { 'setup.summary': true, 'publish.summary': true },
    });
    assert.deepEqual(ids(prompts), [
      'publish.snapshot',
      'publish.failed.notARepository',
      'setup.plan',
      'setup.summary',
      'setup.progress',
      'publish.snapshot',
      'publish.registry',
      'publish.model',
      'publish.plan',
      'publish.summary',
      'publish.progress',
      'publish.published',
    ]);
    const [summary] = prompts.of('setup.summary');
    assert.match(summary?.text ?? '', /Git LFS is not installed/);
    assert.match(summary?.text ?? '', /^Folder: .*\n• Make a Git repository/m);
    assert.match(summary?.text ?? '', /• Write \.gitignore, which leaves out \(380 kB\): checkpoint-/);
    assert.equal(published().git('ls-tree', '-r', 'HEAD'), plainGit(folder, 'ls-tree', '-r', 'HEAD'));
    const { organization, registry } = localRegistry();
    assert(await localRegistry().hasObject(organization, registry, sha256(WEIGHTS)));
    assert.equal(plainGit(folder, 'status', '--porcelain'), '');

    const other = bytes(150_000, `other ${model}`);
    writeFileSync(join(folder, 'model.safetensors'), other);
    const again = await publish({
      // That version is there; what is not committed would stay behind.
      notify: { 'publish.alreadyThere': 'commit' },
      confirm: { 'publish.summary': true, 'commit.summary': true },
      input: { 'commit.message': ['', 'Train on more'] },
    });
    assert.deepEqual(again.of('commit.message')[0]?.refusals, ['A commit needs a message.']);
    assert.match(again.of('commit.summary')[0]?.text ?? '', /model\.safetensors/);
    assert.equal(plainGit(folder, 'log', '-1', '--format=%s %an'), 'Train on more Ada');
    assert.equal(plainGit(folder, 'show', 'HEAD:model.safetensors'), pointerTo(other).trimEnd());
    assert.equal(plainGit(folder, 'status', '--porcelain'), '');
    assert.equal(published().git('log', '-1', '--format=%s'), 'Train on more');

    plainGit(folder, 'commit', '--quiet', '--allow-empty', '--message', 'Nothing');
    write(folder, { 'notes.md': 'new', 'more.txt': 'committed by itself' });
    plainGit(folder, 'add', 'more.txt');
    plainGit(folder, 'commit', '--quiet', '--message', 'More');
    const summaries = { 'publish.summary': 'Commit and Publish…', 'commit.summary': true };
    await publish({ confirm: summaries, input: { 'commit.message': ['Notes'] } });
    assert.equal(plainGit(folder, 'log', '-1', '--format=%s'), 'Notes');
    assert.deepEqual(committed(folder).includes('notes.md'), true);
  });

  it('does nothing without consent, asks who commits, and leaves out secrets', async () => {
    write(folder, { '.env': 'SECRET=1' });
    const before = contentsOf(folder);
    const declined = await publish({ notify: { 'publish.failed.notARepository': 'setUp' } });
    assert.deepEqual(declined.of('setup.summary')[0]?.choices, ['Cancel', 'Set Up Anyway', 'Leave Them Out']);
    assert.deepEqual(contentsOf(folder), before);
    assert(!existsSync(join(folder, '.git')));

    for (const name of ['GIT_AUTHOR_NAME', 'GIT_AUTHOR_EMAIL']) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
      delete process.env[name];
    }
    let asked = 0;
    const prompts = await publish({
      notify: { 'publish.failed.notARepository': 'setUp' },
      confirm: {
        // The button is there as long as there are secrets.
        get 'setup.summary'() {
          asked += 1;
          return asked === 1 ? 'Leave Them Out' : true;
        },
      },
      input: { 'setup.name': ['<>', 'Max'], 'setup.email': ['max@example.org'] },
    });
    assert.equal(prompts.of('setup.summary').length, 2);
    assert.equal(plainGit(folder, 'log', '--format=%an %ae'), 'Max max@example.org');
    assert(!committed(folder).includes('.env'));
    assert.match(readFileSync(join(folder, '.gitignore'), 'utf8'), /^\/\.env$/m);
  });

  it('commits what a repository without commits holds, too', async () => {
    plainGit(folder, 'init', '--quiet');
    const prompts = await publish({
      notify: { 'publish.failed.noCommit': 'commit' },
      confirm: { 'commit.summary': true },
      input: { 'commit.message': ['First'] },
    });
    assert.deepEqual(prompts.of('publish.failed.noCommit')[0]?.choices, ['setUp', 'commit', 'showLog']);
    assert.equal(plainGit(folder, 'log', '--format=%s'), 'First');
    assert.equal(prompts.of('publish.summary').length, 1);
  });
});
