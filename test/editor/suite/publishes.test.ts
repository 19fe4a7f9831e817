import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SearchPrompt } from '../../../src/editor/prompts.ts';
import type { PublishedRecord } from '../../../src/editor/publishService.ts';
import type { OngoingRow, PublishesRow, RecordRow } from '../../../src/editor/publishes/rows.ts';
import { openRepository, type Repository, scratch } from '../../unit/snapshot/repositories.ts';
import { localRegistry } from '../localRegistry.ts';
import { openedInGitExtension } from '../openInGitExtension.ts';
import type { Script, ScriptedPrompts } from '../scriptedPrompts.ts';
import { until } from '../../setup/until.ts';
import { signIn, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';
import { trainModel } from '../trainedModel.ts';

const SCOPES = ['read_user', 'read_organizations', 'read_registries', 'read_packages', 'write_packages'];

describe('the Publishes view', () => {
  const openInGitExtension = openedInGitExtension();
  const temporary = scratch();
  let token = '';
  let count = 0;
  let model = '';

  before(async () => {
    token = localRegistry().addToken({ scopes: SCOPES, user: { name: 'Paula', email: 'paula@example.com' } });
    await useLocalRegistry();
    await signOutOfAll();
    await signIn(token);
  });
  beforeEach(async () => {
    count += 1;
    model = `acme/followed-${count}`;
    const { history, builds } = await testAccess();
    await history.clear();
    for (const { key } of builds.all) builds.forget(key);
  });
  afterEach(async () => {
    localRegistry().clearFaults();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  after(async () => {
    await (await testAccess()).history.clear();
    await signOutOfAll();
  });

  const train = (seed = ''): Repository =>
    trainModel(temporary.repository(), Buffer.alloc(200_000, `followed ${count} ${seed}`));
  const answers = (more: Script = {}, of = model): Script => ({
    ...more,
    pick: { 'publish.registry': 'models', ...more.pick },
    confirm: { 'publish.summary': true, ...more.confirm },
    input: { 'publish.model': [of], ...more.input },
  });
  const run = async (command: string, argument: unknown, script: Script): Promise<ScriptedPrompts> => {
    const { prompts } = await withPrompts(script, async () => {
      await vscode.commands.executeCommand(command, argument);
    });
    return prompts;
  };
  const publish = (made: Repository, script: Script = answers()): Promise<ScriptedPrompts> =>
    run('modelRegistries.publish', vscode.Uri.file(made.path), script);
  const published = (of = model) =>
    openRepository(localRegistry().gitDirectory(localRegistry().organization, localRegistry().registry, of));

  const rows = async (parent?: PublishesRow): Promise<PublishesRow[]> =>
    (await (await testAccess()).publishes.provider.getChildren(parent)) ?? [];
  const item = async (row: PublishesRow): Promise<vscode.TreeItem> =>
    (await testAccess()).publishes.provider.getTreeItem(row);
  const ongoing = async (): Promise<OngoingRow[]> =>
    (await rows()).filter((row): row is OngoingRow => row.kind === 'ongoing');
  const recordRow = async (): Promise<RecordRow> => {
    const found = (await rows()).find((row): row is RecordRow => row.kind === 'record');
    assert(found);
    return found;
  };
  const records = async (): Promise<readonly PublishedRecord[]> => (await testAccess()).history.records;
  const hang = (times = Infinity): void => {
    localRegistry().inject({ method: 'PUT', path: /./, fault: { kind: 'hang' }, times });
  };
  /** Resolves once the publish of that model has a file on its way. */
  const sending = (of: string): Promise<void> =>
    until(
      async () =>
        (await ongoing()).some(
          ({ publish: { destination, activity } }) =>
            destination.model === of && activity.files.some(({ doing }) => doing === 'upload'),
        ),
      `${of} has a file on its way`,
    );

  it('remembers what was published, with the numbers of it', async () => {
    const made = train();
    const from = Date.now();
    await publish(made);
    await publish(made);
    const [second, first] = await records();
    assert(first && second);
    const version = published().head();
    assert.equal(first.commit, made.head());
    assert.equal(first.subject, 'Train the model');
    assert.equal(first.repository, made.path);
    const { accountId, endpoint, ...destination } = first.destination;
    const { organization, registry, packagesUrl } = localRegistry();
    assert.deepEqual(destination, { organization, registry, model });
    assert.equal(endpoint, `${packagesUrl}/${organization}/${registry}/huggingface`);
    assert.equal(accountId, (await testAccess()).sessions.all[0]?.accountId);
    assert(first.outcome.kind === 'published' && second.outcome.kind === 'published');
    assert.deepEqual(
      { version: first.outcome.version, created: first.outcome.created, verified: first.outcome.verified },
      { version, created: true, verified: true },
    );
    assert.equal(second.outcome.created, false);
    assert(first.startedAt >= from && first.sentBytes >= 200_000, JSON.stringify(first));
    assert.equal(second.sentBytes, 0);
    assert(second.savedBytes >= 200_000);
    const { label, description, tooltip } = await item(await recordRow());
    assert.equal(label, model);
    assert.match(
      String(description),
      new RegExp(`^acme/models · ${version.slice(0, 7)} · .*Train the model$`),
    );
    assert(typeof tooltip === 'string');
    assert.match(tooltip, /^Verified: /m);
    assert.match(tooltip, /^Already in the registry: 200 kB$/m);
  });

  it('shows the stages of a publish, the file on its way, and cancels it from its row @oldest', async () => {
    hang();
    const publishing = publish(train());
    await sending(model);
    const [row] = await ongoing();
    assert(row);
    // How files are wanted is asked beside the sending.
    await until(() => row.publish.activity.stages.plan === 'done', 'the plan is made');
    const stages = await rows(row);
    assert.deepEqual(
      stages.map((stage) => stage.kind === 'stage' && `${stage.stage} ${stage.state}`),
      ['plan done', 'hash waiting', 'upload running', 'commit waiting', 'verify waiting'],
    );
    const upload = stages[2];
    assert(upload);
    const files = await rows(upload);
    assert.deepEqual(
      files.map((file) => file.kind === 'fileInFlight' && file.file.path),
      ['weights.safetensors'],
    );
    assert.match(String((await item(upload)).description), /of 200 kB, 0 of \d files/);
    assert.equal((await testAccess()).publishes.view.badge?.value, 1);
    await vscode.commands.executeCommand('modelRegistries.cancelPublish', row);
    const prompts = await publishing;
    assert.equal(prompts.of('publish.cancelled').length, 1);
    assert.deepEqual(await ongoing(), []);
    assert.equal((await testAccess()).publishes.view.badge, undefined);
    assert.deepEqual(
      (await records()).map(({ outcome }) => outcome.kind),
      ['cancelled'],
    );
  });

  it('shows a publish once, also in the moment in which it goes into the history', async () => {
    const { history, publishes } = await testAccess();
    const shown: Promise<PublishesRow[]>[] = [];
    const watching = history.onDidChange(() => shown.push(rows()));
    try {
      await publish(train());
    } finally {
      watching.dispose();
    }
    assert.equal(history.records.length, 1);
    assert.deepEqual(
      (await Promise.all(shown)).map((all) => all.length),
      [1],
    );
    assert.equal(publishes.view.badge, undefined);
  });

  it('asks which publish to cancel where VS Code passes no row', async () => {
    hang();
    const publishing = publish(train(), answers({ pick: { 'publishes.cancel': model } }));
    await sending(model);
    await vscode.commands.executeCommand('modelRegistries.cancelPublish');
    const prompts = await publishing;
    assert.equal(prompts.of('publish.cancelled').length, 1);
    await vscode.commands.executeCommand('modelRegistries.cancelPublish');
    assert.equal(prompts.of('publishes.cancel').length, 1);
  });

  it('lets several publishes wait for their turn, and lets one that waits be taken out', async () => {
    hang(1);
    const models = ['first', 'second', 'third'].map((name) => `${model}-${name}`);
    const trained = models.map((name) => train(name));
    const { prompts } = await withPrompts(answers(), async (scripted) => {
      const names = [...models];
      const replaced = (await testAccess()).usePrompts({
        ...scripted,
        search: <T>({ own }: SearchPrompt<T>) => {
          const row = own?.row(names.shift() ?? '');
          return Promise.resolve(row?.kind === 'match' ? row.value : undefined);
        },
      });
      const begin = async (index: number): Promise<void> => {
        const made = trained[index];
        assert(made);
        await vscode.commands.executeCommand('modelRegistries.publish', vscode.Uri.file(made.path));
      };
      const first = begin(0);
      await sending(models[0] ?? '');
      const second = begin(1);
      await until(async () => (await ongoing()).length === 2, 'two publishes are there');
      const third = begin(2);
      await until(async () => (await ongoing()).length === 3, 'three publishes are there');
      assert.deepEqual(
        (await ongoing()).map(({ publish: { state } }) => state),
        ['running', 'queued', 'queued'],
      );
      const [running, waiting] = await ongoing();
      await vscode.commands.executeCommand('modelRegistries.cancelPublish', waiting);
      await second;
      await vscode.commands.executeCommand('modelRegistries.cancelPublish', running);
      await Promise.all([first, third]);
      replaced.dispose();
    });
    assert.equal(prompts.of('publish.cancelled').length, 2);
    assert.equal(prompts.of('publish.published').length, 1);
    assert.equal(published(models[2]).git('log', '-1', '--format=%s'), 'Train the model');
    assert.deepEqual(
      (await records()).map(({ destination, outcome }) => `${destination.model} ${outcome.kind}`),
      [`${models[2] ?? ''} published`, `${models[0] ?? ''} cancelled`],
    );
  });

  it('opens the log of a publish, read-only and without the token, and removes it with the record @oldest', async () => {
    localRegistry().inject({
      path: /\/commit\/main/,
      fault: { kind: 'status', status: 422 },
      times: Infinity,
    });
    const prompts = await publish(train(), answers({ notify: { 'publish.failed.refused': 'showLog' } }));
    assert.equal(prompts.of('publish.failed.refused').length, 1);
    const editor = () => vscode.window.activeTextEditor;
    await until(() => editor()?.document.uri.scheme === 'model-registries-log', 'the log is open');
    const text = editor()?.document.getText() ?? '';
    assert.match(text, new RegExp(`\\[info\\] to ${model} at http`));
    assert.match(text, /stepStarted upload/);
    assert.match(text, /\[debug\] upload weights\.safetensors \(200000 bytes\)/);
    assert.match(text, /\[error\] The publish to .* failed \(refused\)/);
    assert(!text.includes(token));
    await vscode.commands.executeCommand('type', { text: 'edited' });
    assert.equal(editor()?.document.getText(), text);
    assert.equal(editor()?.document.isDirty, false);
    const row = await recordRow();
    assert.equal((await item(row)).command?.command, 'modelRegistries.openPublishLog');
    await run('modelRegistries.removePublishRecord', row, {});
    assert.deepEqual(await records(), []);
    await run('modelRegistries.openPublishLog', row, {});
    await until(
      () => editor()?.document.getText().startsWith('This log is gone') === true,
      'the log is said to be gone',
    );
  });

  it('leads from a row to the version, its page and its install command', async () => {
    await publish(train());
    const version = published().head();
    const row = await recordRow();
    const { registries } = await testAccess();
    await run('modelRegistries.showPublishedVersion', row, {});
    await until(() => {
      const [selected] = registries.view.selection;
      return selected?.kind === 'version' && selected.version.commit === version;
    }, 'the version is selected in the Registries view');
    const opened = await run('modelRegistries.openPublishedVersion', row, {});
    assert(opened.opened[0]?.startsWith(localRegistry().webUrl), opened.opened[0]);
    const copied = await run('modelRegistries.copyPublishedInstallCommand', row, {});
    assert.match(copied.copied[0] ?? '', new RegExp(version));
    assert(!(copied.copied[0] ?? '').includes(token));
  });

  it('finds a publish by what is typed, and clears the history when that is confirmed', async () => {
    await publish(train());
    await publish(train('other'), answers({}, `${model}-other`));
    let found: readonly string[] = [];
    const searched = await run('modelRegistries.searchPublishHistory', undefined, {
      search: {
        'publishes.search': async (box) => {
          await box.idle();
          assert.equal(box.rows.length, 2);
          box.type('TRAIN other');
          await box.idle();
          found = box.rows;
          box.type('nothing of the kind');
          await box.idle();
          assert.match(box.rows[0] ?? '', /nothing of the kind/);
          return undefined;
        },
      },
    });
    assert.equal(searched.of('publishes.search').length, 1);
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', new RegExp(`^${model}-other acme/models`));
    await run('modelRegistries.clearPublishHistory', undefined, {});
    assert.equal((await records()).length, 2);
    const cleared = await run('modelRegistries.clearPublishHistory', undefined, {
      confirm: { 'publishes.clear': true },
    });
    assert.match(cleared.of('publishes.clear')[0]?.text ?? '', /2 records/);
    assert.deepEqual(await records(), []);
  });

  describe('publishing again', () => {
    const ids = (prompts: ScriptedPrompts) =>
      prompts.asked.map(({ id }) => id).filter((id) => !/\.(?:snapshot|destination|plan|progress)$/.test(id));

    it('asks nothing but to confirm, from a folder and from a record', async () => {
      const made = train();
      await publish(made);
      made.write('config.json', '{"model_type":"other"}\n');
      made.commit('Second');
      const yes = { confirm: { 'publish.summary': true } };
      const again = await run('modelRegistries.publishAgain', vscode.Uri.file(made.path), yes);
      assert.deepEqual(ids(again), ['publish.summary', 'publish.published']);
      assert.match(
        again.of('publish.summary')[0]?.text ?? '',
        new RegExp(`^Publish ${model} to acme/models`),
      );

      made.write('config.json', '{"model_type":"third"}\n');
      made.commit('Third');
      await publish(made, answers({}, `${model}-elsewhere`));
      const row = (await rows()).find(
        (one): one is RecordRow => one.kind === 'record' && one.record.destination.model === model,
      );
      const fromRow = await run('modelRegistries.publishAgain', row, yes);
      assert.deepEqual(ids(fromRow), ['publish.summary', 'publish.published']);
      assert.equal(published().git('log', '-1', '--format=%s'), 'Third');
    });

    it('goes where the folder was published last, not where that was only agreed to', async () => {
      const made = train();
      await publish(made);
      made.write('config.json', '{"model_type":"other"}\n');
      made.commit('Second');
      localRegistry().inject({
        path: /\/commit\/main/,
        fault: { kind: 'status', status: 422 },
        times: Infinity,
      });
      const failed = await publish(made, answers({}, `${model}-elsewhere`));
      assert.equal(failed.of('publish.failed.refused').length, 1);
      localRegistry().clearFaults();
      const yes = { confirm: { 'publish.summary': true } };
      const again = await run('modelRegistries.publishAgain', vscode.Uri.file(made.path), yes);
      assert.match(again.of('publish.summary')[0]?.text ?? '', new RegExp(`^Publish ${model} to `));
      assert.deepEqual(ids(again), ['publish.summary', 'publish.published']);
    });

    it('asks where to for a folder that was never published', async () => {
      const prompts = await run('modelRegistries.publishAgain', vscode.Uri.file(train().path), answers());
      assert.deepEqual(ids(prompts), [
        'publish.registry',
        'publish.model',
        'publish.summary',
        'publish.published',
      ]);
    });
  });

  describe('before a publish', () => {
    /** Presses the button in the title of the diff that was opened last. */
    const publishShown = async (script: Script = {}): Promise<ScriptedPrompts> => {
      const isDiff = () => activeLabel()?.includes(model) === true;
      await until(isDiff, 'the diff is open');
      return run('modelRegistries.publishShownChanges', undefined, script);
    };
    const activeLabel = () => vscode.window.tabGroups.activeTabGroup.activeTab?.label;
    const said = (prompts: ScriptedPrompts) => prompts.of('publish.summary')[0]?.text ?? '';
    const no = () => answers({ confirm: { 'publish.summary': false } });

    it('warns of secrets without showing them, of pickles and of weights that are not in Git LFS', async () => {
      const made = train();
      const secret = `hf_${'AbCdEfGhIj'.repeat(4)}`;
      made.write('login.py', `login("${secret}")\n`);
      made.write('.env', 'A=b\n');
      made.write('more/pytorch_model.bin', Buffer.concat([Buffer.from([0x80, 4]), Buffer.alloc(150_000, 1)]));
      made.write('README.md', '# No front matter\n');
      made.commit('Careless');
      const text = said(await publish(made, no()));
      assert.match(text, /^⚠ Looks like a secret: \.env, login\.py\./m);
      assert.match(text, /^⚠ .*can run code: more\/pytorch_model\.bin\./m);
      assert.match(text, /^⚠ Large, and not in Git LFS: more\/pytorch_model\.bin\./m);
      assert.match(text, /^⚠ README\.md has no front matter/m);
      assert(!text.includes(secret));
    });

    describe('of what looks like a secret', () => {
      const careless = () => {
        const made = train();
        made.write('.env', 'A=b\n');
        made.commit('Careless');
        return made;
      };

      it('cancels where the default button is pressed, and publishes where another one is', async () => {
        const made = careless();
        const entered = await publish(made, answers({ confirm: { 'publish.summary': 'enter' } }));
        assert.deepEqual(entered.of('publish.summary')[0]?.choices, [
          ...['Cancel', 'Publish Anyway', 'Show Changes'],
        ]);
        assert.match(said(entered), /\n⚠ Looks like a secret: \.env\./);
        assert.equal(entered.asked.at(-1)?.id, 'publish.summary');
        assert.deepEqual(await records(), []);
        await publish(made);
        assert.equal(published().git('log', '-1', '--format=%s'), 'Careless');
      });

      it('asks again after a look at the changes', async () => {
        const looks = answers({ confirm: { 'publish.summary': 'other' } });
        await publish(careless(), looks);
        const again = await publishShown(looks);
        assert.equal(again.of('publish.summary').length, 1);
        assert.deepEqual(await records(), []);
      });
    });

    it('publishes at Enter where nothing looks like a secret', async () => {
      await publish(train(), answers({ confirm: { 'publish.summary': 'enter' } }));
      assert.equal(published().git('log', '-1', '--format=%s'), 'Train the model');
    });

    it('says that a registry is public, and nothing of one that is not', async () => {
      const { organization } = localRegistry();
      localRegistry().addRegistry(organization, 'Open shelf', 'huggingface', {
        public: true,
      });
      await vscode.commands.executeCommand('modelRegistries.refresh');
      const made = train();
      const open = await publish(made, { ...no(), pick: { 'publish.registry': 'Open shelf' } });
      assert.match(said(open), /^Visibility: public\. Everyone can read/m);
      assert.doesNotMatch(said(await publish(made, no())), /public/i);
    });

    it('warns of commits that are not pushed, as the Git extension knows @oldest', async () => {
      const made = train();
      const upstream = openRepository(temporary.folder());
      upstream.git('init', '--quiet', '--bare');
      made.git('remote', 'add', 'origin', upstream.path);
      made.git('push', '--quiet', '--set-upstream', 'origin', 'main');
      made.write('config.json', '{}\n');
      made.commit('Not pushed');
      const opened = await openInGitExtension(made.path);
      await until(
        () => opened.state.HEAD?.ahead === 1,
        'the Git extension counts the commit that is not pushed',
      );
      assert.match(said(await publish(made, no())), /^⚠ One commit is not pushed to Git yet/m);
    });

    it('has no warning where there is nothing to beware of', async () => {
      assert(!said(await publish(train(), no())).includes('⚠'));
    });

    it('shows the changes of a repository that Source Control alone has open, as one around the workspace', async () => {
      const made = train();
      await openInGitExtension(made.path);
      const looks = answers({ confirm: { 'publish.summary': 'other' } });
      await run('modelRegistries.publish', { id: 'git', rootUri: vscode.Uri.file(made.path) }, looks);
      const config = () =>
        vscode.workspace.textDocuments.find(
          ({ uri }) =>
            uri.authority === 'head' && uri.path === '/config.json' && uri.query.includes(made.head()),
        );
      await until(() => config() !== undefined, 'config.json of HEAD is shown');
      assert.equal(config()?.getText(), `${made.git('show', 'HEAD:config.json')}\n`);
    });

    it('tells what really travels', async () => {
      const made = train();
      await publish(made);
      made.git('mv', 'weights.safetensors', 'model.safetensors');
      made.write('config.json', '{}\n');
      made.commit('Move');
      const text = said(await publish(made, no()));
      assert.match(text, /^To upload: 3 B\nAlready in registry: 200 kB$/m);
      assert.match(text, /^Files: 1 new, 1 changed, 1 deleted, 2 unchanged$/m);
    });

    it('publishes what a diff shows to where that was planned, beside a diff for another registry', async () => {
      const made = train();
      const { organization } = localRegistry();
      const other = localRegistry().addRegistry(organization, `Other ${count}`, 'huggingface').slug;
      await vscode.commands.executeCommand('modelRegistries.refresh');
      const looks = answers({ confirm: { 'publish.summary': 'other' } });
      for (const registry of ['models', `Other ${count}`]) {
        await publish(made, { ...looks, pick: { 'publish.registry': registry } });
        const isOpen = () =>
          vscode.window.tabGroups.activeTabGroup.tabs.filter(({ label }) => label.includes(model)).length ===
          (registry === 'models' ? 1 : 2);
        await until(isOpen, `the changes for ${registry} are open`);
        await vscode.commands.executeCommand('workbench.action.keepEditor');
      }
      const labels = vscode.window.tabGroups.activeTabGroup.tabs.map(({ label }) => label);
      await vscode.commands.executeCommand('workbench.action.openEditorAtIndex1');
      await until(() => activeLabel() === labels[0], 'the first diff is shown');
      const prompts = await publishShown();
      assert.equal(prompts.of('publish.published').length, 1, JSON.stringify(prompts.asked));
      const [record] = await records();
      assert.equal(record?.destination.registry, localRegistry().registry);
      assert.notEqual(record.destination.registry, other);
    });

    it('shows the changes, and then publishes what was shown without asking twice', async () => {
      const made = train();
      await publish(made);
      made.write('config.json', '{"model_type":"other"}\n');
      made.commit('Second');
      const looked = await publish(made, answers({ confirm: { 'publish.summary': 'other' } }));
      assert.deepEqual(looked.of('publish.summary')[0]?.choices, ['Publish', 'Show Changes']);
      assert.equal(looked.asked.at(-1)?.id, 'publish.summary');
      assert.equal((await records()).length, 1, 'who looks publishes nothing yet');
      const prompts = await publishShown();
      assert.equal(prompts.of('publish.summary').length, 0);
      assert.equal(prompts.of('publish.published').length, 1);
      assert.deepEqual((await publishShown()).asked, [], 'the button is gone');
      const labels = () => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
      await until(
        () => labels().some((label) => label.includes(`${model}@`) && label.includes('HEAD of')),
        'the changes are open in a tab',
      );
      assert.equal(published().git('log', '-1', '--format=%s'), 'Second');
    });
  });

  describe('the template of commit messages', () => {
    const configure = async (value: string | undefined): Promise<void> => {
      await vscode.workspace
        .getConfiguration('modelRegistries')
        .update('commitMessage', value, vscode.ConfigurationTarget.Global);
    };
    afterEach(() => configure(undefined));

    it('makes the message of the registry', async () => {
      await configure('{model}: {subject} ({shortSha})\n\nFrom {branch}');
      const made = train();
      const prompts = await publish(made);
      const sha = made.head().slice(0, 7);
      assert.match(
        prompts.of('publish.summary')[0]?.text ?? '',
        new RegExp(`^Message: ${model}: Train the model \\(${sha}\\) From main$`, 'm'),
      );
      const message = published().git('log', '-1', '--format=%B');
      assert(message.startsWith(`${model}: Train the model (${sha})\n\nFrom main\n`), message);
    });

    it('is refused with the name of the setting where it names what there is not', async () => {
      await configure('{verison}');
      const prompts = await publish(train());
      assert.match(
        prompts.of('publish.failed.refused')[0]?.text ?? '',
        /modelRegistries\.commitMessage.*\{verison\}/,
      );
    });
  });
});
