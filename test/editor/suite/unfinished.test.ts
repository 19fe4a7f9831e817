import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { pointerTo, scratch, storeObject, type Repository } from '../../unit/snapshot/repositories.ts';
import { inWorkspace } from '../inWorkspace.ts';
import { localRegistry } from '../localRegistry.ts';
import type { Script, ScriptedPrompts } from '../scriptedPrompts.ts';
import { until } from '../../setup/until.ts';
import type { InterruptedRow } from '../../../src/editor/publishes/rows.ts';
import { extension, signIn, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';

const SCOPES = ['read_user', 'read_organizations', 'read_registries', 'read_packages', 'write_packages'];
const OFFER = 'publish.interrupted';

describe('a publish that was cut short', () => {
  const place = inWorkspace();
  const temporary = scratch();
  let made: Repository;
  let model = '';
  let count = 0;

  before(async () => {
    const token = localRegistry().addToken({
      scopes: SCOPES,
      user: { name: 'Una', email: 'una@example.com' },
    });
    await useLocalRegistry();
    await signOutOfAll();
    await signIn(token);
  });
  beforeEach(async () => {
    count += 1;
    model = `acme/unfinished-${count}`;
    made = temporary.repository(place(`unfinished-${count}`));
    const weights = Buffer.alloc(100_000, `weights ${count} `);
    made.write('.gitattributes', '*.safetensors filter=lfs diff=lfs merge=lfs -text\n');
    made.git('config', 'filter.lfs.clean', 'cat');
    made.write('weights.safetensors', pointerTo(weights));
    storeObject(path.join(made.path, '.git', 'lfs'), weights);
    made.write('README.md', '# A model\n');
    made.commit('Train the model');
    await forgetAll();
  });
  afterEach(async () => {
    localRegistry().clearFaults();
    await forgetAll();
  });
  after(signOutOfAll);

  const forgetAll = async (): Promise<void> => {
    const { journals } = await testAccess();
    for (const { id } of await journals.unfinished()) await journals.dismiss(id);
  };
  const left = async (): Promise<string[]> =>
    (await (await testAccess()).journals.unfinished()).map(({ model: of }) => of);
  const answers = (of = model): Script => ({
    pick: { 'publish.registry': 'models' },
    confirm: { 'publish.summary': true },
    input: { 'publish.model': [of] },
  });
  const publish = (repository: Repository, script: Script = answers()) =>
    withPrompts(script, async () => {
      await vscode.commands.executeCommand('modelRegistries.publish', vscode.Uri.file(repository.path));
    });
  /** Objects arrive, the commit does not, which is told. */
  const fail = async (repository: Repository = made, script: Script = answers()): Promise<void> => {
    localRegistry().inject({
      path: /\/commit\/main/,
      fault: { kind: 'status', status: 422 },
      times: Infinity,
    });
    const { prompts } = await publish(repository, script);
    assert.equal(prompts.of('publish.failed.refused').length, 1);
    localRegistry().clearFaults();
  };
  /** The same, as if the window had gone before it was told. */
  const cutShort = async (repository: Repository = made, of = model): Promise<void> => {
    await fail(repository, answers(of));
    const { journalFolder } = await testAccess();
    for (const name of await readdir(journalFolder)) {
      const file = path.join(journalFolder, name);
      const journal = JSON.parse(await readFile(file, 'utf8')) as { readonly model: string };
      const gone = { ...journal, process: { id: 1, systemStartedAt: 0 } };
      if (journal.model === of) await writeFile(file, JSON.stringify(gone));
    }
  };
  /** What a window that opens then does. */
  const offered = async (script: Script): Promise<ScriptedPrompts> => {
    const access = await testAccess();
    return (await withPrompts(script, () => access.offerInterrupted())).prompts;
  };
  const rows = async (): Promise<readonly InterruptedRow[]> => {
    const all = (await (await testAccess()).publishes.provider.getChildren()) ?? [];
    return all.filter((row): row is InterruptedRow => row.kind === 'interrupted');
  };
  const uploads = (from: number) =>
    localRegistry()
      .requests.slice(from)
      .filter(({ method, path: address }) => method === 'PUT' && address.startsWith('/uploads/'));
  const shown = (of: string): string[] =>
    made
      .git(
        ...[
          '--git-dir',
          localRegistry().gitDirectory(localRegistry().organization, localRegistry().registry, of),
        ],
        ...['ls-tree', '-r', '--name-only', 'main'],
      )
      .split('\n');

  it('is offered again without the view or a command being used', async () => {
    const { activationEvents } = extension().packageJSON as { readonly activationEvents: readonly string[] };
    assert(activationEvents.includes('onStartupFinished'));
    await until(() => extension().isActive, 'the extension is active');
  });

  it('is published when that is accepted: only what is missing goes, and nothing is left to offer @oldest', async () => {
    await cutShort();
    assert.deepEqual(await left(), [model]);
    const from = localRegistry().requests.length;
    const prompts = await offered({ ...answers(), notify: { [OFFER]: 'resume' } });
    const [notice] = prompts.of(OFFER);
    const { organization, registry } = localRegistry();
    assert(notice?.text.includes(model) && notice.text.includes(`${organization}/${registry}`), notice?.text);
    assert.deepEqual(notice?.choices, ['resume', 'discard']);
    assert.equal(prompts.of('publish.published').length, 1);
    assert.deepEqual(uploads(from), []);
    assert.deepEqual(shown(model), ['.gitattributes', 'README.md', 'weights.safetensors']);
    assert.deepEqual(await left(), []);
    assert.deepEqual((await offered({})).of(OFFER), []);
  });

  it('is not offered where its failure was told: that stands in the history', async () => {
    await fail();
    assert.deepEqual(await left(), [model]);
    assert.deepEqual((await offered({})).of(OFFER), []);
    assert.deepEqual(await rows(), []);
  });

  it('stays in the history where its offer was closed, and is resumed or discarded there', async () => {
    await cutShort();
    assert.equal((await offered({})).of(OFFER).length, 1);
    assert.deepEqual((await offered({})).of(OFFER), []);
    const { publishes } = await testAccess();
    const [row] = await rows();
    assert(row);
    const item = await publishes.provider.getTreeItem(row);
    assert.equal(item.label, model);
    assert.match(String(item.description), /^acme\/models · interrupted · /);
    const { prompts } = await withPrompts(answers(), async () => {
      await vscode.commands.executeCommand('modelRegistries.resumePublish', row);
    });
    assert.equal(prompts.of('publish.published').length, 1);
    assert.deepEqual(await rows(), []);

    model += '-other';
    await cutShort();
    assert.equal((await offered({ notify: { [OFFER]: 'discard' } })).of(OFFER).length, 1);
    assert.deepEqual([await left(), await rows()], [[], []]);
    await cutShort();
    assert.equal((await offered({})).of(OFFER).length, 1);
    await vscode.commands.executeCommand('modelRegistries.discardPublish', (await rows())[0]);
    assert.deepEqual([await left(), await rows()], [[], []]);
  });

  it('is offered beside others: none waits for an answer to another', async () => {
    await cutShort();
    await cutShort(made, `${model}-later`);
    const access = await testAccess();
    const asked: string[] = [];
    await withPrompts({}, async (scripted) => {
      const waiting = access.usePrompts({
        ...scripted,
        notify: ({ message }) => {
          asked.push(message);
          return new Promise(() => undefined);
        },
      });
      void access.offerInterrupted();
      await until(() => asked.length === 2, 'both are offered');
      waiting.dispose();
    });
    // What is told last is at the top.
    assert.match(asked[1] ?? '', new RegExp(`^Publishing ${model}-later to `));
  });

  it('is not offered in a window of other folders', async () => {
    const elsewhere = temporary.repository();
    elsewhere.write('README.md', '# Elsewhere\n');
    elsewhere.commit('Elsewhere');
    await cutShort(elsewhere);
    assert.deepEqual(await left(), [model]);
    assert.deepEqual((await offered({})).of(OFFER), []);
  });

  it('goes where it was to go, wherever the folder was published since', async () => {
    await cutShort();
    await publish(made, answers('acme/unfinished-elsewhere'));
    assert.deepEqual(await left(), [model]);
    const prompts = await offered({ ...answers(), notify: { [OFFER]: 'resume' } });
    assert.match(prompts.of('publish.summary')[0]?.text ?? '', new RegExp(`^Publish ${model} to `));
    assert.deepEqual(prompts.of('publish.model'), []);
    assert.equal(prompts.of('publish.published').length, 1);
    assert.deepEqual(await left(), []);
  });
});
