import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import type { MessageToPanel } from '../../../src/editor/instructions/messages.ts';
import { panelConversation } from '../../../src/editor/instructions/panel.ts';
import type { PanelSubject } from '../../../src/editor/instructions/panelState.ts';
import type { ModelRow, RegistryRow } from '../../../src/editor/registries/rows.ts';
import { silent } from '../../unit/snapshot/repositories.ts';
import { localRegistry } from '../localRegistry.ts';
import { scriptedPrompts } from '../scriptedPrompts.ts';
import { signIn, signOutOfAll, testAccess, until, useLocalRegistry, withPrompts } from '../testAccess.ts';

const COMMIT = asGitObjectId('0123456789abcdef0123456789abcdef01234567');

describe('instructions', () => {
  before(async () => {
    await useLocalRegistry();
    await signOutOfAll();
    await signIn(
      localRegistry().addToken({
        scopes: ['read_user', 'read_organizations', 'read_registries', 'read_packages', 'write_packages'],
        user: { name: 'Ines Installer', email: 'ines@example.com' },
      }),
    );
  });
  afterEach(async () => {
    await vscode.window.tabGroups.close(panels());
    await until(() => panels().length === 0);
  });
  after(signOutOfAll);

  const panels = () =>
    vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .filter(
        ({ input }) =>
          input instanceof vscode.TabInputWebview && input.viewType.includes('modelRegistries.instructions'),
      );
  const labels = () => panels().map(({ label }) => label);
  const show = (row?: unknown) => vscode.commands.executeCommand('modelRegistries.showInstructions', row);
  const registryRow = async (): Promise<RegistryRow> => {
    const [session] = (await testAccess()).sessions.all;
    assert(session);
    const { organization, registry } = localRegistry();
    return {
      kind: 'registry',
      session,
      registry: await session.host.registry(organization, registry, new AbortController().signal),
    };
  };
  const modelRow = async (model: string): Promise<ModelRow> => ({
    ...(await registryRow()),
    kind: 'model',
    model,
  });

  it('have one panel for each registry, model and version', async () => {
    await show(await registryRow());
    await show(await modelRow('acme/first'));
    await show(await modelRow('acme/second'));
    await show(await modelRow('acme/first'));
    await until(() => panels().length >= 3);
    assert.deepEqual(labels().sort(), ['Commands: acme/first', 'Commands: acme/second', 'Commands: models']);
    await until(() => vscode.window.tabGroups.activeTabGroup.activeTab?.label === 'Commands: acme/first');
  });

  it('open again after their tab was closed', async () => {
    const row = await modelRow('acme/first');
    await show(row);
    await until(() => panels().length === 1);
    await vscode.window.tabGroups.close(panels());
    await until(() => panels().length === 0);
    await show(row);
    await until(() => panels().length === 1);
  });

  it('ask for registry and version when they come from the palette', async () => {
    const { organization, registry } = localRegistry();
    const commit = await localRegistry().addModelVersion(organization, registry, 'acme/picked', {
      'a.txt': 'a',
    });
    const { prompts } = await withPrompts(
      { pick: { 'instructions.registry': 'models', 'instructions.version': 'acme/picked' } },
      async () => {
        await show();
      },
    );
    assert(prompts.of('instructions.version')[0]?.choices.includes('acme/picked'));
    await until(() => labels().includes('Commands: acme/picked'));
    assert.equal(commit.length, 40);
  });

  describe('talk to their page', () => {
    const subjectOf = async (): Promise<PanelSubject> => {
      const { session, registry } = await registryRow();
      return { registry, endpoint: session.host.hub(registry).endpoint, model: 'acme/first', commit: COMMIT };
    };
    const memory = (): vscode.Memento => {
      const kept = new Map<string, unknown>();
      return {
        keys: () => [...kept.keys()],
        get: (key: string, otherwise?: unknown) => kept.get(key) ?? otherwise,
        update: (key, value) => {
          kept.set(key, value);
          return Promise.resolve();
        },
      } as vscode.Memento;
    };
    const conversation = async (globalMemory = memory()) => {
      const posted: MessageToPanel[] = [];
      const prompts = scriptedPrompts({});
      const host = panelConversation({ globalMemory, log: silent, prompts }, await subjectOf(), (message) => {
        posted.push(message);
        return Promise.resolve(true);
      });
      const state = () => {
        const last = posted.findLast((message) => message.kind === 'state');
        assert(last?.kind === 'state');
        return last.state;
      };
      return { receive: (message: unknown) => host.receive(message), posted, prompts, state };
    };

    it('sending the whole state whenever it is ready, with the commands filled in and no token', async () => {
      const { receive, posted, state } = await conversation();
      await receive({ kind: 'ready' });
      await receive({ kind: 'ready' });
      assert.equal(posted.length, 2);
      const { organization, registry, packagesUrl, token, readOnlyToken } = localRegistry();
      const endpoint = `${packagesUrl}/${organization}/${registry}/huggingface`;
      const install = state().snippets.find(({ id }) => id.startsWith('install.hf.'));
      assert(install?.command);
      assert(install.command.includes(endpoint));
      assert.match(install.command, new RegExp(`hf download acme/first --revision '?${COMMIT}`));
      assert.match(install.command, /<your-token>/);
      const everything = JSON.stringify(posted);
      const own = (await registryRow()).session.token.reveal();
      for (const secret of [token, readOnlyToken, own]) assert(!everything.includes(secret));
    });

    it('remembering client and shell', async () => {
      const globalMemory = memory();
      const { receive } = await conversation(globalMemory);
      await receive({ kind: 'choose', client: 'huggingface-cli', shell: 'fish' });
      const other = await conversation(globalMemory);
      await other.receive({ kind: 'ready' });
      assert.equal(other.state().client.chosen, 'huggingface-cli');
      assert.equal(other.state().shell.chosen, 'fish');
      assert.deepEqual(
        other.state().snippets.map(({ id }) => id),
        ['publish.huggingface-cli.fish', 'install.huggingface-cli.fish'],
      );
    });

    it('copying the command it names, and saying so', async () => {
      const { receive, posted, prompts } = await conversation();
      await receive({ kind: 'copy', snippet: 'install.hf.posix' });
      assert.equal(prompts.copied.length, 1);
      assert.match(prompts.copied[0] ?? '', /^HF_TOKEN='<your-token>' \\\n/);
      assert.deepEqual(posted, [{ kind: 'copied', snippet: 'install.hf.posix' }]);
    });

    it('copying nothing else, whatever the page says', async () => {
      const { receive, posted, prompts } = await conversation();
      for (const message of [
        undefined,
        'copy',
        { kind: 'copy', snippet: 'rm -rf ~' },
        { kind: 'copy', snippet: 'install.hf.posix', text: 'rm -rf ~' },
        { kind: 'choose', client: 'hf', shell: 'sh; rm -rf ~' },
        { kind: 'open', url: 'https://example.com' },
      ]) {
        await receive(message);
      }
      assert.deepEqual(prompts.copied, []);
      assert.deepEqual(posted, []);
    });
  });
});
