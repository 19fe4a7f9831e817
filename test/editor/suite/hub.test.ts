import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { pinRegistry } from '../../../src/editor/registries/pins.ts';
import type { ModelRow, OrganizationRow, RegistryRow, Row, VersionRow } from '../../../src/editor/rows.ts';
import { createSettings } from '../../../src/editor/settings.ts';
import { until } from '../../setup/until.ts';
import type { RootHub, RootHubOptions, RunningRegistry } from '../../registry/registry.ts';
import { startRegistry } from '../../registry/startRegistry.ts';
import { scratch } from '../../unit/snapshot/repositories.ts';
import { type Script, scriptedPrompts } from '../scriptedPrompts.ts';
import { setting, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';
import { trainModel } from '../trainedModel.ts';

const WEIGHTS = Buffer.alloc(200_000, 'weights ');
const YES: Script = { confirm: { 'publish.summary': true, 'download.summary': true } };

describe('a Hub as a service of registries', () => {
  const temporary = scratch();
  let registry: RunningRegistry;
  let hub: RootHub;
  let folder = '';

  before(useLocalRegistry);
  beforeEach(signOutOfAll);
  afterEach(async () => {
    await signOutOfAll();
    await setting('hubs', []);
    await registry.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const serve = async (options: RootHubOptions = {}, descriptor: object = {}) => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'editor-hub-')));
    registry = await startRegistry({ dataDir: path.join(folder, 'data'), rootHub: options });
    assert(registry.rootHub);
    hub = registry.rootHub;
    await setting('hubs', [{ address: hub.url, name: 'Models', ...descriptor }]);
  };
  const publishedAs = (model: string, files: Readonly<Record<string, string>>) =>
    registry.addModelVersion(registry.organization, registry.registry, model, files);
  const command = async (name: string, argument: unknown, script: Script = {}) => {
    const answers = { ...YES, ...script, confirm: { ...YES.confirm, ...script.confirm } };
    const { prompts } = await withPrompts(answers, async () => {
      await vscode.commands.executeCommand(`modelRegistries.${name}`, argument);
    });
    return prompts;
  };
  const signIn = (token: string) =>
    command('signIn', 'hub', {
      pick: { 'signIn.way': 'Paste an access token' },
      input: { 'signIn.token': [token] },
    });
  const children = async (row?: Row) =>
    (await (await testAccess()).registries.provider.getChildren(row)) ?? [];
  const item = async (row: Row) => (await testAccess()).registries.provider.getTreeItem(row);
  const labels = async (row?: Row) =>
    Promise.all((await children(row)).map(async (child) => (await item(child)).label));
  const words = async (row: Row) => (await item(row)).contextValue?.split(';') ?? [];
  const organizationRow = async () => (await children())[0] as OrganizationRow;
  const namespaceRow = async (name: string) => {
    const row = (await children(await organizationRow())).find(
      (one) => one.kind === 'registry' && one.registry.slug === name,
    );
    assert(row, `${name} is not shown`);
    return row as RegistryRow;
  };
  const modelRow = async (model: string) => {
    const namespace = await namespaceRow(model.split('/')[0] ?? '');
    const row = (await children(namespace)).find((one) => one.kind === 'model' && one.model === model);
    assert(row, `${model} is not listed`);
    return row as ModelRow;
  };
  const versionRow = async (model: string) => (await children(await modelRow(model)))[0] as VersionRow;

  it('is signed in to, browsed, published to, compared, downloaded from and pasted for', async () => {
    await serve();
    await signIn(hub.token);
    assert.deepEqual(await labels(), ['Models']);
    const namespace = await namespaceRow('acme');
    assert((await words(namespace)).includes('publishable'));

    const made = trainModel(temporary.repository(), WEIGHTS);
    const published = await command(
      'publish',
      { kind: 'publishRequest', folder: made.path, place: namespace },
      {
        input: { 'publish.model': ['other/model', 'acme/model'] },
      },
    );
    assert.deepEqual(published.of('publish.model')[0]?.refusals, [
      'A model of this registry is named “acme/name”.',
    ]);
    assert.equal(published.asked.at(-1)?.id, 'publish.published');

    const version = await versionRow('acme/model');
    assert.match(version.version.commit ?? '', /^[0-9a-f]{40}$/);
    assert.deepEqual(await labels(version), [
      '.gitattributes',
      'README.md',
      'config.json',
      'weights.safetensors',
    ]);

    const into = path.join(folder, 'download');
    await command('downloadToFolder', version, { path: { 'download.folder': folder } });
    const downloaded = await readFile(path.join(folder, 'model', 'weights.safetensors')).catch(() =>
      readFile(path.join(into, 'weights.safetensors')),
    );
    assert(downloaded.equals(WEIGHTS));

    const copied = await command('copyInstallCommand', version);
    assert.match(
      copied.copied[0] ?? '',
      new RegExp(`hf download acme/model.*--revision ${version.version.commit}`),
    );

    made.write('config.json', '{"model_type":"other"}\n');
    made.commit('Second');
    await command(
      'publish',
      { kind: 'publishRequest', folder: made.path, place: namespace },
      {
        input: { 'publish.model': ['acme/model'] },
      },
    );
    await command('refresh', undefined);
    const versions = await children(await modelRow('acme/model'));
    assert.equal(versions.length, 2);
    const compared = await command('compareVersions', versions[0], {
      pick: { 'compare.version': 'Train the model' },
    });
    assert.deepEqual(compared.of('failure'), []);
    const titles = () => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
    await until(
      () => titles().some((title) => title.includes('“Train the model” ↔')),
      'the comparison is open',
    );
  });

  it('is browsed without an account where a setting names whose models are shown', async () => {
    await serve();
    await publishedAs('globex/open', { 'README.md': '# Open\n' });
    const offered = await command('signIn', 'hub', { pick: { 'signIn.way': 'Browse without an account' } });
    assert.deepEqual(offered.of('signIn.way')[0]?.choices, [
      'Paste an access token',
      'Browse without an account',
    ]);
    assert.deepEqual(await labels(await organizationRow()), ['No namespaces']);
    await command('pinNamespace', await organizationRow(), { input: { pin: ['glo bex', 'globex'] } });
    await until(
      async () => (await children(await organizationRow())).some(({ kind }) => kind === 'registry'),
      'the namespace is shown',
    );
    const namespace = await namespaceRow('globex');
    assert.deepEqual(
      (await words(namespace)).filter((word) => ['publishable', 'pinned', 'namable'].includes(word)),
      ['namable', 'pinned'],
    );
    assert.deepEqual(await labels(namespace), ['globex/open']);
    assert.deepEqual(await labels(await versionRow('globex/open')), ['README.md']);
    assert(registry.requests.every(({ path: asked }) => !asked.includes('whoami')));
    await command('unpinNamespace', namespace);
    await until(
      async () => (await labels(await organizationRow()))[0] === 'No namespaces',
      'the namespace is shown no more',
    );
  });

  it('is shown more of without a word of the setting lost that came while it was asked for', async () => {
    await serve();
    await signIn(hub.token);
    const { registryServices } = await testAccess();
    const [own, other] = [
      { address: hub.url, name: 'Models', namespaces: ['globex'] },
      { address: 'https://hub.example', name: 'Another' },
    ];
    const settings = createSettings();
    const prompts = {
      ...scriptedPrompts({}),
      input: async () => {
        await setting('hubs', [own, other]);
        await until(() => registryServices.all.length === 3, 'the other hub is known');
        return 'initech';
      },
    };
    try {
      await pinRegistry({ prompts, settings, registryServices }, await organizationRow());
      const hubs = settings.value('hubs') as readonly Partial<typeof own>[];
      assert.deepEqual(
        hubs.map(({ name, namespaces }) => [name, namespaces]),
        [
          ['Models', ['globex', 'initech']],
          ['Another', []],
        ],
      );
    } finally {
      settings.dispose();
    }
  });

  it('shows the versions of another branch', async () => {
    await serve();
    await publishedAs('acme/branched', { 'README.md': 'main\n' });
    await signIn(hub.token);
    const row = await modelRow('acme/branched');
    assert((await words(row)).includes('branched'));
    const prompts = await command('showRevision', row, { pick: { revision: 'main' } });
    assert.deepEqual(prompts.of('revision')[0]?.choices, ['main']);
  });

  it('that lists no models opens them by their names', async () => {
    await serve({ lacks: ['list'] });
    await publishedAs('acme/hidden', { 'README.md': '# Hidden\n' });
    await signIn(hub.token);
    const namespace = await namespaceRow('acme');
    const [failed] = await children(namespace);
    assert(failed?.kind === 'failed');
    assert.equal((await item(failed)).command?.command, 'modelRegistries.openModel');
    const prompts = await command('openModel', namespace, { input: { openModel: ['acme/hidden'] } });
    assert.deepEqual(prompts.of('failure'), []);
    const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label));
    await until(() => tabs().some((label) => label.includes('hidden')), 'the page of the model is open');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('of releases is asked for the name of each', async () => {
    await serve({ revisions: 'release', modelIdSegments: 1 }, { revisions: 'release', modelIdSegments: 1 });
    await signIn(hub.token);
    const [namespace] = await children(await organizationRow());
    assert(namespace?.kind === 'registry');
    const made = trainModel(temporary.repository(), WEIGHTS);
    const prompts = await command(
      'publish',
      { kind: 'publishRequest', folder: made.path, place: namespace },
      {
        input: { 'publish.model': ['acme/model', 'model'], 'publish.release': ['no good', 'v1.0.0'] },
      },
    );
    assert.equal(prompts.of('publish.model')[0]?.refusals.length, 1);
    assert.equal(prompts.of('publish.release')[0]?.refusals.length, 1);
    assert.equal(prompts.asked.at(-1)?.id, 'publish.published');
    const asked = registry.requests.filter(({ path: address }) => address.includes('/commit/'));
    assert.deepEqual(
      asked.map(({ path: address }) => address),
      ['/api/models/model/commit/v1.0.0'],
    );
  });
});
