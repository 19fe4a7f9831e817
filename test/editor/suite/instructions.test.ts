import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import type { CommandText } from '../../../src/core/shells/commandText.ts';
import { SHELL_IDS } from '../../../src/core/shells/shells.ts';
import type { MessageToPanel, TabId } from '../../../src/editor/instructions/messages.ts';
import { PanelConversation, type PanelStart } from '../../../src/editor/instructions/conversation.ts';
import type { PanelSubject } from '../../../src/editor/instructions/content.ts';
import { panelWork } from '../../../src/editor/instructions/panelWork.ts';
import { RegistryTerminal } from '../../../src/editor/instructions/registryTerminal.ts';
import { restorePanel } from '../../../src/editor/instructions/savedPanel.ts';
import type { ModelRow, RegistryRow } from '../../../src/editor/rows.ts';
import { watchMemory, type WatchedMemory } from '../../../src/editor/watchedMemory.ts';
import { silent } from '../../unit/snapshot/repositories.ts';
import { localRegistry } from '../localRegistry.ts';
import { type Script, scriptedPrompts } from '../scriptedPrompts.ts';
import { until } from '../../setup/until.ts';
import { signIn, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';

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
    await until(() => panels().length === 0, 'the panels are closed');
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
      registry: await session.host.listing.registry(organization, registry, new AbortController().signal),
    };
  };
  const modelRow = async (model: string): Promise<ModelRow> => ({
    ...(await registryRow()),
    kind: 'model',
    model,
  });

  it('have one panel for each registry, model and version @oldest', async () => {
    await show(await registryRow());
    await show(await modelRow('acme/first'));
    await show(await modelRow('acme/second'));
    await show(await modelRow('acme/first'));
    await until(() => panels().length >= 3, 'three panels are open');
    assert.deepEqual(labels().sort(), [
      'Install & Publish Commands: acme/first',
      'Install & Publish Commands: acme/second',
      'Install & Publish Commands: models',
    ]);
    await until(
      () =>
        vscode.window.tabGroups.activeTabGroup.activeTab?.label === 'Install & Publish Commands: acme/first',
      'the first model’s panel is in front',
    );
  });

  it('open again after their tab was closed', async () => {
    const row = await modelRow('acme/first');
    await show(row);
    await until(() => panels().length === 1, 'the panel is open');
    await vscode.window.tabGroups.close(panels());
    await until(() => panels().length === 0, 'the panel is closed');
    await show(row);
    await until(() => panels().length === 1, 'the panel is open again');
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
    await until(
      () => labels().includes('Install & Publish Commands: acme/picked'),
      'the panel of the picked model is open',
    );
    assert.equal(commit.length, 40);
  });

  describe('talk to their page', () => {
    let closing: { dispose(): void }[] = [];
    const subjectOf = async (model = 'acme/first', commit = COMMIT): Promise<PanelSubject> => {
      const { session, registry } = await registryRow();
      return {
        accountId: session.accountId,
        registry,
        endpoint: session.host.hub(registry).endpoint,
        model,
        commit,
      };
    };
    const memory = (kept = new Map<string, unknown>()): WatchedMemory => {
      return watchMemory({
        keys: () => [...kept.keys()],
        get: (key: string, otherwise?: unknown) => kept.get(key) ?? otherwise,
        update: (key, value) => {
          kept.set(key, value);
          return Promise.resolve();
        },
      } as vscode.Memento);
    };
    const conversation = async (globalMemory = memory(), start?: PanelStart, script: Script = {}) => {
      const posted: MessageToPanel[] = [];
      const prompts = scriptedPrompts(script);
      const http = createHttpClient({ userAgent: 'test', log: silent });
      const { sessions, registryServices } = await testAccess();
      const beginning = start ?? { subject: await subjectOf() };
      const host = new PanelConversation(
        { globalMemory, log: silent },
        panelWork({ http, sessions, prompts, registryServices }, beginning.subject),
        beginning,
        (message) => {
          posted.push(message);
          return Promise.resolve(true);
        },
      );
      closing.push(host, http);
      const state = () => {
        const last = posted.findLast((message) => message.kind === 'state');
        assert(last?.kind === 'state');
        return last.state;
      };
      const tab = (id: TabId) => {
        const found = state().tabs.find((candidate) => candidate.id === id);
        assert(found);
        return found;
      };
      return { receive: (message: unknown) => host.receive(message), posted, prompts, state, tab };
    };
    afterEach(() => {
      for (const one of closing) one.dispose();
      closing = [];
    });

    it('sending the whole state whenever it is ready, with the commands filled in and no token', async () => {
      const { receive, posted, tab } = await conversation();
      await receive({ kind: 'ready' });
      await receive({ kind: 'ready' });
      const { organization, registry, packagesUrl, token, readOnlyToken } = localRegistry();
      const endpoint = `${packagesUrl}/${organization}/${registry}/huggingface`;
      const text = tab('install').snippets[0]?.text ?? '';
      assert(text.includes(endpoint));
      assert.match(text, new RegExp(`hf download acme/first --revision '?${COMMIT}`));
      assert.match(text, /<your-token>/);
      const everything = JSON.stringify(posted);
      const own = (await registryRow()).session.token.reveal();
      for (const secret of [token, readOnlyToken, own]) assert(!everything.includes(secret));
    });

    it('saying in place whether the client is installed here', async () => {
      const { receive, tab } = await conversation();
      await receive({ kind: 'choose', client: 'hf', shell: 'posix' });
      await receive({ kind: 'ready' });
      const [statement] = tab('publish').statements;
      assert.match(statement?.sentence ?? '', /^hf .*(installed here|not on the PATH)/);
      await receive({ kind: 'choose', client: 'python', shell: 'posix' });
      assert.deepEqual(tab('publish').statements, []);
    });

    it('remembering client, shell, and whether the options are unfolded', async () => {
      const globalMemory = memory();
      const { receive, state } = await conversation(globalMemory);
      await receive({ kind: 'choose', client: 'huggingface-cli', shell: 'fish' });
      await receive({ kind: 'ready' });
      assert.equal(state().options.open, false);
      await receive({ kind: 'options', open: true });
      const other = await conversation(globalMemory);
      await other.receive({ kind: 'ready' });
      assert.equal(other.state().options.open, true);
      assert.equal(other.state().options.client.chosen, 'huggingface-cli');
      assert.equal(other.state().options.shell.chosen, 'fish');
      assert.match(other.tab('publish').snippets[0]?.text ?? '', /huggingface-cli upload/);
    });

    it('showing the choice of another panel, and copying what it shows', async () => {
      const kept = new Map<string, unknown>();
      const globalMemory = memory(kept);
      const first = await conversation(globalMemory);
      const second = await conversation(globalMemory);
      const hidden = await conversation(globalMemory);
      await first.receive({ kind: 'choose', client: 'hf', shell: 'posix' });
      await second.receive({ kind: 'ready' });
      await first.receive({ kind: 'choose', client: 'huggingface-cli', shell: 'fish' });
      assert.equal(second.state().options.client.chosen, 'huggingface-cli');
      assert.equal(second.state().options.shell.chosen, 'fish');
      await second.receive({ kind: 'copy', snippet: 'install' });
      assert.deepEqual(second.prompts.copied, [second.tab('install').snippets[0]?.text]);
      // Another window's choice is not told: the page shows what it showed.
      const shown = second.tab('install').snippets[0]?.text;
      kept.set('instructions.choice', { client: 'hf', shell: 'cmd' });
      await second.receive({ kind: 'copy', snippet: 'install' });
      assert.equal(second.prompts.copied[1], shown);
      // Its page's script does not run yet, and will ask.
      assert.deepEqual(hidden.posted, []);
    });

    it('writing what is typed into the commands', async () => {
      const { receive, tab } = await conversation();
      await receive({ kind: 'choose', client: 'hf', shell: 'posix' });
      await receive({ kind: 'edit', field: 'message', value: "it's `new` $HOME" });
      assert.match(tab('publish').snippets[0]?.text ?? '', /'--commit-message=it'\\''s `new` \$HOME'$/);
      await receive({ kind: 'edit', field: 'message', value: 'new\u0003\rcommand\r' });
      for (const shell of SHELL_IDS) {
        await receive({ kind: 'choose', client: 'hf', shell });
        const [snippet] = tab('publish').snippets;
        assert.equal(snippet?.text, undefined);
        assert.match(snippet?.explanation[0] ?? '', /“--commit-message=new␃␍command␍” holds characters/);
      }
      await receive({ kind: 'edit', field: 'model', value: 'noslash' });
      assert.match(tab('publish').fields.find(({ id }) => id === 'model')?.problem ?? '', /slash/);
    });

    it('taking the folder that was chosen', async () => {
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '/';
      const { receive, tab } = await conversation(memory(), undefined, {
        path: { 'instructions.folder': folder },
      });
      await receive({ kind: 'chooseFolder' });
      assert.equal(tab('publish').fields.find(({ id }) => id === 'folder')?.value, folder);
    });

    it('saying by its files what loads a model', async () => {
      const { organization, registry } = localRegistry();
      const commit = await localRegistry().addModelVersion(organization, registry, 'acme/llama', {
        'config.json': '{"architectures":["LlamaForCausalLM"],"model_type":"llama"}',
        'tokenizer.json': '{}',
        'model.Q4_K_M.gguf': 'GGUF',
      });
      const { receive, tab } = await conversation(memory(), {
        subject: await subjectOf('acme/llama', asGitObjectId(commit)),
      });
      await receive({ kind: 'tab', tab: 'code' });
      const titles = () => tab('code').snippets.map(({ title }) => title);
      assert.deepEqual(titles(), ['transformers', 'llama.cpp', 'huggingface_hub']);
      assert.match(tab('code').snippets[0]?.text ?? '', /AutoModelForCausalLM\.from_pretrained\(folder\)/);
      await receive({ kind: 'edit', field: 'model', value: 'acme/not-there' });
      assert.deepEqual(titles(), ['huggingface_hub']);
      assert.equal(tab('code').statements[0]?.tone, 'warning');
    });

    it('copying the command it names, and saying so', async () => {
      const { receive, posted, prompts } = await conversation();
      await receive({ kind: 'choose', client: 'hf', shell: 'posix' });
      await receive({ kind: 'copy', snippet: 'install' });
      assert.equal(prompts.copied.length, 1);
      assert.match(prompts.copied[0] ?? '', /^HF_TOKEN='<your-token>' \\\n/);
      assert.deepEqual(posted.at(-1), { kind: 'copied', snippet: 'install' });
      await receive({ kind: 'copy', snippet: 'pipeline.policy' });
      assert.match(prompts.copied[1] ?? '', /iss: https:\/\/agent\.buildkite\.com/);
    });

    it('copying nothing else, whatever the page says', async () => {
      const { receive, posted, prompts } = await conversation();
      for (const message of [
        undefined,
        'copy',
        { kind: 'copy', snippet: 'rm -rf ~' },
        { kind: 'copy', snippet: 'install', text: 'rm -rf ~' },
        { kind: 'choose', client: 'hf', shell: 'sh; rm -rf ~' },
        { kind: 'edit', field: 'endpoint', value: 'https://example.com' },
        { kind: 'edit', field: 'model', value: 'a\0b' },
        { kind: 'openTerminal', command: 'rm -rf ~' },
        { kind: 'run', snippet: 'install', text: 'rm -rf ~' },
        { kind: 'open', url: 'https://example.com' },
      ]) {
        await receive(message);
      }
      assert.deepEqual(prompts.copied, []);
      assert.deepEqual(posted, []);
    });

    it('opening a terminal that has the token in its environment, and commands without it @oldest', async () => {
      const { receive, posted, tab } = await conversation();
      await receive({ kind: 'choose', client: 'hf', shell: 'posix' });
      const before = new Set(vscode.window.terminals);
      await receive({ kind: 'openTerminal' });
      const terminal = vscode.window.terminals.find((one) => !before.has(one));
      assert(terminal);
      const folder = await mkdtemp(join(tmpdir(), 'instructions-'));
      try {
        assert.equal((terminal.creationOptions as vscode.TerminalOptions).isTransient, true);
        const file = join(folder, 'environment.json');
        const program = join(folder, 'print.cjs');
        await writeFile(
          program,
          `require('node:fs').writeFileSync(${JSON.stringify(`${file}.new`)}, JSON.stringify(process.env)); require('node:fs').renameSync(${JSON.stringify(`${file}.new`)}, ${JSON.stringify(file)})`,
        );
        terminal.sendText(`ELECTRON_RUN_AS_NODE=1 '${process.execPath}' '${program}'`);
        await until(() => existsSync(file), 'the program in the terminal has written its environment');
        const environment = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
        const { session } = await registryRow();
        assert.equal(environment.HF_TOKEN, session.token.reveal());
        assert.equal(environment.HF_ENDPOINT, (await subjectOf()).endpoint.href.replace(/\/$/, ''));
        assert.equal(environment.HF_HUB_DISABLE_XET, '1');
      } finally {
        terminal.dispose();
        await rm(folder, { recursive: true, force: true });
      }
      assert.equal(tab('publish').snippets[0]?.text, 'hf upload acme/first .');
      assert(!JSON.stringify(posted).includes((await registryRow()).session.token.reveal()));
    });

    it('running the command it names in a terminal that has the token, and nothing else', async () => {
      const { receive, posted } = await conversation();
      // It asks the registry, so that the registry sees what was run, and with which token.
      await receive({ kind: 'choose', client: 'curl', shell: 'cmd' });
      const before = new Set(vscode.window.terminals);
      const from = localRegistry().requests.length;
      for (const snippet of ['rm -rf ~', 'pipeline.step', 'use.huggingface_hub']) {
        await receive({ kind: 'run', snippet });
      }
      assert.deepEqual(
        vscode.window.terminals.filter((one) => !before.has(one)),
        [],
      );
      await receive({ kind: 'run', snippet: 'install' });
      const terminal = vscode.window.terminals.find((one) => !before.has(one));
      assert(terminal);
      try {
        const token = (await registryRow()).session.token.reveal();
        await until(
          () =>
            localRegistry()
              .requests.slice(from)
              .some(
                ({ path, headers }) =>
                  path.endsWith(`/api/models/acme/first/revision/${COMMIT}`) &&
                  headers.authorization === `Bearer ${token}`,
              ),
          'the command in the terminal has asked the registry with the token',
        );
        const last = posted.at(-1);
        assert(last?.kind === 'notice' && last.outcome === 'done', JSON.stringify(last));
        assert(!JSON.stringify(posted).includes(token));
      } finally {
        terminal.dispose();
      }
    });

    it('pressing Enter in no shell that commands are not written for', async () => {
      if (process.platform === 'win32') return;
      const folder = await mkdtemp(join(tmpdir(), 'instructions-'));
      const own = new RegistryTerminal();
      const entered = join(folder, 'entered');
      const shell = join(folder, 'unheard-of');
      await writeFile(
        shell,
        `#!${process.execPath}\nprocess.stdin.on('data', (line) => require('node:fs').appendFileSync(${JSON.stringify(entered)}, line))`,
        { mode: 0o755 },
      );
      const { signal } = new AbortController();
      const run = (text: string) => own.run({ name: text }, () => text as CommandText, signal);
      const before = new Set(vscode.window.terminals);
      const opened = () => vscode.window.terminals.filter((one) => !before.has(one));
      const restore = await withDefaultShell(shell);
      try {
        assert.equal(await run('one line'), 'typed');
        opened()[0]?.sendText(', entered by hand');
        const hasLine = async () => (await readFile(entered, 'utf8').catch(() => '')).endsWith('\n');
        await until(hasLine, 'the shell was given a line');
        assert.equal(await readFile(entered, 'utf8'), 'one line, entered by hand\n');
        const refusal: unknown = await run('first \\\nsecond').catch((error: unknown) => error);
        opened()[1]?.sendText('by hand');
        await until(
          async () => (await readFile(entered, 'utf8')).split('by hand\n').length > 2,
          'the shell was given another line',
        );
        assert.equal(await readFile(entered, 'utf8'), 'one line, entered by hand\nby hand\n');
        assert.match(String(refusal), /several lines/);
      } finally {
        for (const terminal of opened()) terminal.dispose();
        own.dispose();
        await restore();
        await rm(folder, { recursive: true, force: true });
      }
    });

    it('opening no terminal for an account that is signed out', async () => {
      const { receive, posted } = await conversation(memory(), {
        subject: { ...(await subjectOf()), accountId: 'nobody' },
      });
      const before = vscode.window.terminals.length;
      await receive({ kind: 'openTerminal' });
      await receive({ kind: 'run', snippet: 'install' });
      assert.equal(vscode.window.terminals.length, before);
      const last = posted.at(-1);
      assert(last?.kind === 'notice' && last.outcome === 'failed');
      assert.match(last.sentence, /Sign in again/);
    });

    it('having kept for a reload all but the token', async () => {
      const { receive, state } = await conversation();
      await receive({ kind: 'edit', field: 'pipeline', value: 'release' });
      await receive({ kind: 'tab', tab: 'pipeline' });
      const { saved } = state();
      const restored = restorePanel(JSON.parse(JSON.stringify(saved)));
      assert(restored);
      const again = await conversation(memory(), restored);
      await again.receive({ kind: 'ready' });
      assert.equal(again.state().tab, 'pipeline');
      assert.match(again.tab('pipeline').snippets[1]?.text ?? '', /- release/);
      for (const broken of [undefined, {}, { ...(saved as object), endpoint: 'http://example.com' }]) {
        assert.equal(restorePanel(broken), undefined);
      }
    });
  });
});

/** Has new terminals run that program, until what it gives is called. */
async function withDefaultShell(program: string): Promise<() => Promise<void>> {
  const platform = process.platform === 'darwin' ? 'osx' : 'linux';
  const terminal = vscode.workspace.getConfiguration('terminal.integrated');
  const set = async (profiles: object | undefined, name: string | undefined) => {
    await terminal.update(`profiles.${platform}`, profiles, vscode.ConfigurationTarget.Global);
    await terminal.update(`defaultProfile.${platform}`, name, vscode.ConfigurationTarget.Global);
  };
  await set({ own: { path: program } }, 'own');
  await until(() => vscode.env.shell === program, 'new terminals run the program');
  return () => set(undefined, undefined);
}
