import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RegistryRow, VersionRow } from '../../../src/editor/rows.ts';
import type { RootHub, RunningRegistry } from '../../registry/registry.ts';
import { startRegistry } from '../../registry/startRegistry.ts';
import { localRegistry } from '../localRegistry.ts';
import type { Script } from '../scriptedPrompts.ts';
import { setting, signIn, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';

const weights = (seed: string, bytes: number): Buffer => Buffer.alloc(bytes, seed);
const FILES = {
  'README.md': '---\nlicense: mit\n---\n# Llama\n',
  'llama-Q4_K_M.gguf': weights('GGUF four ', 60_000),
  'llama-Q8_0.gguf': weights('GGUF eight ', 120_000),
};

describe('imports', () => {
  let source: RunningRegistry;
  let hub: RootHub;
  let folder = '';
  let count = 0;
  let model = '';
  let prod = '';

  before(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'editor-imports-')));
    source = await startRegistry({
      dataDir: folder,
      hub: { lfsThresholdBytes: 20_000 },
      rootHub: {},
    });
    assert(source.rootHub);
    hub = source.rootHub;
    await useLocalRegistry();
    await signOutOfAll();
    await signIn(localRegistry().token);
    await setting('hubs', [{ address: hub.url, name: 'Models' }]);
    prod = localRegistry().addRegistry(localRegistry().organization, 'Imported models', 'huggingface').slug;
  });
  after(async () => {
    await signOutOfAll();
    await setting('hubs', []);
    await source.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    model = `upstream/llama-${(count += 1)}`;
    await source.addModelVersion(source.organization, source.registry, model, FILES, 'The model');
  });
  afterEach(() => localRegistry().clearFaults());

  const registryRow = async (slug = localRegistry().registry): Promise<RegistryRow> => {
    const [session] = (await testAccess()).sessions.all;
    assert(session, 'nobody is signed in');
    const { signal } = new AbortController();
    const registry = await session.host.listing.registry(localRegistry().organization, slug, signal);
    return { kind: 'registry', session, registry };
  };
  const versionRow = async (row: RegistryRow, name: string): Promise<VersionRow> => {
    const { session, registry } = row;
    const { items } = await session.host.listing.versions(registry, name, {}, new AbortController().signal);
    const [version] = items;
    assert(version, `${name} has no version`);
    return { kind: 'version', session, version };
  };
  const filesOf = async (row: RegistryRow, name: string): Promise<readonly string[]> => {
    const { readHead } = await import('../../../src/core/hub/head.ts');
    const { connectionTo } = await import('../../../src/core/hub/connection.ts');
    const { createHttpClient } = await import('../../../src/core/http/nodeClient.ts');
    const say = (): void => undefined;
    const log = { trace: say, debug: say, info: say, warn: say, error: say };
    const http = createHttpClient({ userAgent: 'editor-tests', log });
    const target = row.session.host.hub(row.registry);
    const head = await readHead(connectionTo(target, name, http), 'main', new AbortController().signal);
    http.dispose();
    return head?.paths ?? [];
  };
  const run = async (command: string, argument: unknown, script: Script) => {
    const { prompts } = await withPrompts(script, async () => {
      await vscode.commands.executeCommand(command, argument);
    });
    return prompts;
  };

  it('search the hub, take one of many quantizations into a registry, and are promoted from there', async () => {
    const row = await registryRow();
    const name = `acme/llama-${count}`;
    const imported = await run('modelRegistries.importModel', row, {
      pick: { 'import.from': 'Models', 'import.files': 'Q4_K_M' },
      search: {
        'import.model': async (box) => {
          box.type(`llama-${count}`);
          await box.idle();
          assert.deepEqual(
            box.rows.map((each) => each.trim()),
            [model],
          );
          return model;
        },
      },
      input: { 'import.name': [name] },
      confirm: { 'publish.summary': true },
    });
    assert.deepEqual(
      imported.asked.map(({ id }) => id),
      [
        ...['import.from', 'import.model', 'import.refs', 'import.read', 'import.files', 'import.name'],
        ...['publish.plan', 'publish.summary', 'publish.progress', 'publish.published'],
      ],
    );
    assert.deepEqual(imported.of('import.files')[0]?.choices, ['All Files', 'Q4_K_M', 'Q8_0']);
    const summary = imported.of('publish.summary')[0]?.text ?? '';
    assert.match(summary, new RegExp(`^Import ${name} into `));
    assert.ok(summary.includes(`From: ${hub.url}/${model} at main`), summary);
    assert.match(summary, /^Size: 60\.\d kB$/m);
    assert.match(summary, /^License: /m);
    assert.deepEqual([...(await filesOf(row, name))].sort(), [
      '.gitattributes',
      'README.md',
      'llama-Q4_K_M.gguf',
    ]);
    const [record] = (await testAccess()).history.records;
    assert.deepEqual(record?.source, {
      endpoint: `${hub.url}/`,
      model,
      revision: 'main',
      selection: { kind: 'gguf', entry: 'llama-Q4_K_M.gguf' },
    });

    const again = await run('modelRegistries.publishAgain', { kind: 'record', record }, {});
    assert.deepEqual(again.of('publish.summary'), []);
    assert.equal(again.of('publish.alreadyThere').length, 1, JSON.stringify(again.asked));

    const promoted = await run('modelRegistries.promoteVersion', await versionRow(row, name), {
      pick: { 'import.registry': 'Imported models' },
      input: { 'import.name': [name] },
      confirm: { 'publish.summary': true },
    });
    assert.ok(!promoted.of('import.registry')[0]?.choices.includes(row.registry.name));
    assert.equal(promoted.of('publish.published').length, 1, JSON.stringify(promoted.asked));
    assert.deepEqual(await filesOf(await registryRow(prod), name), await filesOf(row, name));
  });

  it('take what is pasted, say where a gated model is asked for, and go on where they are tried again', async () => {
    const row = await registryRow();
    hub.setAccess(model, { gated: 'manual', letIn: [] });
    let tries = 0;
    const script: Script = {
      pick: { 'import.from': 'Models', 'import.files': 'All Files' },
      search: {
        'import.model': async (box) => {
          box.type(`${hub.url}/${model}/tree/main`);
          await box.idle();
          return model;
        },
      },
      input: { 'import.name': [model] },
      confirm: { 'publish.summary': true },
      notify: { 'import.failed.forbidden': 'retry', 'publish.failed.server': 'retry' },
      progress: {
        'import.read': () => {
          if ((tries += 1) === 2) hub.setAccess(model, { gated: false });
        },
      },
    };
    localRegistry().inject({ path: /\/commit\/main/, fault: { kind: 'status', status: 422 } });
    const prompts = await run('modelRegistries.importModel', row, script);
    const [refused] = prompts.of('import.failed.forbidden');
    assert.ok(refused?.text.includes(`${hub.url}/${model}`), JSON.stringify(prompts.asked));
    assert.deepEqual(refused?.choices, ['page', 'signIn', 'retry']);
    assert.equal(prompts.of('import.model').length, 1, 'it is not asked for twice');
    assert.equal(prompts.of('publish.failed.refused').length, 1, JSON.stringify(prompts.asked));
    const finished = await run('modelRegistries.importModel', row, script);
    assert.equal(finished.of('publish.published').length, 1, JSON.stringify(finished.asked));
    assert.equal((await filesOf(row, model)).length, 4);
  });

  it('are done again from a hub that the settings name no more', async () => {
    const row = await registryRow();
    const script: Script = {
      pick: { 'import.from': 'Models', 'import.files': 'All Files' },
      search: {
        'import.model': async (box) => {
          box.type(`${model}@main`);
          await box.idle();
          return model;
        },
      },
      input: { 'import.name': [model] },
      confirm: { 'publish.summary': true },
    };
    const imported = await run('modelRegistries.importModel', row, script);
    assert.equal(imported.of('publish.published').length, 1, JSON.stringify(imported.asked));
    const [record] = (await testAccess()).history.records;
    await setting('hubs', []);
    try {
      const again = await run('modelRegistries.publishAgain', { kind: 'record', record }, {});
      assert.equal(again.of('publish.alreadyThere').length, 1, JSON.stringify(again.asked));
    } finally {
      await setting('hubs', [{ address: hub.url, name: 'Models' }]);
    }
  });

  it('read with the account that somebody signs in with meanwhile, beside that of nobody', async () => {
    const row = await registryRow();
    const token = hub.addToken({
      role: { kind: 'read' },
      user: { name: 'Zora Neale Hurston', email: 'zora@example.com' },
    });
    hub.setAccess(model, { gated: 'manual', letIn: [token] });
    await withPrompts({ pick: { 'signIn.way': 'Browse without an account' } }, async () => {
      await vscode.commands.executeCommand('modelRegistries.signIn', 'hub');
    });
    const imported = await run('modelRegistries.importModel', row, {
      pick: { 'import.from': 'Models', 'import.files': 'All Files', 'signIn.way': 'Paste an access token' },
      search: {
        'import.model': async (box) => {
          await vscode.commands.executeCommand('modelRegistries.signIn', 'hub');
          box.type(`${model}@main`);
          await box.idle();
          return model;
        },
      },
      input: { 'import.name': [model], 'signIn.token': [token] },
      confirm: { 'publish.summary': true },
    });
    assert.equal(imported.of('publish.published').length, 1, JSON.stringify(imported.asked));
  });
});
