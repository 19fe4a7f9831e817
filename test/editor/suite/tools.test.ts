import assert from 'node:assert/strict';
import { rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import { listInput, planInput, publishInput } from '../../../src/editor/tools/inputs.ts';
import { startRegistry } from '../../registry/startRegistry.ts';
import { downloadModel } from '../../unit/snapshot/caches.ts';
import { openRepository, type Repository, scratch } from '../../unit/snapshot/repositories.ts';
import { inWorkspace } from '../inWorkspace.ts';
import { localRegistry } from '../localRegistry.ts';
import type { Script } from '../scriptedPrompts.ts';
import {
  extension,
  setting,
  signIn,
  signOutOfAll,
  testAccess,
  useLocalRegistry,
  withPrompts,
} from '../testAccess.ts';
import { trainModel } from '../trainedModel.ts';

const SCOPES = ['read_user', 'read_organizations', 'read_registries', 'read_packages', 'write_packages'];

interface ToolContribution {
  readonly name: string;
  readonly inputSchema: unknown;
}

describe('the tools of language models', () => {
  const place = inWorkspace();
  const temporary = scratch();
  let token = '';
  let count = 0;
  let made: Repository;
  let folder = '';
  let model = '';

  before(async () => {
    token = localRegistry().addToken({ scopes: SCOPES, user: { name: 'Lena', email: 'lena@example.com' } });
    await useLocalRegistry();
    await signOutOfAll();
    await signIn(token);
  });
  beforeEach(() => {
    count += 1;
    model = `acme/by-tool-${count}`;
    folder = `by-tool-${count}`;
    made = trainModel(temporary.repository(place(folder)), Buffer.alloc(100_000, `by tool ${count} `));
  });
  afterEach(() => localRegistry().clearFaults());
  after(signOutOfAll);

  const parsed = (result: vscode.LanguageModelToolResult | null | undefined): Record<string, unknown> => {
    const [part] = result?.content ?? [];
    assert(part instanceof vscode.LanguageModelTextPart);
    assert(!part.value.includes(token));
    return JSON.parse(part.value) as Record<string, unknown>;
  };
  const invoke = async (name: string, input: object) =>
    parsed(await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined }));
  const target = (more: object = {}) => ({
    folder,
    organization: localRegistry().organization,
    registry: localRegistry().registry,
    model,
    ...more,
  });
  /** What the plan says that the publish has to name. */
  const planned = async () => {
    const { commit, plan } = await invoke('modelRegistries_planPublish', target());
    assert(typeof commit === 'string' && typeof plan === 'string');
    return { commit, plan };
  };
  const NO_PLAN = `plan-v1:${'0'.repeat(64)}`;
  const never = new vscode.CancellationTokenSource().token;
  const publishTool = async () => (await testAccess()).tools.modelRegistries_publish;
  const publish = async (input: object) =>
    parsed(await (await publishTool()).invoke({ input, toolInvocationToken: undefined }, never));
  const confirmation = async (input: object) => {
    const prepared = await (await publishTool()).prepareInvocation?.({ input }, never);
    const { title, message } = prepared?.confirmationMessages ?? {};
    assert(title !== undefined && message instanceof vscode.MarkdownString);
    // As it is read: Markdown escapes and no-break spaces apart.
    return { title, text: message.value.replace(/\\(?=[^\w\s])/g, '').replaceAll('&nbsp;', ' ') };
  };
  const writes = (from: number) =>
    localRegistry()
      .requests.slice(from)
      .filter(({ method, path: address }) => method !== 'GET' && address.includes('/huggingface/'));

  it('say in the manifest what they check, and take no secret @oldest', () => {
    const { contributes } = extension().packageJSON as {
      readonly contributes: { readonly languageModelTools: readonly ToolContribution[] };
    };
    const schemas = { list: listInput, planPublish: planInput, publish: publishInput };
    for (const [name, schema] of Object.entries(schemas)) {
      const { $schema, ...expected } = z.toJSONSchema(schema, { io: 'input' });
      assert(typeof $schema === 'string');
      const found = contributes.languageModelTools.find((tool) => tool.name === `modelRegistries_${name}`);
      assert.deepEqual(found?.inputSchema, expected);
      assert(!/token|secret|password/i.test(Object.keys(expected.properties ?? {}).join()));
    }
    assert.deepEqual(
      vscode.lm.tools
        .map(({ name }) => name)
        .filter((name) => name.startsWith('modelRegistries_'))
        .sort(),
      ['modelRegistries_list', 'modelRegistries_planPublish', 'modelRegistries_publish'],
    );
  });

  it('list registries, and the models of one', async () => {
    const { registries, complete } = await invoke('modelRegistries_list', {});
    const { organization, registry } = localRegistry();
    assert(Array.isArray(registries) && complete === true);
    assert(
      registries.some(
        (one: Record<string, unknown>) =>
          one.organization === organization && one.registry === registry && one.mayPublish === true,
      ),
      JSON.stringify(registries),
    );
    await publish(target(await planned()));
    const { models } = await invoke('modelRegistries_list', { organization, registry });
    assert(Array.isArray(models));
    assert(models.some((one: Record<string, unknown>) => one.model === model && one.versions === 1));
  });

  it('list what each account has, whatever the others lack, by the names that they give', async () => {
    const registry = await startRegistry({ dataDir: temporary.folder(), rootHub: {} });
    const hub = registry.rootHub;
    assert(hub);
    const { host } = new URL(hub.url);
    const { organization } = localRegistry();
    try {
      await setting('hubs', [{ address: hub.url, name: 'Models' }]);
      await registry.addModelVersion(registry.organization, registry.registry, 'acme/on-hub', { a: 'a' });
      const answers: Script = {
        pick: { 'signIn.way': 'Paste an access token' },
        input: { 'signIn.token': [hub.token] },
      };
      await withPrompts(answers, async () => {
        await vscode.commands.executeCommand('modelRegistries.signIn', 'hub');
      });
      const [account] = (await testAccess()).sessions.all.filter(({ service }) => service.kind === 'hub');
      assert(account);
      const list = (input: object) => invoke('modelRegistries_list', input);
      const organizationsOf = ({ registries }: Record<string, unknown>) => [
        ...new Set((registries as { readonly organization: string }[]).map((one) => one.organization)),
      ];
      const all = organizationsOf(await list({}));
      assert(all.includes(host) && all.includes(organization), all.join());
      assert.deepEqual(organizationsOf(await list({ organization })), [organization]);
      assert.deepEqual(organizationsOf(await list({ organization: host })), [host]);
      await assert.rejects(list({ organization: 'nowhere' }), /None of these accounts belongs to nowhere/);
      await assert.rejects(list({ account: 'nobody' }), /No such account is signed in: nobody/);
      const { models } = await list({ organization: host, registry: 'acme', account: account.label });
      assert.deepEqual(
        (models as { readonly model: string; readonly versions?: number }[]).map((one) => [
          one.model,
          one.versions,
        ]),
        [['acme/on-hub', undefined]],
      );
      const fault = { kind: 'status', status: 403 } as const;
      localRegistry().inject({ path: /v2\/organizations/, times: 9, fault });
      const rest = await list({});
      assert.deepEqual(organizationsOf(rest), [host]);
      assert.equal(rest.complete, false);
      assert.match(JSON.stringify(rest.failed), /lena@example\.com/);
    } finally {
      localRegistry().clearFaults();
      await signOutOfAll();
      await setting('hubs', []);
      await registry.stop();
      await signIn(token);
    }
  });

  it('plan a publish by reading only', async () => {
    made.write('.env', 'A=b\n');
    made.commit('Careless');
    made.write('later.txt', 'later');
    const from = localRegistry().requests.length;
    const plan = await invoke('modelRegistries_planPublish', target());
    assert.equal(plan.commit, made.head());
    assert.deepEqual(plan.counts, { new: 5, changed: 0, deleted: 0, unchanged: 0 });
    const warnings = plan.warnings as readonly { readonly kind: string; readonly paths: readonly string[] }[];
    assert.deepEqual(
      warnings.map(({ kind, paths }) => `${kind} ${paths.join()}`),
      ['secret .env', 'uncommitted later.txt'],
    );
    assert.deepEqual(writes(from), []);
  });

  it('publish what was planned, after a question that names the destination in full @oldest', async () => {
    const agreed = await planned();
    const { title, text } = await confirmation(target(agreed));
    const { organization, registry, packagesUrl } = localRegistry();
    assert.equal(title, `Publish ${model} to ${organization}/${registry}?`);
    for (const part of [
      `Destination: ${model} in ${organization}/${registry}, as lena@example.com`,
      `${packagesUrl}/${organization}/${registry}/huggingface`,
      agreed.commit.slice(0, 7),
      agreed.plan,
      made.path,
    ]) {
      assert(text.includes(part), `${part} is not in ${text}`);
    }
    const outcome = await publish(target(agreed));
    assert.equal(outcome.outcome, 'published');
    assert.equal(outcome.verified, true);
    const copy = openRepository(localRegistry().gitDirectory(organization, registry, model));
    assert.equal(copy.head(), outcome.version);
    assert.equal((await testAccess()).history.records[0]?.destination.model, model);
  });

  it('publish nothing where HEAD moved after the plan', async () => {
    const agreed = await planned();
    made.write('config.json', '{}\n');
    made.commit('Moved');
    const from = localRegistry().requests.length;
    await assert.rejects(confirmation(target(agreed)), /Plan the publish again/);
    await assert.rejects(publish(target(agreed)), /Plan the publish again/);
    assert.deepEqual(writes(from), []);
  });

  it('publish nothing where a download’s files were swapped after the question, under the same commit', async () => {
    const downloaded = path.join(made.path, 'downloaded');
    const fill = (text: string) => downloadModel(downloaded, { 'config.json': { content: text } });
    const input = (more: object = {}) => target({ folder: downloaded, ...more });
    fill('good');
    made.write('.gitignore', 'downloaded');
    made.commit('Ignore downloads');
    const { commit, plan } = await invoke('modelRegistries_planPublish', input());
    await confirmation(input({ commit, plan }));
    rmSync(downloaded, { recursive: true });
    fill('evil');
    const from = localRegistry().requests.length;
    const refusal = /Changed since: the files\. Nothing was published\. Plan the publish again/;
    await assert.rejects(confirmation(input({ commit, plan })), refusal);
    await assert.rejects(publish(input({ commit, plan })), refusal);
    assert.deepEqual(writes(from), []);
  });

  it('publish nothing where someone else published after the question', async () => {
    await publish(target(await planned()));
    made.write('config.json', '{}\n');
    made.commit('Next');
    const agreed = await planned();
    await confirmation(target(agreed));
    const { organization, registry } = localRegistry();
    await localRegistry().addModelVersion(organization, registry, model, { 'theirs.txt': 'theirs' });
    const from = localRegistry().requests.length;
    await assert.rejects(publish(target(agreed)), /the registry’s head, as someone else published/);
    assert.deepEqual(writes(from), []);
  });

  it('publish nothing where someone else is faster by a moment', async () => {
    await publish(target(await planned()));
    made.write('config.json', '{}\n');
    made.commit('Next');
    const agreed = await planned();
    localRegistry().inject({ method: 'POST', path: /\/commit\//, fault: { kind: 'status', status: 412 } });
    await assert.rejects(publish(target(agreed)), /was published to by/);
  });

  it('publish nothing where the message became another one after the question', async () => {
    const agreed = await planned();
    const settings = vscode.workspace.getConfiguration('modelRegistries');
    await settings.update('commitMessage', 'Another', vscode.ConfigurationTarget.Global);
    try {
      await assert.rejects(publish(target(agreed)), /Changed since: the commit message/);
    } finally {
      await settings.update('commitMessage', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('reach no folder outside of the workspace, by no way', async () => {
    const outside = trainModel(temporary.repository(), Buffer.from('outside'));
    const link = place(`link-${count}`);
    const ways = ['..', '../..', path.join(folder, '..', '..'), '/', outside.path, 'nowhere', 'a\0b'];
    if (process.platform !== 'win32') {
      symlinkSync(outside.path, link);
      ways.push(link, path.basename(link));
    }
    const commit = outside.head();
    for (const way of ways) {
      const input = target({ folder: way, commit, plan: NO_PLAN });
      await assert.rejects(confirmation(input), /Only folders of the open workspace/, way);
      await assert.rejects(publish(input), /Only folders of the open workspace/, way);
    }
  });

  it('take no input but theirs', async () => {
    const commit = made.head();
    const given = { commit, plan: NO_PLAN };
    const wrong = [
      target({ ...given, token }),
      target({ ...given, endpoint: 'https://example.com' }),
      target({ ...given, organization: '../..' }),
      target({ ...given, registry: 'models/../other' }),
      target({ ...given, model: 'acme/../x' }),
      target({ ...given, commit: 'HEAD' }),
      target({ ...given, plan: commit }),
      target({ commit }),
      target(),
    ];
    for (const input of wrong) {
      await assert.rejects(publish(input), /makes no sense/);
      await assert.rejects(confirmation(input), /makes no sense/);
    }
    await assert.rejects(publish(target({ commit })), /expected string[^]*plan/);
  });

  it('publish nothing with an account that may only read', async () => {
    await signOutOfAll();
    await signIn(localRegistry().readOnlyToken);
    try {
      const commit = made.head();
      await assert.rejects(publish(target({ commit, plan: NO_PLAN })), /does not allow/);
    } finally {
      await signOutOfAll();
      await signIn(token);
    }
  });
});
