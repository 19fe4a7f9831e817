import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { pointerTo, scratch, storeObject, type Repository } from '../../unit/snapshot/repositories.ts';
import { inWorkspace } from '../inWorkspace.ts';
import { localRegistry } from '../localRegistry.ts';
import type { Script, ScriptedPrompts } from '../scriptedPrompts.ts';
import { until } from '../../setup/until.ts';
import { extension, signIn, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';

const SCOPES = ['read_user', 'read_organizations', 'read_registries', 'read_packages', 'write_packages'];
const OFFER = 'publish.unfinished';

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
  /** Objects arrive, the commit does not. */
  const cutShort = async (repository: Repository = made): Promise<void> => {
    localRegistry().inject({
      path: /\/commit\/main/,
      fault: { kind: 'status', status: 422 },
      times: Infinity,
    });
    const { prompts } = await publish(repository);
    assert.equal(prompts.of('publish.failed.refused').length, 1);
    localRegistry().clearFaults();
  };
  /** What a window that opens then does. */
  const offered = async (script: Script): Promise<ScriptedPrompts> => {
    const access = await testAccess();
    return (await withPrompts(script, () => access.offerUnfinished())).prompts;
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
    const prompts = await offered({ ...answers(), notify: { [OFFER]: 'again' } });
    const [notice] = prompts.of(OFFER);
    const { organization, registry } = localRegistry();
    assert(notice?.text.includes(model) && notice.text.includes(`${organization}/${registry}`), notice?.text);
    assert.deepEqual(notice?.choices, ['again', 'dismiss']);
    assert.equal(prompts.of('publish.published').length, 1);
    assert.deepEqual(uploads(from), []);
    assert.deepEqual(shown(model), ['.gitattributes', 'README.md', 'weights.safetensors']);
    assert.deepEqual(await left(), []);
    assert.deepEqual((await offered({})).of(OFFER), []);
  });

  it('is offered again next time where the notification was closed, and never where it was dismissed', async () => {
    await cutShort();
    assert.equal((await offered({})).of(OFFER).length, 1);
    assert.equal((await offered({ notify: { [OFFER]: 'dismiss' } })).of(OFFER).length, 1);
    assert.deepEqual(await left(), []);
    assert.deepEqual((await offered({})).of(OFFER), []);
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
    const prompts = await offered({ ...answers(), notify: { [OFFER]: 'again' } });
    assert.match(prompts.of('publish.summary')[0]?.text ?? '', new RegExp(`^Publish ${model} to `));
    assert.deepEqual(prompts.of('publish.model'), []);
    assert.equal(prompts.of('publish.published').length, 1);
    assert.deepEqual(await left(), []);
  });
});
