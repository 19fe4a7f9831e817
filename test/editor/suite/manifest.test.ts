import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../../src/editor/commands.ts';
import { CONTEXT_KEYS } from '../../../src/editor/contextKeys.ts';
import { PUBLISHES_WORDS } from '../../../src/editor/publishes/publishesItem.ts';
import { LOCAL_CONTEXT_WORDS } from '../../../src/editor/localModels/treeItem.ts';
import { CONTEXT_WORDS } from '../../../src/editor/registries/contextWords.ts';
import { extension } from '../testAccess.ts';

interface MenuEntry {
  /** Absent where it is another menu. */
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
  readonly group?: string;
}

interface Manifest {
  readonly contributes: {
    readonly authentication: readonly { readonly id: string; readonly label: string }[];
    readonly commands: readonly { readonly command: string }[];
    readonly submenus: readonly { readonly id: string }[];
    readonly walkthroughs: readonly {
      readonly id: string;
      readonly steps: readonly {
        readonly description: string;
        readonly media: { readonly markdown: string };
        readonly completionEvents: readonly string[];
      }[];
    }[];
    readonly menus: Readonly<Record<string, readonly MenuEntry[]>>;
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly viewsWelcome: readonly { readonly contents: string; readonly when: string }[];
    readonly keybindings: readonly (MenuEntry & { readonly key: string })[];
    readonly configuration: readonly {
      readonly properties: Readonly<Record<string, { readonly scope: string; readonly order: number }>>;
    }[];
  };
}

/** Context keys that VS Code itself sets. */
const EDITOR_KEYS = [
  'view',
  'viewItem',
  'listMultiSelection',
  'listDoubleSelection',
  'explorerResourceIsFolder',
  'resourcePath',
  'resourceScheme',
  'resourceExtname',
  'scmProvider',
  'isWorkspaceTrusted',
  'virtualWorkspace',
  'focusedView',
  'listFocus',
  'inputFocus',
  'workspaceFolderCount',
  'remoteName',
  'isWeb',
];

/** The words of each view's rows. Of those without a menu entry of their own, a click does what there is to do. */
const VIEWS: Readonly<
  Record<string, { readonly words: readonly string[]; readonly withoutMenu: readonly string[] }>
> = {
  'modelRegistries.registries': {
    words: CONTEXT_WORDS,
    withoutMenu: ['loading', 'more'],
  },
  'modelRegistries.localModels': { words: LOCAL_CONTEXT_WORDS, withoutMenu: ['cache', 'unpublished'] },
  'modelRegistries.publishes': {
    words: PUBLISHES_WORDS,
    withoutMenu: ['ongoing', 'stage', 'fileInFlight', 'older'],
  },
};

/** What a workspace may set for itself: no address, path or command. */
const HARMLESS_SETTINGS = [
  'modelRegistries.showOtherRegistries',
  'modelRegistries.showHead',
  'modelRegistries.explorerDecorations',
  'modelRegistries.commitMessage',
];

describe('the manifest @oldest', () => {
  const { contributes } = extension().packageJSON as Manifest;
  const menuEntries = Object.values(contributes.menus).flat();
  const whens = [...menuEntries, ...contributes.viewsWelcome, ...contributes.keybindings].map(
    ({ when }) => when ?? '',
  );
  const viewOf = (when = '') => /^view == ([\w.]+)/.exec(when)?.[1] ?? '';
  const wordsIn = (when: string) => [...when.matchAll(/\\b(\w+)\\b/g)].map(([, word]) => word);

  it('has the commands of the code', () => {
    assert.deepEqual(contributes.commands.map(({ command }) => command).sort(), [...COMMAND_IDS].sort());
  });

  it('registers every command it has, and no other', async () => {
    await extension().activate();
    assert.equal(extension().isActive, true);
    // VS Code makes commands of each view, such as modelRegistries.registries.focus.
    const registered = (await vscode.commands.getCommands(true)).filter(
      (id) =>
        id.startsWith('modelRegistries.') && !Object.keys(VIEWS).some((view) => id.startsWith(`${view}.`)),
    );
    assert.deepEqual(registered.sort(), [...COMMAND_IDS].sort());
  });

  it('puts only its own commands in menus and on keys', () => {
    const known = new Set<string>(COMMAND_IDS);
    assert.deepEqual(
      [...menuEntries, ...contributes.keybindings]
        .flatMap(({ command }) => command ?? [])
        .filter((command) => !known.has(command)),
      [],
    );
    const menus = contributes.submenus.map(({ id }) => id);
    assert.deepEqual(
      menuEntries.flatMap(({ submenu }) => submenu ?? []),
      menus,
    );
    assert(menus.every((id) => (contributes.menus[id]?.length ?? 0) > 0));
  });

  it('leads through the first steps by what there is, and marks them by what is done', async () => {
    const steps = contributes.walkthroughs.flatMap((one) => one.steps);
    assert.equal(steps.length, 3);
    const known = [
      ...COMMAND_IDS.map((id) => `onCommand:${id}`),
      ...CONTEXT_KEYS.map((key) => `onContext:${key}`),
    ];
    for (const { media, completionEvents } of steps) {
      await readFile(join(extension().extensionPath, media.markdown), 'utf8');
      assert.deepEqual(
        completionEvents.filter((event) => !known.includes(event)),
        [],
      );
      assert(completionEvents.length > 0);
    }
  });

  it('links only to commands that there are', () => {
    const texts = [
      ...contributes.viewsWelcome.map(({ contents }) => contents),
      ...contributes.walkthroughs.flatMap((one) => one.steps.map(({ description }) => description)),
    ].join(' ');
    const linked = [...texts.matchAll(/\(command:([\w.]+)/g)].map(([, id = '']) => id);
    assert(linked.length > 0);
    const own = new Set<string>(COMMAND_IDS);
    assert.deepEqual(
      linked.filter((id) => id.startsWith('modelRegistries.') && !own.has(id)),
      [],
    );
    const [walkthrough] = contributes.walkthroughs;
    const address = encodeURIComponent(JSON.stringify([`${extension().id}#${walkthrough?.id}`]));
    assert(texts.includes(`command:workbench.action.openWalkthrough?${address}`));
  });

  it('decides for every command of a row whether the palette offers it', () => {
    const decided = new Set(contributes.menus.commandPalette?.map(({ command }) => command));
    const ofRows = contributes.menus['view/item/context']?.flatMap(({ command }) => command ?? []) ?? [];
    assert.deepEqual(
      // The log needs no row.
      ofRows.filter((command) => !decided.has(command) && command !== 'modelRegistries.showLog'),
      [],
    );
  });

  it('offers in a row’s menu what its buttons do: no key reaches a button', () => {
    const entries = contributes.menus['view/item/context'] ?? [];
    const isButton = ({ group = '' }: MenuEntry) => group.startsWith('inline');
    const place = ({ command = '', when }: MenuEntry) => `${viewOf(when)} ${command}`;
    const inMenus = new Set(entries.filter((entry) => !isButton(entry)).map(place));
    assert.deepEqual(
      entries.filter((entry) => isButton(entry) && !inMenus.has(place(entry))),
      [],
    );
  });

  it('knows the rows of every view', () => {
    const views = Object.values(contributes.views).flat();
    assert.deepEqual(views.map(({ id }) => id).sort(), Object.keys(VIEWS).sort());
  });

  it('keeps its entries in its own views, and its keys in the list of it', () => {
    const inView = ['view/title', 'view/item/context'].flatMap((menu) => contributes.menus[menu] ?? []);
    assert(inView.every(({ when }) => viewOf(when) in VIEWS));
    assert(contributes.keybindings.length > 0);
    for (const { when } of contributes.keybindings) {
      assert.equal(when, 'focusedView == modelRegistries.registries && listFocus && !inputFocus');
    }
  });

  it('asks rows only for words that rows have', () => {
    const strange = whens.flatMap((when) =>
      wordsIn(when).filter((word = '') => VIEWS[viewOf(when)]?.words.includes(word) !== true),
    );
    assert(whens.flatMap(wordsIn).length > 0);
    assert.deepEqual(strange, []);
    const clauses = whens.filter((when) => when.includes('viewItem'));
    assert(clauses.every((when) => /( && viewItem =~ \/\\b\w+\\b\/)+$/.test(when)));
  });

  it('has an entry for every word of a row', () => {
    for (const [view, { words, withoutMenu }] of Object.entries(VIEWS)) {
      const used = new Set(whens.filter((when) => viewOf(when) === view).flatMap(wordsIn));
      assert.deepEqual(words.filter((word) => !used.has(word)).sort(), [...withoutMenu].sort(), view);
    }
  });

  it('reads only context keys that the code or the editor sets', () => {
    const keys = whens
      .map((when) => when.replace(/(==|=~) \S+/g, ''))
      .flatMap((when) => when.match(/[A-Za-z][\w.]+/g) ?? [])
      .filter((key) => !['false', 'in', 'not'].includes(key));
    const completed = contributes.walkthroughs
      .flatMap(({ steps }) => steps.flatMap(({ completionEvents }) => completionEvents))
      .map((event) => event.replace(/^onContext:/, ''));
    const known = [...EDITOR_KEYS, ...CONTEXT_KEYS];
    assert.deepEqual(
      keys.filter((key) => !known.includes(key)),
      [],
    );
    assert.deepEqual(
      CONTEXT_KEYS.filter((key) => ![...keys, ...completed].includes(key)),
      [],
      'set, and read by nothing',
    );
  });

  it('lets no workspace change where a token is sent or what is run', async () => {
    const settings = contributes.configuration.flatMap(({ properties }) => Object.entries(properties));
    const closed = ['application', 'machine'];
    const open = settings.filter(([, { scope }]) => !closed.includes(scope)).map(([name]) => name);
    assert.deepEqual([...open].sort(), [...HARMLESS_SETTINGS].sort());
    for (const [name] of settings.filter(([name]) => !open.includes(name))) {
      await assert.rejects(
        async () =>
          vscode.workspace
            .getConfiguration()
            .update(name, 'https://example.com', vscode.ConfigurationTarget.Workspace),
        `${name} could be set by a workspace`,
      );
    }
  });

  it('has a text for every key, and a key for every text', async () => {
    const folder = extension().extensionPath;
    const manifest = await readFile(join(folder, 'package.json'), 'utf8');
    const texts = JSON.parse(await readFile(join(folder, 'package.nls.json'), 'utf8')) as Record<
      string,
      string
    >;
    const keys = new Set([...manifest.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key));
    assert.deepEqual([...keys].sort(), Object.keys(texts).sort());
    assert.deepEqual(
      Object.entries(texts).filter(([, text]) => text.trim() === ''),
      [],
    );
  });

  it('shows its settings in the order of its text', () => {
    const orders = contributes.configuration.flatMap(({ properties }) =>
      Object.values(properties).map(({ order }) => order),
    );
    assert.deepEqual(
      orders,
      orders.map((_, index) => index + 1),
    );
  });

  it('names the authentication provider as the code does', () => {
    assert.deepEqual(contributes.authentication, [{ id: 'modelRegistries', label: 'Model Registries' }]);
  });
});
