import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import type { GitObjectId } from '../../../src/core/objectIds.ts';
import { rememberCommand } from '../../../src/editor/chosenCommand.ts';
import { PageConversation } from '../../../src/editor/modelPage/conversation.ts';
import { MOST_IMAGES } from '../../../src/editor/modelPage/images.ts';
import type { MessageToPage, PartContent, PartName } from '../../../src/editor/modelPage/messages.ts';
import {
  addressOfRow,
  type PageAddress,
  restoredAddress,
} from '../../../src/editor/modelPage/pageAddress.ts';
import type { ModelRow, VersionRow } from '../../../src/editor/rows.ts';
import { FileContents } from '../../../src/editor/versionFiles/fileContents.ts';
import { watchMemory } from '../../../src/editor/watchedMemory.ts';
import { silent } from '../../unit/snapshot/repositories.ts';
import { safetensors, safetensorsHeader } from '../../unit/weights/weightFiles.ts';
import { localRegistry } from '../localRegistry.ts';
import { scriptedPrompts } from '../scriptedPrompts.ts';
import { until } from '../../setup/until.ts';
import { signIn, signOutOfAll, testAccess, useLocalRegistry } from '../testAccess.ts';

const README = '---\nlicense: mit\ntags:\n  - tiny\n  - test\n---\n# Tiny\n\n![dot](dot.png)\n';
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
const FILES = {
  '.gitattributes': '*.safetensors filter=lfs diff=lfs merge=lfs -text\n',
  'README.md': README,
  'dot.png': PNG,
  'docs/use.md': '# Use\n',
  'model.safetensors': safetensors({ w: { dtype: 'F16', shape: [10, 20] } }),
};

describe('model page', () => {
  let made = 0;
  let token = '';
  const conversations: { dispose(): void }[] = [];

  before(async () => {
    await useLocalRegistry();
    await signOutOfAll();
    token = localRegistry().addToken({
      scopes: ['read_user', 'read_organizations', 'read_registries', 'read_packages', 'write_packages'],
      user: { name: 'Mo Page', email: 'mo@example.com' },
    });
    await signIn(token);
  });
  afterEach(async () => {
    localRegistry().clearFaults();
    for (const conversation of conversations.splice(0)) conversation.dispose();
    await vscode.window.tabGroups.close(tabs());
    await until(() => tabs().length === 0, 'the pages are closed');
  });
  after(signOutOfAll);

  const tabs = () =>
    vscode.window.tabGroups.all
      .flatMap((group) => group.tabs)
      .filter(
        ({ input }) =>
          input instanceof vscode.TabInputWebview && input.viewType.includes('modelRegistries.modelPage'),
      );
  const publish = async (
    model: string,
    files: Readonly<Record<string, string | Buffer>> = FILES,
    message?: string,
  ) =>
    (await localRegistry().addModelVersion(
      localRegistry().organization,
      localRegistry().registry,
      model,
      files,
      message,
    )) as GitObjectId;
  const newModel = () => `acme/page-${(made += 1)}`;
  const modelRow = async (model: string): Promise<ModelRow> => {
    const [session] = (await testAccess()).sessions.all;
    assert(session);
    const { organization, registry } = localRegistry();
    const { signal } = new AbortController();
    return {
      kind: 'model',
      session,
      registry: await session.host.listing.registry(organization, registry, signal),
      model,
    };
  };
  const versionRow = async (model: string, commit: GitObjectId): Promise<VersionRow> => {
    const { session, registry } = await modelRow(model);
    const { items } = await session.host.listing.versions(registry, model, {}, new AbortController().signal);
    const version = items.find((one) => one.commit === commit);
    assert(version);
    return { kind: 'version', session, version };
  };
  const open = (row: unknown) => vscode.commands.executeCommand('modelRegistries.openModelPage', row);

  it('opens once for a model and its versions, and again after it was closed @oldest', async () => {
    const [one, two] = [newModel(), newModel()];
    const commit = await publish(one);
    await publish(two);
    await open(await modelRow(one));
    await open(await modelRow(two));
    await open(await versionRow(one, commit));
    await until(
      () => tabs().length >= 2 && vscode.window.tabGroups.activeTabGroup.activeTab?.label === one,
      'both pages are open, and the first is in front',
    );
    assert.deepEqual(
      tabs()
        .map(({ label }) => label)
        .sort(),
      [one, two].sort(),
    );
    await vscode.window.tabGroups.close(tabs());
    await until(() => tabs().length === 0, 'the pages are closed');
    await open(await modelRow(one));
    await until(() => tabs().length === 1, 'the page is open again');
  });

  it('asks its server what a page needs, from the page itself @oldest', async () => {
    const model = newModel();
    await publish(model, { ...FILES, 'README.md': '# Read by nobody else\n' });
    const asked = () =>
      localRegistry()
        .requests.filter(({ path }) => decodeURIComponent(path).includes(model))
        .map(({ path }) => path);
    await open(await modelRow(model));
    // Only the script in the panel says that it is ready.
    await until(
      () =>
        asked().some((path) => path.includes('/tree/')) &&
        asked().some((path) => path.endsWith('/README.md')),
      'the page asks for its files and its card',
    );
    await until(
      () => asked().some((path) => path.endsWith('model.safetensors')),
      'the page asks for the header of the weights',
    );
  });

  describe('talks to its page', () => {
    async function talk(address: PageAddress, clock?: ConstructorParameters<typeof PageConversation>[4]) {
      const posted: MessageToPage[] = [];
      const prompts = scriptedPrompts({});
      const http = createHttpClient({
        userAgent: 'test',
        log: silent,
        backoff: { retries: 0, firstMs: 1, longestMs: 1, longestAskedMs: 1 },
      });
      const { sessions } = await testAccess();
      const kept = new Map<string, unknown>();
      const globalMemory = watchMemory({
        keys: () => [...kept.keys()],
        get: (key: string) => kept.get(key),
        update: (key, value) => Promise.resolve(void kept.set(key, value)),
      } as vscode.Memento);
      const services = { globalMemory, http, log: silent, prompts, sessions };
      const host = new PageConversation(
        services,
        new FileContents(services),
        address,
        (message) => posted.push(message),
        clock,
      );
      conversations.push(host, http);
      type StateOf<Name extends PartName> = Extract<PartContent, { name: Name }>['state'];
      const state = <Name extends PartName>(name: Name): StateOf<Name> | undefined =>
        posted.findLast((message) => message.kind === 'part' && message.name === name)?.[
          'state' as keyof MessageToPage
        ] as StateOf<Name> | undefined;
      const head = () => {
        const last = posted.findLast((message) => message.kind === 'page');
        assert(last?.kind === 'page');
        return last.page;
      };
      const settled = async (...names: readonly PartName[]) =>
        until(
          () => names.every((name) => !['loading', undefined].includes(state(name)?.status)),
          `${names.join(', ')} are loaded`,
        );
      const content = <Name extends PartName>(name: Name) => {
        const found = state(name);
        assert(found?.status === 'ready', JSON.stringify(found));
        return found.content as Extract<StateOf<Name>, { status: 'ready' }>['content'];
      };
      const notice = () => posted.findLast((message) => message.kind === 'notice')?.sentence;
      return {
        receive: (message: unknown) => host.receive(message),
        activated: () => host.activated(),
        setVisible: (visible: boolean) => host.setVisible(visible),
        dispose: () => host.dispose(),
        posted,
        prompts,
        globalMemory,
        kept,
        state,
        head,
        settled,
        content,
        notice,
      };
    }
    const addressOf = async (model: string) => {
      const address = addressOfRow(await modelRow(model));
      assert(address);
      return address;
    };
    const ALL = ['weights', 'readme', 'files', 'versions'] as const;

    it('sending what is known at once, and the parts of the newest version as they come', async () => {
      const model = newModel();
      const older = await publish(model, { 'README.md': '# Old\n' });
      const commit = await publish(model);
      const page = await talk(await addressOf(model));
      await page.receive({ kind: 'ready' });
      assert.equal(page.head().heading, model);
      await page.settled(...ALL);
      await until(() => page.content('weights').sets[0]?.state.status === 'ready', 'the weights are read');
      const [set] = page.content('weights').sets;
      assert(set?.state.status === 'ready');
      assert.deepEqual(set.state.content.dtypes, [{ dtype: 'F16', parameters: '200', share: 1 }]);
      assert.deepEqual(page.content('readme').metadata, [
        { label: 'license', value: 'mit' },
        { label: 'tags', value: 'tiny, test' },
      ]);
      assert.match(page.content('readme').text, /^# Tiny/);
      const files = page.content('files').files;
      assert.deepEqual(
        files.map(({ path, lfs }) => [path, lfs]).sort(),
        Object.keys(FILES)
          .map((path) => [path, /\.(?:safetensors|png)$/.test(path)])
          .sort(),
      );
      assert.deepEqual(
        page.content('versions').versions.map(({ commit: id, shown }) => [id, shown]),
        [
          [commit, true],
          [older, false],
        ],
      );
      assert(page.head().install?.command?.includes(commit));
      assert(page.head().facts.some(({ value }) => value === commit));
      assert.deepEqual(restoredAddress(JSON.parse(JSON.stringify(page.head().saved))), {
        ...(await addressOf(model)),
        commit,
      });
      const { token: ofRegistry, readOnlyToken } = localRegistry();
      for (const secret of [token, ofRegistry, readOnlyToken])
        assert(!JSON.stringify(page.posted).includes(secret));
    });

    it('showing another version that is chosen, and nothing else that is named', async () => {
      const model = newModel();
      const older = await publish(model, { 'README.md': '# Old\n' });
      await publish(model);
      const page = await talk(await addressOf(model));
      await page.receive({ kind: 'ready' });
      await page.settled(...ALL);
      await page.receive({ kind: 'chooseVersion', commit: '0'.repeat(40) });
      assert.match(page.content('readme').text, /^# Tiny/);
      await page.receive({ kind: 'chooseVersion', commit: older });
      await page.settled(...ALL);
      assert.match(page.content('readme').text, /^# Old/);
      assert.equal(page.head().standing?.kind, 'older');
      assert.equal(page.head().changes?.sentence, 'The first version');
      assert.equal(page.state('weights')?.status, 'none');
      assert.deepEqual(page.head().saved, { ...(await addressOf(model)), commit: older });
    });

    it('telling at a glance what it is, what changed, and which commit was published', async () => {
      const model = newModel();
      const local = '5ca1ab1e'.repeat(5);
      const older = await publish(model, { 'README.md': '# Old\n' }, 'Begin');
      const commit = await publish(model, FILES, `Train\n\nGit-Commit: ${local}`);
      const page = await talk(await addressOf(model));
      await page.receive({ kind: 'ready' });
      await until(() => page.head().changes !== undefined, 'the page tells what changed');
      await until(() => page.head().chips.length === 4, 'the page has read the weights');
      const { chips, subject, standing, changes, facts } = page.head();
      assert.deepEqual(
        chips.map(({ name, value }) => [name, name === 'Size' ? '' : value]),
        [
          ['License', 'mit'],
          ['Parameters', '200'],
          ['Format', 'safetensors'],
          ['Size', ''],
        ],
      );
      assert.equal(subject, 'Train');
      assert.equal(standing?.kind, 'newest');
      assert.equal(
        changes?.sentence,
        `Files since ${older.slice(0, 7)}: 1 changed, ${Object.keys(FILES).length - 1} added`,
      );
      assert.deepEqual(
        facts.filter(({ copy }) => /commit/i.test(copy?.what ?? '')).map(({ value }) => value),
        [commit, local],
      );
      await page.receive({ kind: 'copy', what: 'gitCommit' });
      assert.deepEqual(page.prompts.copied, [local]);
      assert.deepEqual(
        page.content('versions').versions.map(({ subject: told, git }) => [told, git]),
        [
          ['Train', 'Git 5ca1ab1'],
          ['Begin', undefined],
        ],
      );
      await page.receive({ kind: 'act', action: 'compare' });
      const title = `${model}: ${older.slice(0, 7)} “Begin” ↔ ${commit.slice(0, 7)} “Train”`;
      await until(
        () => vscode.window.tabGroups.activeTabGroup.activeTab?.label.startsWith(title) === true,
        'the comparison with the version before is open',
      );
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });

    it('doing without the commit messages where the server has none', async () => {
      const model = newModel();
      await publish(model);
      localRegistry().inject({
        path: /\/commits\//,
        fault: { kind: 'status', status: 404 },
        times: Infinity,
      });
      const page = await talk(await addressOf(model));
      await page.receive({ kind: 'ready' });
      await page.settled(...ALL);
      await until(() => page.head().standing !== undefined, 'the page tells that it is the newest');
      assert.equal(page.head().subject, undefined);
      assert.equal(page.content('versions').versions[0]?.subject, '');
    });

    it('asking nothing before it is shown, while it is hidden, and after it was closed', async () => {
      const model = newModel();
      await publish(model);
      const address = await addressOf(model);
      const asked = () => localRegistry().requests.filter(({ path }) => path.includes(model)).length;
      const before = asked();
      const page = await talk(address);
      assert.equal(asked(), before);
      localRegistry().inject({ path: /\/tree\//, fault: { kind: 'hang' }, times: Infinity });
      await page.receive({ kind: 'ready' });
      await until(
        () => localRegistry().requests.some(({ path }) => path.includes(`${model}/tree/`)),
        'the files are asked for',
      );
      page.setVisible(false);
      const posted = page.posted.length;
      const hidden = asked();
      await page.receive({ kind: 'retry', part: 'files' });
      await page.receive({ kind: 'moreVersions' });
      await page.receive({ kind: 'showImage', path: 'dot.png' });
      assert.equal(asked(), hidden);
      assert.equal(page.posted.length, posted);
      localRegistry().clearFaults();
      page.setVisible(true);
      await page.settled('files', 'readme');
      assert.equal(page.state('files')?.status, 'ready');
      page.dispose();
      const closed = asked();
      await page.receive({ kind: 'retry', part: 'files' });
      assert.equal(asked(), closed);
    });

    it('telling what failed of each part, and trying that again', async () => {
      const model = newModel();
      await publish(model);
      const page = await talk(await addressOf(model));
      localRegistry().inject({
        path: /resolve.*README/,
        fault: { kind: 'status', status: 500 },
        times: Infinity,
      });
      await page.receive({ kind: 'ready' });
      await page.settled(...ALL);
      const readme = page.state('readme');
      assert(readme?.status === 'failed');
      assert.match(readme.sentence, /README\.md/);
      assert.equal(page.state('files')?.status, 'ready');
      localRegistry().clearFaults();
      await page.receive({ kind: 'retry', part: 'readme' });
      await page.settled('readme');
      assert.equal(page.state('readme')?.status, 'ready');
    });

    it('telling that a header is damaged, beside weights that can be read when asked for', async () => {
      const model = newModel();
      await publish(model, {
        'model.safetensors': safetensorsHeader('{}', 2n ** 60n),
        'other.safetensors': safetensors({ w: { dtype: 'F32', shape: [3] } }),
      });
      const page = await talk(await addressOf(model));
      await page.receive({ kind: 'ready' });
      await page.settled(...ALL);
      const states = () => page.content('weights').sets.map(({ state }) => state.status);
      await until(() => states()[0] === 'failed', 'the damaged header is told');
      assert.deepEqual(states(), ['failed', 'idle']);
      await page.receive({ kind: 'readWeights', entry: 'other.safetensors' });
      await until(() => states()[1] === 'ready', 'the other header is read');
    });

    it('saying that there is no version, no README and no weights', async () => {
      const page = await talk(await addressOf('acme/not-there'));
      await page.receive({ kind: 'ready' });
      await page.settled(...ALL);
      for (const name of ALL) assert.equal(page.state(name)?.status, 'none');
    });

    it('copying what it names', async () => {
      const model = newModel();
      const commit = await publish(model);
      const page = await talk(await addressOf(model));
      await page.receive({ kind: 'ready' });
      await page.settled(...ALL);
      for (const what of ['model', 'commit', 'install'] as const) await page.receive({ kind: 'copy', what });
      assert.deepEqual(page.prompts.copied.slice(0, 2), [model, commit]);
      assert.equal(page.prompts.copied[2], page.head().install?.command);
      await page.receive({ kind: 'copyDigest', path: 'model.safetensors' });
      assert.match(page.prompts.copied[3] ?? '', /^[0-9a-f]{64}$/);
      await page.receive({ kind: 'copyDigest', path: 'README.md' });
      assert.equal(page.prompts.copied.length, 4);
    });

    const openAsText = (path: string) =>
      until(
        () =>
          vscode.window.tabGroups.all
            .flatMap((group) => group.tabs)
            .some(({ input }) => input instanceof vscode.TabInputText && input.uri.path.endsWith(`/${path}`)),
        `${path} is open as text`,
      );

    it('opening files of the version, links of the web, and nothing else', async () => {
      const model = newModel();
      await publish(model);
      const page = await talk(await addressOf(model));
      await page.receive({ kind: 'ready' });
      await page.settled(...ALL);
      await page.receive({ kind: 'openFile', path: 'docs/use.md' });
      await openAsText('docs/use.md');
      // The page has shown the card: what is asked for is its text.
      await page.receive({ kind: 'openFile', path: 'README.md' });
      await openAsText('README.md');
      await page.receive({ kind: 'openFile', path: '../../secret' });
      assert.match(page.notice() ?? '', /secret/);
      for (const url of [
        'command:workbench.action.quit',
        'javascript:alert(1)',
        'file:///etc/passwd',
        'data:text/html,x',
        'vscode://evil.ext/x',
        'no address',
      ]) {
        await page.receive({ kind: 'openLink', url });
      }
      assert.deepEqual(page.prompts.opened, []);
      await page.receive({ kind: 'openLink', url: 'https://example.com/paper' });
      assert.deepEqual(page.prompts.opened, ['https://example.com/paper']);
    });

    it('giving images of the version as data, and no other file', async () => {
      const model = newModel();
      await publish(model, { ...FILES, 'large.png': Buffer.alloc(2 * 1024 * 1024 + 1) });
      const page = await talk(await addressOf(model));
      await page.receive({ kind: 'ready' });
      await page.settled(...ALL);
      for (const path of ['dot.png', 'large.png', 'gone.png', 'README.md']) {
        await page.receive({ kind: 'showImage', path });
      }
      assert.deepEqual(
        page.posted.filter((message) => message.kind === 'image').map(({ path, source }) => [path, source]),
        [
          ['dot.png', `data:image/png;base64,${PNG.toString('base64')}`],
          ['large.png', undefined],
          ['gone.png', undefined],
          ['README.md', undefined],
        ],
      );
    });

    it('giving so many images of a version, and no more, of which each is a request', async () => {
      const model = newModel();
      const paths = Array.from({ length: MOST_IMAGES + 20 }, (_, at) => `${at}.png`);
      await publish(model, Object.fromEntries(paths.map((path, at) => [path, `image ${at}`])));
      const page = await talk(await addressOf(model));
      await page.receive({ kind: 'ready' });
      await page.settled(...ALL);
      const from = localRegistry().requests.length;
      await Promise.all(paths.map((path) => page.receive({ kind: 'showImage', path })));
      const given = page.posted.flatMap((message) => (message.kind === 'image' ? [message.source] : []));
      assert.equal(given.length, paths.length, 'each is answered');
      assert.equal(given.filter((source) => source !== undefined).length, MOST_IMAGES);
      const asked = localRegistry().requests.slice(from);
      assert.equal(asked.filter(({ path }) => path.endsWith('.png')).length, MOST_IMAGES);
    });

    it('giving no image of a version that it shows no more', async () => {
      const model = newModel();
      const older = await publish(model, { 'README.md': README, 'dot.png': Buffer.concat([PNG, PNG]) });
      await publish(model);
      const page = await talk(await addressOf(model));
      await page.receive({ kind: 'ready' });
      await page.settled(...ALL);
      let letGo: (() => void) | undefined;
      const held = new Promise<void>((resolve) => (letGo = resolve));
      localRegistry().inject({ path: /resolve.*dot\.png/, fault: { kind: 'hold', until: held } });
      const from = localRegistry().requests.length;
      const late = page.receive({ kind: 'showImage', path: 'dot.png' });
      await until(
        () =>
          localRegistry()
            .requests.slice(from)
            .some(({ path }) => path.endsWith('/dot.png')),
        'the image is asked for',
      );
      await page.receive({ kind: 'chooseVersion', commit: older });
      await page.settled(...ALL);
      await page.receive({ kind: 'showImage', path: 'dot.png' });
      letGo?.();
      await late;
      assert.deepEqual(
        page.posted.flatMap((message) => (message.kind === 'image' ? [message.source] : [])),
        [`data:image/png;base64,${Buffer.concat([PNG, PNG]).toString('base64')}`],
      );
    });

    it('showing the install command for the client that is chosen elsewhere, and copying what it shows', async () => {
      const model = newModel();
      await publish(model);
      const page = await talk(await addressOf(model));
      await page.receive({ kind: 'ready' });
      await page.settled('versions');
      await rememberCommand(page.globalMemory, { client: 'huggingface-cli', shell: 'fish' });
      const command = page.head().install?.command;
      assert.match(command ?? '', /huggingface-cli download/);
      page.kept.set('instructions.choice', { client: 'hf', shell: 'cmd' });
      await page.receive({ kind: 'copy', what: 'install' });
      assert.deepEqual(page.prompts.copied, [command]);
    });

    it('offering the commands of a model without a version', async () => {
      const model = 'acme/not-there-yet';
      const page = await talk(await addressOf(model));
      await page.receive({ kind: 'ready' });
      await page.settled(...ALL);
      await page.receive({ kind: 'act', action: 'showCommands' });
      await until(
        () => vscode.window.tabGroups.activeTabGroup.activeTab?.label.includes(model) === true,
        'the panel of the commands is in front',
      );
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });

    it('saying once that its account is signed out, and loading what it lacks after signing in', async () => {
      const model = newModel();
      await publish(model);
      const page = await talk(await addressOf(model));
      await signOutOfAll();
      await page.receive({ kind: 'ready' });
      await page.settled(...ALL);
      assert(page.head().signedOut);
      assert.deepEqual(page.head().actions, []);
      for (const name of ALL) assert.equal(page.state(name)?.status, 'none');
      // While nobody looks.
      page.setVisible(false);
      await signIn(token);
      await page.receive({ kind: 'ready' });
      await until(() => ALL.every((name) => page.state(name)?.status === 'ready'), 'all parts are loaded');
      assert.equal(page.head().signedOut, undefined);
      assert(page.head().install);
    });

    it('taking versions that came or went since, when it is looked at again', async () => {
      const model = newModel();
      const older = await publish(model);
      const page = await talk(await addressOf(model));
      await page.receive({ kind: 'ready' });
      await page.settled(...ALL);
      const listed = () => page.content('versions').versions.map(({ commit }) => commit);
      assert.equal(page.head().standing?.kind, 'newest');
      localRegistry().inject({ path: /\/packages\?/, fault: { kind: 'status', status: 500 }, times: 1 });
      const from = localRegistry().requests.length;
      await page.activated();
      await until(() => localRegistry().requests.length > from, 'the list is asked for once more');
      assert.deepEqual(listed(), [older]);
      const newer = await publish(model, { 'README.md': '# New\n' });
      await page.activated();
      await until(
        () => page.head().standing?.kind === 'older',
        'the page tells that there is a newer version',
      );
      assert.deepEqual(listed(), [newer, older]);
      assert.match(page.content('readme').text, /^# Tiny/);
    });

    it('telling ages anew while somebody looks, and nothing else', async () => {
      const model = newModel();
      await publish(model);
      let now = new Date();
      const page = await talk(await addressOf(model), { everyMs: 5, now: () => now });
      await page.receive({ kind: 'ready' });
      await page.settled(...ALL);
      const told = () => page.content('versions').versions[0]?.published ?? '';
      await until(() => /\((?:now|\d+ seconds? ago)\)/.test(told()), 'the version is new');
      now = new Date(now.getTime() + 3 * 3_600_000);
      await until(() => told().includes('3 hours ago'), 'the list tells its age');
      const published = () => page.head().facts.find(({ label }) => label === 'Published')?.value;
      await until(() => published()?.includes('3 hours ago') === true, 'the top tells its age');
    });

    it('doing nothing for messages that are none of its own', async () => {
      const model = newModel();
      await publish(model);
      const page = await talk(await addressOf(model));
      for (const message of [
        undefined,
        'ready',
        { kind: 'copy', what: 'token' },
        { kind: 'copy', what: 'install', text: 'rm -rf ~' },
        { kind: 'act', action: 'workbench.action.quit' },
        { kind: 'openFile', path: 'x'.repeat(5000) },
      ]) {
        await page.receive(message);
      }
      assert.deepEqual(page.posted, []);
      assert.deepEqual(page.prompts.copied, []);
    });
  });

  it('is brought back only from what it kept itself', () => {
    const place = { account: 'a', organization: 'acme', registry: 'models', model: 'acme/phi' };
    assert.deepEqual(restoredAddress(place), place);
    for (const state of [
      undefined,
      'acme/phi',
      { ...place, model: '' },
      { ...place, commit: 'a b' },
      { ...place, endpoint: 'https://example.com' },
      { ...place, model: 'x'.repeat(2000) },
    ]) {
      assert.equal(restoredAddress(state), undefined);
    }
  });
});
