/** The workbench as a person sees it. Selectors are VS Code's own, seen in 1.105 and 1.139; everything waits for what it needs. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { until } from '../setup/until.ts';
import type { Keybinding } from '../setup/vscode.ts';
import { walkFocus } from './focusWalk.ts';

/** Pictures take a processor's time, and nobody looks at those of every run: `--pictures` of `scripts/test.mjs`. */
export const wantsPictures = () => process.env.MODEL_REGISTRIES_TEST_PICTURES === '1';
const screenshots = fileURLToPath(new URL('../../.test-output/screenshots/', import.meta.url));

async function screenshotFile(name: string): Promise<string> {
  const path = join(screenshots, `${name}.png`);
  await mkdir(dirname(path), { recursive: true });
  return path;
}

/** Where a picture for the README is kept, in a folder that is there; `npm run screenshots` copies it to media/screenshots. */
export const pictureFile = (name: string): Promise<string> => screenshotFile(`pictures/${name}`);

/** The workbench's class for each kind of theme, under the name that webviews have for it. */
const themeClasses = {
  dark: 'vs-dark',
  light: 'vs',
  'high-contrast': 'hc-black',
  'high-contrast-light': 'hc-light',
} as const;

export type ThemeKind = keyof typeof themeClasses;

/** A theme of each kind that every supported VS Code has. `picture` ends the names of the README's pictures in it. */
export const themes: readonly {
  readonly name: string;
  readonly kind: ThemeKind;
  readonly picture: string;
}[] = [
  { name: 'Dark Modern', kind: 'dark', picture: 'dark' },
  { name: 'Dark High Contrast', kind: 'high-contrast', picture: 'hc-dark' },
  { name: 'Light High Contrast', kind: 'high-contrast-light', picture: 'hc-light' },
  { name: 'Light Modern', kind: 'light', picture: 'light' },
];

/** Milliseconds after which a gesture that VS Code may have dropped is made once more. */
const DROPPED = 5000;

/** Milliseconds that a window may take to open: it loads megabytes of script, on a machine that has other things to do. */
export const OPENING = { timeout: 90_000 } as const;

const RESTING_KEY = 'Control+Alt+Shift+F9';

/** The shortcut with which {@link Workbench.rest} puts away what is open in a window. */
const RESTING: Keybinding = {
  key: RESTING_KEY.toLowerCase().replace('control', 'ctrl'),
  command: 'runCommands',
  args: {
    commands: [
      'workbench.action.closeQuickOpen',
      'notifications.clearAll',
      'workbench.action.closeAllEditors',
      'workbench.action.closePanel',
      // Shows that all of them are done: what comes late would take the focus from what a test opens, and so close it.
      'workbench.action.focusActiveEditorGroup',
    ],
  },
};

/** Makes a gesture, and once more where what it leads to is not shown in time: only for what VS Code is known to drop. */
export async function twice(shown: Locator, gesture: () => Promise<unknown>): Promise<void> {
  await gesture();
  const isShown = await shown.waitFor({ timeout: DROPPED }).then(
    () => true,
    () => false,
  );
  if (isShown) return;
  await gesture();
  await shown.waitFor();
}

/**
 * Commands that many tests need, about other things than these. The palette would serve, too, but asks VS Code for all of its commands, and
 * that takes as long as most of a test.
 */
export const SHORTCUTS = {
  'modelRegistries.signOut': 'Control+Alt+Shift+F8',
  'notifications.focusToasts': 'Control+Alt+Shift+F6',
  'workbench.action.selectTheme': 'Control+Alt+Shift+F7',
} as const;

/** What the stage binds for {@link Workbench}. */
export const OWN_KEYBINDINGS: readonly Keybinding[] = [
  RESTING,
  ...Object.entries(SHORTCUTS).map(([command, key]) => ({
    key: key.toLowerCase().replace('control', 'ctrl'),
    command,
  })),
];

/** One open window of VS Code. */
export class Workbench {
  readonly page: Page;
  readonly quickInput: QuickInput;

  constructor(page: Page) {
    this.page = page;
    this.quickInput = new QuickInput(page);
  }

  /** Opens the address, and the container of the extension's views, and waits until the extension has said what it has. */
  async open(url: string): Promise<void> {
    await this.load(url);
    await this.showContainer('Model Registries');
    await this.welcomeButton('Sign in to Buildkite').or(this.registryRows).first().waitFor(OPENING);
  }

  /** Opens the address, and waits until the files of its folder are there: extensions may still be starting. */
  async load(url: string): Promise<void> {
    await this.page.goto(url, OPENING);
    await this.page.locator('.monaco-workbench .part.activitybar').waitFor(OPENING);
    await this.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor(OPENING);
  }

  /** Brings the window back to rest: no question, menu, notification, editor or panel is open. What the side bar shows stays. */
  async rest(): Promise<void> {
    const { keyboard, mouse } = this.page;
    await mouse.move(0, 0);
    for (const inFront of [this.dialog, this.menu]) {
      if (await inFront.first().isVisible()) await keyboard.press('Escape');
      await inFront.first().waitFor({ state: 'detached' });
    }
    // A terminal and a webview have keys of their own.
    await this.page.evaluate('document.activeElement?.blur()');
    await keyboard.press(RESTING_KEY);
    for (const left of [this.quickInput.widget, this.notification(''), this.tab('')]) {
      await left.first().waitFor({ state: 'hidden' });
    }
    await this.page.locator('.part.editor:focus-within').waitFor();
  }

  /** Keeps a picture of the window for the README, at {@link pictureFile}. */
  async picture(name: string): Promise<void> {
    await this.page.mouse.move(0, 0);
    await this.screenshot(`pictures/${name}`);
  }

  /** Keeps a picture of the window under that name, where pictures are wanted. */
  async screenshot(name: string): Promise<void> {
    if (!wantsPictures()) return;
    await this.page.screenshot({ path: await screenshotFile(name) });
  }

  /** Shows a view container by its name in the activity bar. */
  async showContainer(name: string): Promise<void> {
    const tab = this.page.locator('.part.activitybar').getByRole('tab', { name: new RegExp(`^${name}`) });
    await tab.waitFor();
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
    await this.page.locator('.part.sidebar').getByRole('heading', { name }).first().waitFor();
  }

  /** Signs in from the welcome of the Registries view, which is shown. */
  async signIn(token: string): Promise<void> {
    await this.showContainer('Model Registries');
    await this.beginSignIn();
    await this.quickInput.titled('Sign in to Buildkite');
    await this.quickInput.type(token);
    await this.quickInput.accept();
    await this.quickInput.widget.waitFor({ state: 'hidden' });
  }

  /** Signs out of every account there is. */
  async signOut(): Promise<void> {
    await this.showContainer('Model Registries');
    await this.unfold('Registries');
    const welcome = this.welcomeButton('Sign in to Buildkite');
    await welcome.or(this.registryRows).first().waitFor();
    let isLast = await welcome.isVisible();
    while (!isLast) {
      await this.#press('modelRegistries.signOut');
      const which = this.quickInput.widget.getByPlaceholder('The account to sign out of');
      await which.or(this.dialog).waitFor();
      isLast = await this.dialog.isVisible();
      if (!isLast) await this.quickInput.choose(/./);
      await this.dialog.getByRole('button', { name: 'Sign Out' }).click();
      await this.dialog.waitFor({ state: 'detached' });
    }
    await welcome.waitFor();
  }

  /** Presses the button of the Registries view's welcome, as far as the first question. */
  async beginSignIn(): Promise<void> {
    const { widget } = this.quickInput;
    await widget.waitFor({ state: 'hidden' });
    await this.welcomeButton('Sign in to Buildkite').click();
    await widget.waitFor();
  }

  /** A button of a view's welcome content. */
  welcomeButton(name: string): Locator {
    return this.page.locator('.part.sidebar .welcome-view-content').getByRole('button', { name });
  }

  /** The row of that label in the side bar, whatever its description; of a short SHA, the version in Registries. */
  row(label: string): Locator {
    if (/^[0-9a-f]{7}$/.test(label)) return this.rowIn('Registries', label);
    return this.page
      .locator('.part.sidebar .monaco-list-row')
      .filter({ has: this.page.locator('.label-name').getByText(label, { exact: true }) });
  }

  /** All rows in the side bar that are drawn. */
  get rows(): Locator {
    return this.page.locator('.part.sidebar .monaco-list-row');
  }

  /** The rows of the Registries view, which is shown, that are drawn, but those that say that others are on their way. */
  get registryRows(): Locator {
    return this.pane('Registries')
      .locator('.monaco-list-row')
      .filter({ hasNotText: /^(Loading…|Looking for your accounts…)/ });
  }

  /** The view of the side bar with that name, header included. */
  pane(view: string): Locator {
    return this.page
      .locator('.part.sidebar .pane')
      .filter({ has: this.page.locator('.pane-header').filter({ hasText: new RegExp(`^${view}`) }) });
  }

  /** The row of that label in that view; a version has its short SHA beside its subject, once that is known. */
  rowIn(view: string, label: string): Locator {
    const named = this.page.locator('.label-name').getByText(label, { exact: true });
    const rows = this.pane(view).locator('.monaco-list-row');
    if (!/^[0-9a-f]{7}$/.test(label)) return rows.filter({ has: named });
    const described = this.page.locator('.label-description');
    return rows.filter({
      has: named.or(described.filter({ hasText: new RegExp(`^(HEAD · )?${label}( |$)`) })),
    });
  }

  /** Every text that the row shows besides its label. */
  description(row: Locator): Locator {
    return row.locator('.label-description');
  }

  /** Presses a button that a row, or the header of a view, has while the pointer is over it. */
  async pressIn(rowOrHeader: Locator, name: string): Promise<void> {
    await this.#pointAt(rowOrHeader, name);
    await rowOrHeader.getByRole('button', { name }).click();
  }

  /** Points at a row or header until it shows that button, which is not pressed yet. A row that is moved is drawn without, once. */
  async #pointAt(rowOrHeader: Locator, name: string): Promise<void> {
    await twice(rowOrHeader.getByRole('button', { name }), () => rowOrHeader.hover());
    await rowOrHeader.getByRole('button', { name }).hover();
  }

  /** Presses a button of a row, and lets it go when something has happened. */
  async holdInRow(row: Locator, name: string, until: () => Promise<unknown>): Promise<void> {
    const { mouse } = this.page;
    await this.#pointAt(row, name);
    await mouse.down();
    await until();
    await mouse.up();
  }

  /** Folds a view of the side bar, unless it is folded. */
  async fold(view: string): Promise<void> {
    const header = this.header(view);
    if ((await header.getAttribute('aria-expanded')) === 'true') await header.click();
    await header.and(this.page.locator('[aria-expanded=false]')).waitFor();
  }

  /** Unfolds a view of the side bar that is folded. */
  async unfold(view: string): Promise<void> {
    const header = this.header(view);
    if ((await header.getAttribute('aria-expanded')) !== 'true') await header.click();
    await header.and(this.page.locator('[aria-expanded=true]')).waitFor();
  }

  /** Drags the upper border of a view, which is unfolded below others, until it is that many pixels high, or nearly so. */
  async heighten(view: string, height: number): Promise<void> {
    const { mouse } = this.page;
    // Which waits until views that are being unfolded stand still.
    await this.header(view).hover();
    const box = await this.pane(view).boundingBox();
    if (!box) throw new Error(`There is no view ${view}.`);
    const border = await this.borderAt(box.y);
    // Only what is under the pointer is hovered over: beside the border, the header would be dragged, and the view with it.
    await border.hover();
    await mouse.down();
    await mouse.move(box.x + box.width / 2, box.y + box.height - height, { steps: 5 });
    await mouse.up();
  }

  /** The border between two views of the side bar that is nearest to that height of the window. */
  private async borderAt(y: number): Promise<Locator> {
    const borders = await this.page.locator('.part.sidebar .monaco-sash.horizontal').all();
    const distances = await Promise.all(
      borders.map(async (border) => {
        const box = await border.boundingBox();
        return box === null ? Infinity : Math.abs(box.y + box.height / 2 - y);
      }),
    );
    const nearest = borders[distances.indexOf(Math.min(...distances))];
    if (nearest === undefined) throw new Error('There are no views above each other.');
    return nearest;
  }

  /** The header of a view. */
  header(view: string): Locator {
    return this.pane(view).locator('.pane-header');
  }

  /** Selects that row alone, and then the others besides. */
  async select(first: Locator, ...others: readonly Locator[]): Promise<void> {
    await first.click();
    for (const row of others) await row.click({ modifiers: ['ControlOrMeta'] });
  }

  /** The tab of an editor by its name, or a part of it. */
  tab(name: string | RegExp): Locator {
    return this.page.locator('.part.editor .tab').filter({ hasText: name });
  }

  /** Drags the border of the side bar until it is that many pixels wide, or nearly so. */
  async widenSideBar(width: number): Promise<void> {
    const { mouse } = this.page;
    const box = await this.page.locator('.part.sidebar').boundingBox();
    if (!box) throw new Error('There is no side bar.');
    const edge = { x: box.x + box.width, y: box.y + box.height / 2 };
    await mouse.move(edge.x, edge.y);
    await mouse.down();
    await mouse.move(box.x + width, edge.y, { steps: 5 });
    await mouse.up();
  }

  /** Chooses a colour theme by its name and waits for its colours. */
  async chooseTheme(name: string, kind: ThemeKind): Promise<void> {
    await this.#press('workbench.action.selectTheme');
    await this.quickInput.type(name);
    await this.quickInput.choose(name);
    await this.coloured(kind);
  }

  /** Opens a row whose children are hidden. VS Code drops a click on a row that it draws anew at that moment, as after a refresh. */
  async expand(label: string): Promise<void> {
    const row = this.row(label);
    const folded = row.and(this.page.locator('[aria-expanded=false]'));
    const unfolded = row.and(this.page.locator('[aria-expanded=true]'));
    await folded.or(unfolded).waitFor();
    if (await unfolded.isVisible()) return;
    await twice(unfolded, () =>
      // The extension may unfold it first.
      folded.click({ timeout: DROPPED }).catch(async (error: unknown) => {
        if (!(await unfolded.isVisible())) throw error;
      }),
    );
  }

  /**
   * What VS Code says of a row of Registries, asked for by keyboard. Beside the pointer it would come by itself, and lie over the row that a
   * test presses next: the stage's windows never do that.
   */
  async hoverOf(row: Locator): Promise<Locator> {
    const { page } = this;
    await this.runCommand('Model Registries: Focus on Registries View');
    await page.locator('.part.sidebar .monaco-list:focus[aria-label="Registries"]').waitFor();
    await page.keyboard.press('Home');
    const focused = this.registryRows.and(page.locator('.focused'));
    await focused.waitFor();
    await walkFocus(page, 'ArrowDown', focused, row.and(focused));
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Control+i');
    return page.locator('.workbench-hover');
  }

  /** Closes a row whose children are shown. */
  async collapse(label: string): Promise<void> {
    const row = this.row(label);
    const unfolded = row.and(this.page.locator('[aria-expanded=true]'));
    if (await unfolded.isVisible()) await unfolded.click();
    await row.and(this.page.locator('[aria-expanded=false]')).waitFor();
  }

  /** The menu that is open, of a row or a button. */
  get menu(): Locator {
    return this.page.locator('.context-view .monaco-menu');
  }

  /** Right-clicks and chooses; once more where VS Code has closed the menu before the pointer was on its entry. */
  async chooseFromContextMenu(target: Locator, entry: string): Promise<void> {
    await twice(this.#pointedAt(entry), async () => {
      await this.openContextMenu(target, entry);
      await this.menuEntry(entry)
        .hover({ timeout: DROPPED })
        .catch(() => undefined);
    });
    await this.#takePointedAt();
  }

  /** Right-clicks, and leaves the menu open, which has that entry. VS Code closes a menu again when what is under it is drawn anew. */
  async openContextMenu(target: Locator, entry: string): Promise<void> {
    await twice(this.menu, () => target.click({ button: 'right' }));
    await this.menuEntry(entry).waitFor();
  }

  /** Chooses in an account's part of the Accounts menu; by keyboard, because a submenu goes when the pointer leaves its parent. */
  async chooseFromAccountsMenu(account: string, entry: string): Promise<void> {
    const { keyboard, mouse } = this.page;
    await this.page.locator('.part.activitybar').getByRole('button', { name: 'Accounts' }).click();
    await this.menuEntry(account).waitFor();
    await mouse.move(0, 0);
    const focused = this.page.locator('.context-view .action-item.focused');
    await this.#goDownTo(focused.filter({ hasText: account }));
    await keyboard.press('ArrowRight');
    const submenu = this.page.locator('.context-view .monaco-submenu');
    await submenu.locator('.action-item.focused').waitFor();
    await this.#goDownTo(submenu.locator('.action-item.focused').filter({ hasText: entry }));
    await keyboard.press('Enter');
  }

  /** Goes down in the menu that has the focus. A key has done its work when it has been pressed: menus answer at once. */
  async #goDownTo(focused: Locator): Promise<void> {
    const entries = await this.menu.getByRole('menuitem').count();
    for (let presses = 0; !(await focused.isVisible()); presses += 1) {
      if (presses > entries) throw new Error(`The arrow down does not lead to ${String(focused)}.`);
      await this.page.keyboard.press('ArrowDown');
    }
  }

  /** Points at an entry and presses Enter: VS Code drops a click in the tenth of a second after it has drawn a menu. */
  async chooseMenuEntry(name: string): Promise<void> {
    await this.menuEntry(name).hover();
    await this.#pointedAt(name).waitFor();
    await this.#takePointedAt();
  }

  #pointedAt(entry: string): Locator {
    return this.menu.locator('.action-item.focused').filter({ hasText: entry });
  }

  async #takePointedAt(): Promise<void> {
    await this.page.keyboard.press('Enter');
    await this.menu.first().waitFor({ state: 'detached' });
  }

  private menuEntry(name: string): Locator {
    return this.menu.getByRole('menuitem', { name });
  }

  /** Runs a command from the palette by its full name, category included. */
  async runCommand(name: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.quickInput.type(`>${name}`);
    // There may be one whose name begins so.
    await this.quickInput.choose(new RegExp(`^${escaped(name)}(?! ?\\w)`));
  }

  /** Presses the shortcut of a command that needs nothing of what has the focus: a terminal and a webview have keys of their own. */
  async #press(command: keyof typeof SHORTCUTS): Promise<void> {
    await this.page.evaluate('document.activeElement?.blur()');
    await this.page.keyboard.press(SHORTCUTS[command]);
  }

  /** Waits until the window has colours of that kind. */
  async coloured(kind: ThemeKind): Promise<void> {
    await this.page.locator(`.monaco-workbench.${themeClasses[kind]}`).waitFor();
  }

  /** Waits until the window and the webview in it have colours of that kind. */
  async themed(kind: ThemeKind): Promise<void> {
    await this.coloured(kind);
    await this.webview.locator(`body[data-vscode-theme-kind="vscode-${kind}"]`).waitFor();
  }

  /** The modal question. */
  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** The notification that holds this text. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-toast').filter({ hasText: text });
  }

  /** Hides the notifications that are shown; what is under way goes on, and the bell has them still. */
  async hideNotifications(): Promise<void> {
    const bell = this.page.locator('.part.statusbar [id="status.notifications"]');
    const center = this.page.locator('.notifications-center.visible');
    await bell.click();
    await center.waitFor();
    await bell.click();
    await center.waitFor({ state: 'detached' });
    await this.notification('').first().waitFor({ state: 'detached' });
  }

  /** The content of the webview that is shown. */
  get webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  /** What was copied last. */
  clipboard(): Promise<string> {
    return this.page.evaluate<string>('navigator.clipboard.readText()');
  }

  /** What a gesture copies, which is something. */
  async copiedBy(gesture: () => Promise<unknown>): Promise<string> {
    await this.page.evaluate(`navigator.clipboard.writeText('')`);
    await gesture();
    await until(async () => (await this.clipboard()) !== '', 'something is copied');
    return this.clipboard();
  }
}

/** The box at the top of the window that asks for text or offers choices. */
export class QuickInput {
  readonly widget: Locator;
  readonly #input: Locator;

  constructor(page: Page) {
    this.widget = page.locator('.quick-input-widget:visible');
    this.#input = this.widget.locator('.quick-input-box input');
  }

  /** Waits for the box with that title. */
  async titled(title: string | RegExp): Promise<void> {
    await this.widget.locator('.quick-input-title').filter({ hasText: title }).waitFor();
  }

  /** Waits for the question, which stands above or under the text. */
  async asks(question: string | RegExp): Promise<void> {
    await this.widget
      .locator('.quick-input-title, .quick-input-message')
      .filter({ hasText: question })
      .waitFor();
  }

  async type(text: string): Promise<void> {
    await this.#input.fill(text);
  }

  async accept(): Promise<void> {
    await this.#input.press('Enter');
  }

  /** Chooses the row that starts with that label. */
  async choose(label: string | RegExp): Promise<void> {
    await this.option(label).click();
  }

  /** The first row that starts with that label. */
  option(label: string | RegExp): Locator {
    const name = typeof label === 'string' ? new RegExp(`^${escaped(label)}`) : label;
    return this.widget.getByRole('option', { name }).first();
  }

  /** What the box says about the text in it. */
  get message(): Locator {
    return this.widget.locator('.quick-input-message');
  }
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
