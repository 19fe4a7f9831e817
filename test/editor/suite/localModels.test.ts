import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import {
  LOCAL_MODELS_MIME,
  localModelsDrag,
  registriesDrop,
} from '../../../src/editor/localModels/dragAndDrop.ts';
import type { LocalModels } from '../../../src/editor/localModels/localModels.ts';
import type { LocalModelRow, LocalRow } from '../../../src/editor/localModels/rows.ts';
import { WorkspaceModels } from '../../../src/editor/localModels/workspaceModels.ts';
import type { ModelRow, RegistryRow, Row } from '../../../src/editor/rows.ts';
import { cacheModel, MODEL } from '../../unit/snapshot/caches.ts';
import {
  openRepository,
  pointerTo,
  scratch,
  silent,
  storeObject,
  type Repository,
} from '../../unit/snapshot/repositories.ts';
import { inWorkspace, workspaceFolder } from '../inWorkspace.ts';
import { localRegistry } from '../localRegistry.ts';
import type { Script, ScriptedPrompts } from '../scriptedPrompts.ts';
import { until } from '../../setup/until.ts';
import { setting, signIn, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';

describe('local models', () => {
  const place = inWorkspace();
  const temporary = scratch();
  let local: LocalModels;
  let count = 0;
  /** The folder of a model that no other test has, in the workspace, and its name. */
  let folder = '';
  let name = '';
  let cacheBefore: string | undefined;

  const rows = async (row?: LocalRow) => (await local.view.provider.getChildren(row))!;
  const itemOf = (row: LocalRow) => local.view.provider.getTreeItem(row) as vscode.TreeItem;
  const labels = async (row?: LocalRow) => (await rows(row)).map((one) => itemOf(one).label as string);
  const rowOf = async (label: string, parent?: LocalRow): Promise<LocalModelRow> => {
    const below = await rows(parent);
    const found = below.find((row) => itemOf(row).label === label);
    assert(found?.kind === 'localModel', `${label} is not among ${String(await labels(parent))}`);
    return found;
  };
  /** What the row of the test's model says beside its name, in parts. */
  const parts = async (label = name): Promise<readonly string[]> => {
    const row = (await rows()).find((one) => itemOf(one).label === label);
    return row ? String(itemOf(row).description ?? '').split(' · ') : [];
  };
  const weights = () => Buffer.alloc(200_000, `local ${count} `);
  /** A model in the workspace, committed, its weights in Git LFS. */
  const modelRepository = (where = folder): Repository => {
    mkdirSync(where, { recursive: true });
    const made = openRepository(where);
    made.git('init', '--quiet', '--initial-branch=main');
    made.git('config', 'filter.lfs.clean', 'cat');
    made.write('config.json', `{"model_type":"test","n":${count}}`);
    made.write('.gitattributes', '*.safetensors filter=lfs diff=lfs merge=lfs -text\n');
    made.write('weights.safetensors', pointerTo(weights()));
    storeObject(path.join(made.path, '.git', 'lfs'), weights());
    made.commit('Train the model');
    return made;
  };
  const short = (made: Repository) => made.head().slice(0, 7);
  const shows = async (made: Repository, ...expected: readonly string[]) => {
    const wanted = [short(made), ...expected];
    await until(
      async () => {
        const shown = await parts();
        return wanted.every((part) => shown.includes(part));
      },
      `${name} shows ${wanted.join(', ')}`,
    );
  };
  const answers = (script: Script = {}): Script => ({
    ...script,
    pick: { 'publish.registry': 'models', ...script.pick },
    confirm: { 'publish.summary': true },
    input: { 'publish.model': [`acme/${name}`] },
  });
  const publish = async (argument: unknown, script?: Script): Promise<ScriptedPrompts> => {
    const { prompts } = await withPrompts(answers(script), async () => {
      await vscode.commands.executeCommand('modelRegistries.publish', argument);
    });
    assert.equal(prompts.of('publish.published').length, 1, prompts.asked.map(({ id }) => id).join(', '));
    return prompts;
  };
  const registryRow = async (): Promise<RegistryRow> => {
    const [session] = (await testAccess()).sessions.all;
    assert(session);
    const { organization, registry: slug } = localRegistry();
    const registry = await session.host.listing.registry(organization, slug, new AbortController().signal);
    return { kind: 'registry', session, registry };
  };
  /** Loads the versions of a model in the Registries view, as unfolding it does. */
  const unfold = async (model: string): Promise<readonly Row[]> => {
    const { registries } = await testAccess();
    const row: ModelRow = { ...(await registryRow()), kind: 'model', model };
    return (await registries.provider.getChildren(row))!;
  };
  const textOf = (tooltip: string | vscode.MarkdownString | undefined) => {
    assert(typeof tooltip === 'string');
    return tooltip;
  };
  const statusText = () => local.head.item.text;
  const open = async (file: string) => {
    await vscode.window.showTextDocument(vscode.Uri.file(file), { preview: false });
  };

  before(async () => {
    local = (await testAccess()).localModels;
    cacheBefore = process.env.HF_HUB_CACHE;
    await useLocalRegistry();
    await signOutOfAll();
    await signIn(
      localRegistry().addToken({
        scopes: ['read_user', 'read_organizations', 'read_registries', 'read_packages', 'write_packages'],
        user: { name: 'Lola Local', email: 'lola@example.com' },
      }),
    );
  });
  beforeEach(async () => {
    count += 1;
    name = `local-${count}`;
    folder = place(name);
    process.env.HF_HUB_CACHE = path.join(temporary.folder(), 'none');
    await local.view.refresh();
  });
  afterEach(async () => {
    await (await testAccess()).history.clear();
    await setting('showHead', undefined);
    await setting('explorerDecorations', undefined);
  });
  after(async () => {
    if (cacheBefore === undefined) delete process.env.HF_HUB_CACHE;
    else process.env.HF_HUB_CACHE = cacheBefore;
    await signOutOfAll();
  });

  it('lists the models of the workspace with commit, branch, size and state, before anything is published', async () => {
    assert.deepEqual(await labels(), ['language-detection']);
    const [row] = await rows();
    assert(row);
    await until(() => String(itemOf(row).description).includes('kB'), 'the row tells its size');
    const [commit, state, branch, size] = String(itemOf(row).description).split(' · ');
    assert.match(commit ?? '', /^[0-9a-f]{7}$/);
    assert.deepEqual([branch, state], ['main', 'not published']);
    // The content of the LFS object, not its pointer.
    assert.match(size ?? '', /^9\d\d kB$/);
    assert.deepEqual(await labels(row), ['Not published yet']);
  });

  it('finds a model when it comes, and loses it when it goes', async () => {
    mkdirSync(path.join(folder, 'node_modules', 'x'), { recursive: true });
    writeFileSync(path.join(folder, 'node_modules', 'x', 'model.onnx'), '');
    writeFileSync(path.join(folder, 'config.json'), '{"port":1}');
    mkdirSync(path.join(folder, 'inner'));
    writeFileSync(path.join(folder, 'inner', 'model.gguf'), 'x');
    await until(async () => (await labels()).includes('inner'), 'the model in it is listed');
    assert.deepEqual(await parts('inner').then((all) => all.at(-1)), name);
    assert((await parts('inner')).includes('not in Git'));
    await until(async () => (await parts('inner')).includes('1 B'), 'its size is told');
    await until(async () => {
      // The whole folder: VS Code's watcher may never look into one that was made in quick succession with what is above it.
      rmSync(path.join(folder, 'inner'), { recursive: true });
      mkdirSync(path.join(folder, 'inner'));
      writeFileSync(path.join(folder, 'inner', 'model.gguf'), 'x'.repeat(2000));
      const isTold = until(async () => (await parts('inner')).includes('2 kB'), 'it is', 2000);
      return isTold.then(
        () => true,
        () => false,
      );
    }, 'its size is told anew');
    writeFileSync(path.join(folder, 'config.json'), '{"model_type":"x"}');
    await until(
      async () => (await labels()).includes(name) && !(await labels()).includes('inner'),
      'the model is listed in place of the one in it',
    );
    rmSync(folder, { recursive: true });
    await until(async () => !(await labels()).includes(name), 'the model is gone');
  });

  it('asks Git of a new folder alone, and of none of the models that were there', async () => {
    const asked: string[] = [];
    const models = new WorkspaceModels({ ...silent, trace: (message) => asked.push(message) });
    try {
      await models.ready;
      const [there] = models.all;
      assert(there);
      // Each of its HEADs is looked at once, when it tells them.
      await until(() => models.uncommitted(there) !== undefined, 'the Git extension knows the repository');
      await models.refresh();
      asked.length = 0;
      mkdirSync(path.join(folder, 'inner'), { recursive: true });
      writeFileSync(path.join(folder, 'inner', 'model.gguf'), '');
      await until(() => models.all.some((model) => model.name === 'inner'), 'the new model is found');
      // Which is in no repository, and so has no HEAD that Git is asked for.
      assert(asked.length > 0);
      assert.deepEqual(
        asked.filter((question) => question.includes('HEAD')),
        [],
      );
    } finally {
      models.dispose();
    }
  });

  it('does not look where files.exclude hides', async () => {
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'model.pt'), '');
    await until(async () => (await labels()).includes(name), 'the model is listed');
    const files = vscode.workspace.getConfiguration('files');
    await files.update('exclude', { [`**/${name}`]: true }, vscode.ConfigurationTarget.Global);
    try {
      await until(async () => !(await labels()).includes(name), 'the model is hidden');
    } finally {
      await files.update('exclude', undefined, vscode.ConfigurationTarget.Global);
    }
    await until(async () => (await labels()).includes(name), 'the model is listed again');
  });

  it('follows git init, commits and checkouts, in a repository that the editor does not have open, too @oldest', async () => {
    const deep = path.join(folder, 'deep', 'er', name);
    const made = modelRepository(deep);
    await shows(made, 'main', 'not published', '200 kB', `${name}/deep/er`);
    made.write('config.json', '{"model_type":"test","more":true}');
    const second = made.commit('Second');
    await shows(made, 'main');
    made.git('checkout', '--quiet', '-b', 'next');
    await shows(made, 'next');
    made.git('checkout', '--quiet', 'HEAD~1');
    await until(
      async () => (await parts()).includes(short(made)) && !(await parts()).includes('next'),
      'the row shows the commit, and no branch',
    );
    assert.notEqual(made.head(), second);
  });

  it('says where a commit was published, and lists its publications', async () => {
    const made = modelRepository();
    await shows(made, 'not published');
    await publish(await rowOf(name));
    const { organization, registry } = localRegistry();
    const copy = openRepository(localRegistry().gitDirectory(organization, registry, `acme/${name}`));
    await shows(made, `published to ${organization}/${registry} as ${short(copy)}`);
    const row = await rowOf(name);
    const [publication, ...others] = await rows(row);
    assert(publication?.kind === 'publication' && others.length === 0);
    assert.equal(publication.publication.version, copy.head());
    assert.equal(itemOf(publication).label, `acme/${name}`);
    assert.match(
      String(itemOf(publication).description),
      new RegExp(`^HEAD · .* · ${short(copy)} \\(Git ${short(made)}\\) · now$`),
    );
    assert.match(
      textOf(itemOf(row).tooltip),
      new RegExp(`^Published to ${organization}/${registry} as`, 'm'),
    );

    made.write('config.json', '{"model_type":"test","next":true}');
    made.commit('Next');
    await shows(made, 'not published');
    const [earlier] = await rows(await rowOf(name));
    assert(earlier?.kind === 'publication');
    assert.doesNotMatch(String(itemOf(earlier).description), /HEAD/);
  });

  it('shows a publication in the Registries view', async () => {
    const made = modelRepository();
    await shows(made);
    await publish(await rowOf(name));
    const [publication] = await rows(await rowOf(name));
    assert(publication?.kind === 'publication');
    const { command, arguments: args } = itemOf(publication).command!;
    await vscode.commands.executeCommand(command, ...(args as unknown[]));
    const { registries } = await testAccess();
    await until(() => {
      const [selected] = registries.view.selection;
      return selected?.kind === 'version' && selected.version.commit === publication.publication.version;
    }, 'the version is selected in the Registries view');
  });

  it('knows from the Registries view what was published elsewhere, and asks for nothing itself', async () => {
    const made = modelRepository();
    await shows(made);
    await publish(await rowOf(name));
    const { history } = await testAccess();
    await vscode.commands.executeCommand('workbench.view.explorer');
    await signOutOfAll();
    await history.clear();
    await shows(made, 'not published');
    await signIn(localRegistry().token);
    const before = localRegistry().requests.length;
    await rows(await rowOf(name));
    await local.view.refresh();
    assert.equal(localRegistry().requests.length, before);
    await vscode.commands.executeCommand('modelRegistries.registries.focus');
    await unfold(`acme/${name}`);
    const { organization, registry } = localRegistry();
    const copy = openRepository(localRegistry().gitDirectory(organization, registry, `acme/${name}`));
    await shows(made, `published to ${organization}/${registry} as ${short(copy)}`);
  });

  it('lists the snapshots of the Hugging Face cache, with sizes, and publishes one', async () => {
    const cache = temporary.folder();
    const cached = cacheModel(cache, MODEL, { model: `acme/${name}` });
    process.env.HF_HUB_CACHE = cache;
    await local.view.refresh();
    const group = (await rows()).find((row) => row.kind === 'cache');
    assert(group);
    const row = await rowOf(`acme/${name}`, group);
    await until(() => String(itemOf(row).description).includes('kB'), 'the row tells its size');
    assert.match(String(itemOf(row).description), /^c0ffee0 · downloaded · main · \d+ kB$/);
    await publish(row);
    const { organization, registry } = localRegistry();
    assert.match(
      String(itemOf(await rowOf(`acme/${name}`, group)).description),
      new RegExp(` · published to ${organization}/${registry} as [0-9a-f]{7} · `),
    );
    assert.equal(realpathSync(row.model.folder), realpathSync(cached.snapshot));
  });

  it('publishes a model that is dropped onto a registry, or onto a model in it', async () => {
    const made = modelRepository();
    await shows(made);
    const drop = async (target: Row) => {
      const data = new vscode.DataTransfer();
      const { token } = new vscode.CancellationTokenSource();
      await localModelsDrag.handleDrag?.([await rowOf(name)], data, token);
      assert(data.get(LOCAL_MODELS_MIME));
      const { prompts } = await withPrompts(answers(), async () => {
        await registriesDrop.handleDrop?.(target, data, token);
      });
      return prompts;
    };
    const onto = await registryRow();
    const dropped = await drop(onto);
    assert.equal(dropped.of('publish.published').length, 1);
    assert.equal(dropped.of('publish.registry').length, 0);
    const again = await drop({ ...onto, kind: 'model', model: `acme/${name}` });
    assert.equal(again.of('publish.alreadyThere').length, 1);
    const nowhere = await drop({
      kind: 'organization',
      session: onto.session,
      organization: { slug: 'acme', name: 'Acme', webUrl: undefined },
    });
    assert.deepEqual(nowhere.asked, []);
  });

  it('copies the commit of a row, and shows its folder in the Explorer', async () => {
    const made = modelRepository();
    await shows(made);
    const row = await rowOf(name);
    const { prompts } = await withPrompts({}, async () => {
      await vscode.commands.executeCommand('modelRegistries.copySha', row);
    });
    assert.deepEqual(prompts.copied, [made.head()]);
    await vscode.commands.executeCommand('workbench.view.scm');
    await vscode.commands.executeCommand('modelRegistries.revealInExplorer', row);
    const clipboard = await vscode.env.clipboard.readText();
    await until(async () => {
      await vscode.commands.executeCommand('copyFilePath');
      return (await vscode.env.clipboard.readText()) === folder;
    }, 'the folder is selected in the Explorer');
    await vscode.env.clipboard.writeText(clipboard);
  });

  it('shows the commands of where a model went last, and asks where it never went', async () => {
    const made = modelRepository();
    await shows(made);
    const instructions = async () => {
      const { prompts } = await withPrompts({}, async () => {
        await vscode.commands.executeCommand('modelRegistries.showInstructions', await rowOf(name));
      });
      return prompts.asked.map(({ id }) => id);
    };
    assert.deepEqual(await instructions(), ['instructions.registry']);
    await publish(await rowOf(name));
    assert.deepEqual(await instructions(), ['localModels.registry']);
    await until(() => {
      const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
      return tabs.some(({ input, label }) => input instanceof vscode.TabInputWebview && label.includes(name));
    }, 'the panel of the commands is open');
  });

  describe('HEAD in the status bar', () => {
    it('is that of the active editor, or of the first model, and follows commits, publishes and edits @oldest', async () => {
      const made = modelRepository();
      await shows(made);
      await open(path.join(folder, 'config.json'));
      await until(
        () => statusText() === `$(package) ${name}: not published`,
        'HEAD is shown as not published',
      );
      made.write('config.json', '{"model_type":"test","edited":true}');
      made.write('new.txt', 'x');
      await until(
        () => statusText() === `$(package) ${name}*: not published`,
        'HEAD has the star of uncommitted changes',
      );
      await until(
        () => /^Uncommitted changes: 2$/m.test(textOf(local.head.item.tooltip)),
        'the tooltip counts two uncommitted changes',
      );
      made.commit('Commit them');
      await until(
        () => statusText() === `$(package) ${name}: not published`,
        'the new HEAD is shown as not published',
      );
      const release = new AbortController();
      const commit = { method: 'POST', path: /\/commit\// };
      localRegistry().inject({ ...commit, fault: { kind: 'hold', until: once(release.signal, 'abort') } });
      const publishing = publish(vscode.Uri.file(folder));
      await until(
        () => statusText() === `$(package) ${name}: publishing`,
        'HEAD is shown as being published',
      );
      release.abort();
      await publishing;
      await until(() => statusText() === `$(package) ${name}: published`, 'HEAD is shown as published');
      const { organization, registry } = localRegistry();
      assert.match(
        textOf(local.head.item.tooltip),
        new RegExp(`${organization}/${registry} as acme/${name}`),
      );
      made.git('checkout', '--quiet', '-b', 'other', 'HEAD~1');
      await until(
        () => statusText() === `$(package) ${name}: not published`,
        'HEAD of the other branch is shown as not published',
      );
      await open(path.join(workspaceFolder(), 'language-detection', 'model.json'));
      await until(() => local.head.model?.name === 'language-detection', 'HEAD is that of the other model');
      assert.equal(local.head.visible, true);
    });

    it('offers what can be done with it', async () => {
      const made = modelRepository();
      await shows(made);
      await open(path.join(folder, 'config.json'));
      await until(() => local.head.model?.name === name, 'HEAD is that of the model');
      const act = async (label: string) => {
        const { prompts } = await withPrompts(answers({ pick: { 'head.actions': label } }), async () => {
          await vscode.commands.executeCommand('modelRegistries.showHead');
        });
        return prompts;
      };
      const first = await act('Copy Commit SHA');
      assert.deepEqual(first.of('head.actions')[0]?.choices, ['Publish…', 'Copy Commit SHA']);
      assert.deepEqual(first.copied, [made.head()]);
      assert.equal((await act('Publish…')).of('publish.published').length, 1);
      made.write('config.json', '{"model_type":"test","again":true}');
      made.commit('Again');
      await shows(made, 'not published');
      const again = await act('Publish Again');
      assert.deepEqual(again.of('head.actions')[0]?.choices, [
        'Publish…',
        'Publish Again',
        'Show in Registries',
        'Copy Commit SHA',
      ]);
      assert.equal(again.of('publish.published').length, 1);
      assert.deepEqual([...again.of('publish.registry'), ...again.of('publish.model')], []);
      await act('Show in Registries');
      const { registries } = await testAccess();
      const copy = openRepository(
        localRegistry().gitDirectory(localRegistry().organization, localRegistry().registry, `acme/${name}`),
      );
      await until(() => {
        const [selected] = registries.view.selection;
        return selected?.kind === 'version' && selected.version.commit === copy.head();
      }, 'the version is selected in the Registries view');
    });

    it('can be turned off', async () => {
      assert.equal(local.head.visible, true);
      await setting('showHead', false);
      await until(() => !local.head.visible, 'HEAD is hidden');
      await setting('showHead', undefined);
      await until(() => local.head.visible, 'HEAD is shown');
    });
  });

  describe('the marks in the Explorer', () => {
    const badge = (file = folder) => local.decorations.provideFileDecoration(vscode.Uri.file(file))?.badge;

    it('stand on folders of models whose HEAD is not published @oldest', async () => {
      const made = modelRepository();
      await shows(made);
      assert.equal(badge(), '↑');
      assert.equal(badge(path.join(folder, 'config.json')), undefined);
      assert.equal(badge(workspaceFolder()), undefined);
      await publish(vscode.Uri.file(folder));
      await until(() => badge() === undefined, 'the mark is gone');
      made.write('config.json', '{"model_type":"test","next":true}');
      made.commit('Next');
      await until(() => badge() === '↑', 'the mark is there again');
    });

    it('can be turned off, and are not there while nobody is signed in', async () => {
      const made = modelRepository();
      await shows(made);
      await setting('explorerDecorations', false);
      assert.equal(badge(), undefined);
      await setting('explorerDecorations', undefined);
      assert.equal(badge(), '↑');
      await signOutOfAll();
      assert.equal(badge(), undefined);
      await signIn(localRegistry().token);
    });
  });
});
