import assert from 'node:assert/strict';
import { readdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Registry } from '../../../src/core/hosts/host.ts';
import type { Session } from '../../../src/editor/accounts/sessions.ts';
import type { SearchPrompt } from '../../../src/editor/prompts.ts';
import type { RegistryRow } from '../../../src/editor/rows.ts';
import { downloadModel } from '../../unit/snapshot/caches.ts';
import {
  type Repository,
  commitEntries,
  openRepository,
  pointerTo,
  scratch,
  sha256,
} from '../../unit/snapshot/repositories.ts';
import { trainModel } from '../trainedModel.ts';
import { localRegistry } from '../localRegistry.ts';
import { type Script, scriptedPrompts, type ScriptedPrompts } from '../scriptedPrompts.ts';
import { until } from '../../setup/until.ts';
import { signIn, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';

const SCOPES = ['read_user', 'read_organizations', 'read_registries', 'read_packages', 'write_packages'];

/** Answers that lead to a publish. */
const YES: Script = {
  pick: { 'publish.registry': 'models' },
  confirm: { 'publish.summary': true },
};

describe('publishing', () => {
  const temporary = scratch();
  let token = '';
  let count = 0;
  /** A model that no other test publishes. */
  let model = '';
  /** Content that the registry does not have yet. */
  let weights = Buffer.alloc(0);

  before(async () => {
    token = localRegistry().addToken({
      scopes: SCOPES,
      user: { name: 'Petra Publisher', email: 'petra@example.com' },
    });
    await useLocalRegistry();
    await signOutOfAll();
    await signIn(token);
  });
  beforeEach(() => {
    count += 1;
    model = `acme/published-${count}`;
    weights = Buffer.alloc(200_000, `published ${count} `);
  });
  afterEach(() => localRegistry().clearFaults());
  after(signOutOfAll);

  const session = async (): Promise<Session> => {
    const [first] = (await testAccess()).sessions.all;
    assert(first, 'nobody is signed in');
    return first;
  };
  const registryRow = async (slug = localRegistry().registry): Promise<RegistryRow> => {
    const owner = await session();
    const registry: Registry = await owner.host.listing.registry(
      localRegistry().organization,
      slug,
      new AbortController().signal,
    );
    return { kind: 'registry', session: owner, registry };
  };

  /** A repository with a model card, a config and weights in Git LFS, committed. */
  const modelRepository = (): Repository => trainModel(temporary.repository(), weights);

  const publish = async (argument: unknown, script: Script = {}): Promise<ScriptedPrompts> => {
    const answers = {
      ...YES,
      ...script,
      pick: { ...YES.pick, ...script.pick },
      confirm: { ...YES.confirm, ...script.confirm },
      input: { 'publish.model': [model], ...script.input },
    };
    const { prompts } = await withPrompts(answers, async () => {
      await vscode.commands.executeCommand('modelRegistries.publish', argument);
    });
    return prompts;
  };
  const publishFolder = (where: string, script?: Script) => publish(vscode.Uri.file(where), script);
  const ids = (prompts: ScriptedPrompts) => prompts.asked.map(({ id }) => id);
  const published = () => openRepository(gitDirectory());
  const gitDirectory = () =>
    localRegistry().gitDirectory(localRegistry().organization, localRegistry().registry, model);
  const sentWrites = (from: number) =>
    localRegistry()
      .requests.slice(from)
      .filter(({ method, path: address }) => method !== 'GET' && address.includes('/huggingface/'));

  it('takes a folder from the Explorer to a version in the registry @oldest', async () => {
    const made = modelRepository();
    const head = made.head();
    const prompts = await publishFolder(made.path);

    assert.deepEqual(ids(prompts), [
      'publish.snapshot',
      'publish.registry',
      'publish.model',
      'publish.plan',
      'publish.summary',
      'publish.progress',
      'publish.published',
    ]);
    const copy = published();
    assert.equal(copy.git('ls-tree', '-r', 'HEAD'), made.git('ls-tree', '-r', 'HEAD'));
    assert.equal(copy.git('log', '-1', '--format=%s'), 'Train the model');
    assert.match(copy.git('log', '-1', '--format=%B'), new RegExp(`^Git-Commit: ${head}$`, 'm'));
    const { organization, registry } = localRegistry();
    assert(await localRegistry().hasObject(organization, registry, sha256(weights)));
    const version = copy.head().slice(0, 7);
    assert.equal(
      prompts.of('publish.published')[0]?.text,
      `Published ${model} at ${version} to ${organization}/${registry}. Verified: it holds exactly these files.`,
    );
    assert.deepEqual(prompts.of('publish.published')[0]?.choices, [
      'show',
      'copyInstall',
      'copyForTeammate',
      'openInBrowser',
    ]);
  });

  it('says before anything goes what goes, what stays and where to', async () => {
    const made = modelRepository();
    for (let index = 1; index <= 7; index += 1) made.write(`note-${index}.txt`, 'later');
    made.write('config.json', '{}\n');
    const from = localRegistry().requests.length;
    const prompts = await publishFolder(made.path, { confirm: { 'publish.summary': false } });

    const said = prompts.of('publish.summary')[0]?.text ?? '';
    const { organization, registry, packagesUrl } = localRegistry();
    assert.match(said, new RegExp(`^Publish ${model} to ${organization}/${registry}\\?`));
    assert.match(said, new RegExp(`^Commit: ${made.head().slice(0, 7)} Train the model$`, 'm'));
    assert.match(said, /^Branch: main$/m);
    assert.match(said, /^New model$/m);
    assert(said.includes(`\nFolder: ${made.path}\n`), said);
    assert.match(said, /^Files: 4 new$/m);
    assert.match(said, /^To upload: 200 kB at most$/m);
    assert.match(said, /left out:\n( {2}\S+\n){5} {2}and 3 more$/m);
    assert(said.includes(`${packagesUrl}/${organization}/${registry}/huggingface`), said);
    assert(said.includes('Petra Publisher') || said.includes('petra@example.com'), said);
    assert.deepEqual(sentWrites(from), []);
    assert.equal(ids(prompts).at(-1), 'publish.summary');
  });

  it('publishes one folder of a repository, from its commit and not from the disk', async () => {
    const made = temporary.repository();
    made.write('models/small/config.json', '{"committed":true}\n');
    made.write('code/train.py', 'pass\n');
    made.commit('Two folders');
    made.write('models/small/config.json', '{"committed":false}\n');
    const prompts = await publishFolder(path.join(made.path, 'models', 'small'));

    assert.match(prompts.of('publish.summary')[0]?.text ?? '', /^Folder: .*[/\\]models[/\\]small$/m);
    assert.equal(published().git('ls-tree', '-r', '--name-only', 'HEAD'), 'config.json');
    assert.equal(published().git('show', 'HEAD:config.json'), '{"committed":true}');
  });

  it('counts what is new, changed and deleted against the registry, and deletes what is gone', async () => {
    const made = modelRepository();
    await publishFolder(made.path);
    made.git('rm', '--quiet', 'README.md');
    made.write('config.json', '{"model_type":"other"}\n');
    made.write('tokenizer.json', '{}\n');
    made.commit('Second');
    const prompts = await publishFolder(made.path);

    assert.match(
      prompts.of('publish.summary')[0]?.text ?? '',
      /^Files: 1 new, 1 changed, 1 deleted, 2 unchanged$/m,
    );
    assert.equal(published().git('ls-tree', '-r', 'HEAD'), made.git('ls-tree', '-r', 'HEAD'));
  });

  it('remembers the target of a folder, and says when there is nothing to do', async () => {
    const made = modelRepository();
    await publishFolder(made.path);
    const from = localRegistry().requests.length;
    const proposed: (string | undefined)[] = [];
    const again = await withPrompts({}, async (prompts) => {
      const answering = {
        ...prompts,
        search: <T>({ own }: SearchPrompt<T>) => {
          proposed.push(own?.value);
          const row = own?.row(own.value);
          return Promise.resolve(row?.kind === 'match' ? row.value : undefined);
        },
        pick: async <T>(prompt: Parameters<typeof prompts.pick<T>>[0]) => {
          assert(typeof prompt.choices === 'function');
          return (await prompt.choices(new AbortController().signal))[0]?.value;
        },
      };
      const replaced = (await testAccess()).usePrompts(answering);
      await vscode.commands.executeCommand('modelRegistries.publish', vscode.Uri.file(made.path));
      replaced.dispose();
    });

    assert.deepEqual(proposed, [model]);
    assert.deepEqual(ids(again.prompts), [
      'publish.snapshot',
      'publish.plan',
      'publish.progress',
      'publish.alreadyThere',
    ]);
    assert.deepEqual(sentWrites(from), []);
  });

  it('starts from a registry row, and takes the only repository of the workspace without asking', async () => {
    const prompts = await publish(await registryRow());
    assert.deepEqual(ids(prompts), [
      'publish.snapshot',
      'publish.model',
      'publish.plan',
      'publish.summary',
      'publish.progress',
      'publish.published',
    ]);
    assert(published().git('ls-tree', '-r', '--name-only', 'HEAD').includes('model.json'));
  });

  it('starts from the palette and from Source Control @oldest', async () => {
    const made = modelRepository();
    const refuse = { confirm: { 'publish.summary': false } };
    assert.match(
      (await publish(undefined, refuse)).of('publish.summary')[0]?.text ?? '',
      /54 programming languages/,
    );
    const fromSourceControl = await publish({ id: 'git', rootUri: vscode.Uri.file(made.path) }, refuse);
    assert.match(fromSourceControl.of('publish.summary')[0]?.text ?? '', /Train the model/);
  });

  it('checks the name of the model while it is typed', async () => {
    const prompts = await publishFolder(modelRepository().path, {
      input: { 'publish.model': ['no-namespace', 'acme/../x', model] },
      confirm: { 'publish.summary': false },
    });
    assert.equal(prompts.of('publish.model')[0]?.refusals.length, 2);
  });

  it('offers the names there are in the registry, and leads back to the choice of the registry', async () => {
    await publishFolder(modelRepository().path);
    const offered: (readonly string[])[] = [];
    const prompts = await publishFolder(modelRepository().path, {
      search: {
        'publish.model': async (box) => {
          box.type('acme/publish');
          await box.idle();
          offered.push(box.rows.map((row) => row.trim()));
          if (offered.length === 1) box.back();
          return model;
        },
      },
    });
    assert.equal(offered[0]?.[0]?.split(' ')[0], 'acme/publish');
    assert(offered[0].includes(model), String(offered));
    assert.equal(offered.length, 2);
    assert.equal(prompts.of('publish.registry').length, 2);
  });

  it('copies an install command with a place for the token', async () => {
    const prompts = await publishFolder(modelRepository().path, {
      notify: { 'publish.published': 'copyInstall' },
    });
    const version = published().head();
    const [command = ''] = prompts.copied;
    assert.match(command, new RegExp(`hf download ${model} --revision ${version} --local-dir`));
    assert(command.includes('<your-token>'));
    assert(!command.includes(token));
  });

  it('copies a text for a teammate, of what the new version holds', async () => {
    const prompts = await publishFolder(modelRepository().path, {
      notify: { 'publish.published': 'copyForTeammate' },
    });
    const [text = ''] = prompts.copied;
    assert(text.includes(`hf download ${model} --revision ${published().head()} `), text);
    assert.match(text, /^- Message: Train the model$/m);
    assert.match(text, /^- Size: 200 kB$/m);
    assert(!text.includes(token));
  });

  it('shows the new version in the Registries view', async () => {
    const { registries } = await testAccess();
    await publishFolder(modelRepository().path, { notify: { 'publish.published': 'show' } });
    const version = published().head();
    await until(() => {
      const [selected] = registries.view.selection;
      return selected?.kind === 'version' && selected.version.commit === version;
    }, 'the new version is selected in the Registries view');
  });

  it('offers the registries it can list, and says that others are missing', async () => {
    localRegistry().inject({
      path: /\/rossum_robotics\/registries/,
      fault: { kind: 'status', status: 403 },
      times: Infinity,
    });
    const prompts = await publishFolder(modelRepository().path, { confirm: { 'publish.summary': false } });
    const offered = prompts.of('publish.registry')[0]?.choices ?? [];
    assert(offered.includes('models') && offered.includes('Language models'), String(offered));
    assert(!offered.includes('Perception') && !offered.includes('Wheels'), String(offered));
    assert.equal(prompts.of('registriesMissing').length, 1);
  });

  it('opens the page of the new version', async () => {
    const prompts = await publishFolder(modelRepository().path, {
      notify: { 'publish.published': 'openInBrowser' },
    });
    assert(prompts.opened[0]?.startsWith(localRegistry().webUrl), prompts.opened[0]);
  });

  describe('stops with clear words, and sends nothing, at', () => {
    const refused = async (kind: string, where: string, words: RegExp, script?: Script) => {
      const from = localRegistry().requests.length;
      const prompts = await publishFolder(where, script);
      const notices = prompts.asked.filter(({ id }) => id.startsWith('publish.failed'));
      assert.deepEqual(
        notices.map(({ id }) => id),
        [`publish.failed.${kind}`],
      );
      assert.match(notices[0]?.text ?? '', words);
      assert(notices[0]?.choices.includes('showLog'));
      // Whether the server has an object is learned by asking it to take one; no content goes, and nothing becomes visible.
      const asking = /\/(?:repos\/create|preupload\/main|objects\/batch)$/;
      assert.deepEqual(
        sentWrites(from).filter(({ path: address }) => kind !== 'missingObject' || !asking.test(address)),
        [],
      );
      return { prompts, choices: notices[0]?.choices ?? [] };
    };

    it('a folder in no Git repository', async () => {
      await refused('notARepository', temporary.folder(), /Git repository/i);
    });

    it('a repository without a commit', async () => {
      await refused('noCommit', temporary.repository().path, /commit/i);
    });

    it('an LFS object that is nowhere, and offers git lfs pull', async () => {
      const made = modelRepository();
      made.write('lost.safetensors', pointerTo('lost'));
      made.commit('Lose one');
      const alone = await refused('missingObject', made.path, /has no remote that Git LFS could get it from/);
      assert.deepEqual(alone.choices, ['showLog']);
      made.git('remote', 'add', 'origin', path.join(temporary.folder(), 'none.git'));
      const { choices } = await refused('missingObject', made.path, /lost\.safetensors/, {
        notify: { 'publish.failed.missingObject': 'lfsPull' },
      });
      assert(choices.includes('lfsPull'));
      const pull = () => vscode.window.terminals.find(({ name }) => name === 'git lfs pull');
      await until(() => pull() !== undefined, 'the terminal of git lfs pull is open');
      assert.equal((pull()!.creationOptions as vscode.TerminalOptions).cwd, made.path);
      pull()?.dispose();
      await until(() => pull() === undefined, 'the terminal is closed');
    });

    it('a download whose content is nowhere, and does not offer git lfs pull', async () => {
      const folder = path.join(temporary.folder(), 'download');
      const content = Buffer.alloc(100, `lost ${count} `);
      downloadModel(folder, { 'lost.safetensors': { content, lfs: true } });
      const { choices } = await refused('missingObject', folder, /“hf download .*--local-dir/, {
        progress: {
          'publish.plan': () => rmSync(path.join(folder, 'lost.safetensors'), { force: true }),
        },
      });
      assert.deepEqual(choices, ['showLog']);
    });

    it('an address where something else answers, and leads to the settings that hold it', async () => {
      localRegistry().inject({
        path: /\/huggingface\/api\/models\//,
        fault: { kind: 'status', status: 200, body: '<!doctype html>' },
        times: Infinity,
      });
      const { choices } = await refused('protocol', modelRepository().path, /Check the address/, {
        notify: { 'publish.failed.protocol': 'openSettings' },
      });
      assert.deepEqual(choices, ['openSettings', 'showLog']);
      const settings = () => vscode.window.tabGroups.activeTabGroup.activeTab?.label === 'Settings';
      await until(settings, 'the settings are open');
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });

    it('a submodule', async () => {
      const made = modelRepository();
      commitEntries(made, [{ mode: '160000', path: 'vendor', content: made.head() }]);
      await refused('unpublishable', made.path, /vendor/);
    });

    it('a symbolic link that leaves the repository', async function () {
      if (process.platform === 'win32') return;
      const made = modelRepository();
      symlinkSync('../outside', path.join(made.path, 'link'));
      made.commit('Link out');
      await refused('unpublishable', made.path, /link/);
    });

    it('a registry of another ecosystem', async () => {
      const { slug } = localRegistry().addRegistry(localRegistry().organization, `Wheels ${count}`, 'python');
      const prompts = await publish(await registryRow(slug));
      assert.deepEqual(ids(prompts), ['publish.failed.wrongEcosystem']);
      assert.match(prompts.asked[0]?.text ?? '', /python/i);
    });
  });

  it('asks to sign in first, and goes on', async () => {
    await signOutOfAll();
    const prompts = await publishFolder(modelRepository().path, {
      confirm: { signInFirst: true },
      input: { 'signIn.token': [token] },
    });
    assert.deepEqual(ids(prompts).slice(0, 2), ['signInFirst', 'signIn.token']);
    assert.equal(ids(prompts).at(-1), 'publish.published');
  });

  it('publishes nothing with a token that may only read, and leads to the page of tokens', async () => {
    await signOutOfAll();
    await signIn(localRegistry().readOnlyToken);
    try {
      const from = localRegistry().requests.length;
      for (const argument of [vscode.Uri.file(modelRepository().path), await registryRow()]) {
        const prompts = await publish(argument, { notify: { 'publish.failed.forbidden': 'tokenPage' } });
        assert.match(prompts.of('publish.failed.forbidden')[0]?.text ?? '', /write_packages/);
        assert.equal(new URL(prompts.opened[0] ?? '').origin, new URL(localRegistry().webUrl).origin);
      }
      assert.deepEqual(sentWrites(from), []);
    } finally {
      await signOutOfAll();
      await signIn(token);
    }
  });

  it('leads from a revoked token to a new one, and then publishes', async () => {
    await signOutOfAll();
    const revoked = localRegistry().addToken({ scopes: SCOPES });
    await signIn(revoked);
    localRegistry().revokeToken(revoked);
    const prompts = await publishFolder(modelRepository().path, {
      notify: { 'publish.failed.auth': 'signIn' },
      input: { 'signIn.token': [token] },
    });
    await signOutOfAll();
    await signIn(token);
    assert.equal(prompts.of('publish.failed.auth').length, 1);
    assert.equal(ids(prompts).at(-1), 'publish.published');
  });

  it('offers to publish again when the registry changed meanwhile, and asks only what is new', async () => {
    const made = modelRepository();
    localRegistry().inject({ method: 'POST', path: /\/commit\//, fault: { kind: 'status', status: 412 } });
    const prompts = await publishFolder(made.path, { notify: { 'publish.failed.conflict': 'publishAgain' } });
    assert.match(prompts.of('publish.failed.conflict')[0]?.text ?? '', /^Nothing was published\./);
    assert.equal(prompts.of('publish.registry').length, 1);
    assert.equal(prompts.of('publish.model').length, 1);
    assert.equal(prompts.of('publish.summary').length, 2);
    assert.equal(ids(prompts).at(-1), 'publish.published');
    assert.equal(published().git('ls-tree', '-r', 'HEAD'), made.git('ls-tree', '-r', 'HEAD'));
  });

  it('does not take away what someone else published meanwhile before the person has seen that', async () => {
    const made = modelRepository();
    await publishFolder(made.path);
    made.write('README.md', '# A better model\n');
    made.commit('Next');
    const { organization, registry } = localRegistry();
    const from = localRegistry().requests.length;
    const theirs = until(
      () => sentWrites(from).some(({ path: address }) => address.includes('/commit/')),
      'a commit is sent',
    ).then(() => localRegistry().addModelVersion(organization, registry, model, { 'theirs.txt': 'theirs' }));
    // The person's commit does not come through before theirs.
    localRegistry().inject({ method: 'POST', path: /\/commit\//, fault: { kind: 'hold', until: theirs } });
    const prompts = await publishFolder(made.path);
    await theirs;
    assert.match(prompts.of('publish.failed.conflict')[0]?.text ?? '', /published to by.*Publish again/);
    assert.match(published().git('ls-tree', '--name-only', 'HEAD'), /^theirs\.txt$/m);
    const again = await publishFolder(made.path);
    assert.match(again.of('publish.summary')[0]?.text ?? '', /1 deleted/);
    assert.equal(ids(again).at(-1), 'publish.published');
  });

  it('stops when it is cancelled: nothing is visible, and that is no error', async () => {
    const made = modelRepository();
    localRegistry().inject({ method: 'PUT', path: /./, fault: { kind: 'hang' }, times: Infinity });
    const from = localRegistry().requests.length;
    let watching: Promise<void> | undefined;
    const prompts = await publishFolder(made.path, {
      progress: {
        'publish.progress': (cancel) => {
          watching ??= until(
            () =>
              localRegistry()
                .requests.slice(from)
                .some(({ method }) => method === 'PUT'),
            'content is sent',
          ).then(cancel);
        },
      },
    });
    await watching;
    assert.equal(ids(prompts).at(-1), 'publish.cancelled');
    assert.match(prompts.of('publish.cancelled')[0]?.text ?? '', /was cancelled.*Nothing of it is visible/);
    assert(!sentWrites(from).some(({ path: address }) => address.includes('/commit/')));
    assert.equal(prompts.asked.filter(({ id }) => id.startsWith('publish.failed')).length, 0);
  });

  it('refuses to publish the same model twice at once', async () => {
    const made = modelRepository();
    localRegistry().inject({ method: 'PUT', path: /./, fault: { kind: 'hang' }, times: Infinity });
    const from = localRegistry().requests.length;
    let cancelFirst: (() => void) | undefined;
    const { prompts } = await withPrompts(
      {
        ...YES,
        input: { 'publish.model': [model] },
        progress: { 'publish.progress': (cancel) => (cancelFirst ??= cancel) },
      },
      async (scripted) => {
        const start = () =>
          vscode.commands.executeCommand('modelRegistries.publish', vscode.Uri.file(made.path));
        const first = start();
        await until(
          () =>
            localRegistry()
              .requests.slice(from)
              .some(({ method }) => method === 'PUT'),
          'content is sent',
        );
        await start();
        assert.match(scripted.of('publish.failed.busy')[0]?.text ?? '', new RegExp(model));
        cancelFirst?.();
        await first;
      },
    );
    assert.equal(ids(prompts).at(-1), 'publish.cancelled');
  });

  it('keeps no folder of Git’s while its outcome is not looked at', async () => {
    const folder = vscode.Uri.file(modelRepository().path);
    const { TMPDIR } = process.env;
    const temporaryFolder = (process.env.TMPDIR = temporary.folder());
    const prompts = scriptedPrompts({ ...YES, input: { 'publish.model': [model] } });
    const notice: { close?: () => void } = {};
    const replaced = (await testAccess()).usePrompts({
      ...prompts,
      notify: (told) =>
        told.id === 'publish.published'
          ? new Promise((resolve) => (notice.close = () => resolve(undefined)))
          : prompts.notify(told),
    });
    try {
      const published = vscode.commands.executeCommand('modelRegistries.publish', folder);
      await until(() => notice.close !== undefined, 'the outcome is told');
      await until(
        () => !readdirSync(temporaryFolder).some((name) => name.startsWith('git-folder-')),
        'no folder of Git’s is left',
      );
      notice.close?.();
      await published;
    } finally {
      replaced.dispose();
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
    }
  });

  it('reports what travels, and ends with all of it', async () => {
    const messages: (string | undefined)[] = [];
    await publishFolder(modelRepository().path, {
      progress: { 'publish.progress': (_cancel, message) => messages.push(message) },
    });
    const uploads = messages.filter((message) => message?.startsWith('Uploading:'));
    assert.match(uploads.at(-1) ?? '', /^Uploading: 200 kB of 200 kB, \d of \d files/);
    assert.equal(
      messages.some((message) => message?.includes(token)),
      false,
    );
  });
});
