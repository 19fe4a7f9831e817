import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import { PanelConversation } from '../../../src/editor/instructions/conversation.ts';
import { watchMemory } from '../../../src/editor/watchedMemory.ts';
import type { MessageToPanel } from '../../../src/editor/instructions/messages.ts';
import { panelWork } from '../../../src/editor/instructions/panelWork.ts';
import { POLICY_LANGUAGE, policyUri } from '../../../src/editor/policies/policyAddress.ts';
import type { RegistryRow } from '../../../src/editor/rows.ts';
import { silent } from '../../unit/snapshot/repositories.ts';
import { until } from '../../setup/until.ts';
import { localRegistry } from '../localRegistry.ts';
import { type Script, scriptedPrompts } from '../scriptedPrompts.ts';
import { signIn, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';

const READ = ['read_organizations', 'read_registries', 'read_packages'] as const;
const { signal } = new AbortController();

const policyOf = (pipeline: string, scopes = '[read_packages, write_packages]') =>
  `- iss: https://agent.buildkite.com
  scopes: ${scopes}
  claims:
    organization_slug: policies
    pipeline_slug: ${pipeline}
`;

describe('the OIDC policy of a registry', () => {
  const organization = 'policies';
  let slug: string;
  let count = 0;

  before(async () => {
    await useLocalRegistry();
    localRegistry().addOrganization(organization, 'Policies');
  });
  beforeEach(async () => {
    await signOutOfAll();
    count += 1;
    slug = localRegistry().addRegistry(organization, `Models ${count}`, 'huggingface').slug;
  });
  afterEach(async () => {
    for (const { document } of vscode.window.visibleTextEditors) {
      if (!document.isDirty) continue;
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand('workbench.action.files.revert');
    }
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await until(() => diffs().length === 0 && !vscode.window.activeTextEditor, 'the editors are closed');
  });
  after(signOutOfAll);

  const signInWith = (scopes: readonly string[] = [...READ, 'write_registries']) =>
    signIn(localRegistry().addToken({ scopes, organizations: [organization] }));
  const row = async (): Promise<RegistryRow> => {
    const [session] = (await testAccess()).sessions.all;
    assert(session);
    return {
      kind: 'registry',
      session,
      registry: await session.host.listing.registry(organization, slug, signal),
    };
  };
  const policies = async () => {
    const { session, registry } = await row();
    const { oidcPolicies } = session.host;
    assert(oidcPolicies);
    const read = () => oidcPolicies.read(registry, signal);
    return {
      read,
      put: async (policy: string) => oidcPolicies.replace(registry, await read(), policy, signal),
    };
  };
  const open = async (): Promise<vscode.TextDocument> => {
    const { session, registry } = await row();
    await vscode.commands.executeCommand('modelRegistries.editOidcPolicy', await row());
    const uri = policyUri({ side: 'edited', accountId: session.accountId, registry }).toString();
    const shown = () => vscode.window.activeTextEditor?.document;
    await until(() => shown()?.uri.toString() === uri, 'the policy is in the editor in front');
    return shown()!;
  };
  const write = async (document: vscode.TextDocument, text: string) => {
    const edit = new vscode.WorkspaceEdit();
    const whole = new vscode.Range(0, 0, document.lineCount, 0);
    edit.replace(document.uri, whole, text);
    assert(await vscode.workspace.applyEdit(edit));
  };
  const save = async (document: vscode.TextDocument, script: Script = {}) =>
    withPrompts(script, () => Promise.resolve(document.save()));
  const agreeing: Script = { confirm: { 'policy.apply': true } };
  const diffs = () =>
    vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .filter(({ input }) => input instanceof vscode.TabInputTextDiff);

  it('is written with diagnostics and completion, and put in force once its difference was seen @oldest', async () => {
    await signInWith();
    const document = await open();
    assert.equal(document.languageId, POLICY_LANGUAGE);
    assert.match(document.getText(), new RegExp(`^# policies/${slug} has no OIDC policy`));
    assert(!document.isDirty);

    const messages = () => vscode.languages.getDiagnostics(document.uri).map(({ message }) => message);
    await write(document, policyOf('train', '[read_packages, admin]'));
    await until(() => messages().length === 1, 'the policy has a diagnostic');
    assert.match(messages()[0] ?? '', /only scopes/);
    const refused = await save(document, agreeing);
    assert.equal(refused.result, false);
    assert.deepEqual(refused.prompts.asked, []);

    await write(document, '- iss: https://agent.buildkite.com\n  claims:\n    ');
    const offered = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      new vscode.Position(2, 4),
    );
    const labels = offered.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    assert(labels.includes('pipeline_slug'), labels.join());

    await write(document, policyOf('train'));
    await until(() => messages().length === 0, 'the policy has no diagnostic any more');
    const declined = await save(document);
    assert.match(declined.prompts.of('policy.apply')[0]?.text ?? '', /^Apply this OIDC policy to policies\//);
    assert.deepEqual([declined.result, document.isDirty], [false, true]);
    assert.equal(await (await policies()).read(), undefined);
    await until(() => diffs().length === 1, 'the difference is open');

    assert.equal((await save(document, agreeing)).result, true);
    assert(!document.isDirty);
    assert.equal(await (await policies()).read(), policyOf('train'));
    await until(() => diffs().length === 0, 'the difference is closed');
  });

  it('is not put in force over what somebody else changed meanwhile, until that was seen', async () => {
    await signInWith();
    const { read, put } = await policies();
    await put(policyOf('train'));
    const document = await open();
    assert.equal(document.getText(), policyOf('train'));
    await put(policyOf('theirs'));
    await write(document, policyOf('ours'));
    assert.equal((await save(document, agreeing)).result, false);
    assert.equal(await read(), policyOf('theirs'));
    await until(() => diffs().length === 1, 'the difference is open');
    const { original } = diffs()[0]!.input as vscode.TabInputTextDiff;
    await until(
      () =>
        vscode.workspace.textDocuments
          .find(({ uri }) => uri.toString() === original.toString())
          ?.getText() === policyOf('theirs'),
      'the difference shows what is in force now',
    );
    assert.equal((await save(document, agreeing)).result, true);
    assert.equal(await read(), policyOf('ours'));
  });

  it('is saved by nobody but the person, whatever saves other documents @oldest', async () => {
    await signInWith();
    const folder = await mkdtemp(join(tmpdir(), 'saved-by-itself-'));
    const files = vscode.workspace.getConfiguration('files');
    const target = vscode.ConfigurationTarget.Global;
    try {
      await files.update('autoSave', 'afterDelay', target);
      await files.update('autoSaveDelay', 1, target);
      await writeFile(join(folder, 'other.yaml'), '');
      const other = await vscode.workspace.openTextDocument(join(folder, 'other.yaml'));
      const policy = await open();
      const { prompts } = await withPrompts({}, async () => {
        await write(policy, policyOf('train'));
        await write(other, 'a: 1\n');
        await until(() => !other.isDirty, 'the other document is saved');
        await write(other, 'a: 2\n');
        await until(() => !other.isDirty, 'the other document is saved again');
      });
      assert(policy.isDirty);
      assert.deepEqual(prompts.asked, []);
    } finally {
      await files.update('autoSave', undefined, target);
      await files.update('autoSaveDelay', undefined, target);
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('is taken away by an empty text, and asks nothing where nothing changes', async () => {
    await signInWith();
    const { read, put } = await policies();
    await put(policyOf('train'));
    const document = await open();
    await write(document, `${policyOf('train')}# `);
    await write(document, policyOf('train'));
    assert.deepEqual((await save(document)).prompts.asked, []);
    await write(document, '# nobody\n');
    const away = await save(document, { confirm: { 'policy.apply': 'enter' } });
    assert.match(away.prompts.of('policy.apply')[0]?.text ?? '', /^Remove the OIDC policy of policies\/.*\?/);
    assert.equal(await read(), policyOf('train'));
    assert.equal((await save(document, agreeing)).result, true);
    assert.equal(await read(), undefined);
  });

  it('is for those who may change it', async () => {
    await signInWith(READ);
    await vscode.commands.executeCommand('modelRegistries.editOidcPolicy', await row());
    assert.equal(vscode.window.activeTextEditor, undefined);
    const { prompts } = await withPrompts({}, async () => {
      await vscode.commands.executeCommand('modelRegistries.editOidcPolicy');
    });
    assert.match(prompts.of('failure')[0]?.text ?? '', /scope write_registries/);
  });

  it('decides what the pipeline tab says of its step', async () => {
    await signInWith();
    const { session, registry } = await row();
    const posted: MessageToPanel[] = [];
    const http = createHttpClient({ userAgent: 'test', log: silent });
    const { sessions, registryServices } = await testAccess();
    const { endpoint } = session.host.hub(registry);
    const subject = {
      ...{ accountId: session.accountId, registry, endpoint },
      ...{ model: 'acme/bert', commit: undefined },
    };
    const globalMemory = watchMemory({
      keys: () => [],
      get: (_key: string, otherwise?: unknown) => otherwise,
      update: () => Promise.resolve(),
    } as vscode.Memento);
    const host = new PanelConversation(
      { globalMemory, log: silent },
      panelWork({ http, sessions, prompts: scriptedPrompts({}), registryServices }, subject),
      { subject },
      (message) => Promise.resolve(posted.push(message)),
    );
    const said = async (message: unknown) => {
      await host.receive(message);
      const last = posted.findLast((one) => one.kind === 'state');
      const tab = last?.kind === 'state' && last.state.tabs.find(({ id }) => id === 'pipeline');
      assert(tab);
      const [statement] = tab.statements;
      return [statement?.tone, statement?.sentence];
    };
    try {
      const [tone, sentence] = await said({ kind: 'tab', tab: 'pipeline' });
      assert.equal(tone, 'bad');
      assert.match(sentence ?? '', /has no OIDC policy/);
      await (await policies()).put(policyOf('train'));
      await said({ kind: 'edit', field: 'pipeline', value: 'train' });
      const [allowed] = await said({ kind: 'tab', tab: 'pipeline' });
      assert.equal(allowed, 'good');
      const [denied, why] = await said({ kind: 'edit', field: 'pipeline', value: 'other' });
      assert.equal(denied, 'bad');
      assert.match(why ?? '', /pipeline_slug has to be train, and is other/);
    } finally {
      host.dispose();
      http.dispose();
    }
  });
});
