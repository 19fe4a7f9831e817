import type { Locator } from 'playwright-core';
import { until } from '../setup/until.ts';
import { walkFocus } from './focusWalk.ts';
import { SHORTCUTS, twice } from './workbench.ts';
import type { Workbench } from './workbench.ts';

/** In a page. */
declare const document: { hasFocus(): boolean };

/** What a person does in a window who has no mouse: each key is pressed once what is to take it has the focus. */
export class Keyboard {
  readonly #workbench: Workbench;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  press(key: string): Promise<void> {
    return this.#workbench.page.keyboard.press(key);
  }

  type(text: string): Promise<void> {
    return this.#workbench.page.keyboard.type(text);
  }

  /** Runs a command from the palette by its full name, category included. */
  async run(command: string): Promise<void> {
    const { widget } = this.#workbench.quickInput;
    await this.press('F1');
    await widget.waitFor();
    await this.type(command);
    await widget.locator('.monaco-list-row.focused').filter({ hasText: command }).waitFor();
    await this.press('Enter');
  }

  /** The row of a view that has its focus. */
  focusedRow(view: string): Locator {
    return this.#workbench.pane(view).locator('.monaco-list-row.focused');
  }

  /** The rows of a view while they have the focus of the window. */
  focusedList(view: string): Locator {
    return this.#workbench.page.locator(`.part.sidebar .monaco-list:focus[aria-label="${view}"]`);
  }

  /** Goes down in a view that has the focus to a row of it, which is there or is still being loaded. */
  async goDownToRow(view: string, row: Locator): Promise<void> {
    const { page } = this.#workbench;
    await row.waitFor();
    await walkFocus(page, 'ArrowDown', this.focusedRow(view), row.and(page.locator('.focused')));
  }

  /** The same, to the row with that label. */
  goDownTo(view: string, label: string): Promise<void> {
    return this.goDownToRow(view, this.#workbench.rowIn(view, label));
  }

  /** Goes to the row with that label from the top of a view. */
  async walkTo(view: string, label: string): Promise<void> {
    await twice(this.focusedList(view), async () => {
      await this.run(`Model Registries: Focus on ${view} View`);
      // VS Code gives the focus to a view that was folded before its rows come, and takes it away with them.
      await this.#workbench.rowIn(view, label).waitFor();
    });
    await this.press('Home');
    await this.goDownTo(view, label);
  }

  /** Opens the row of Registries that has the focus, unless it is open. */
  async unfold(): Promise<void> {
    const row = this.focusedRow('Registries');
    const unfolded = row.and(this.#workbench.page.locator('[aria-expanded=true]'));
    if (!(await unfolded.isVisible())) await this.press('ArrowRight');
    await unfolded.waitFor();
  }

  /** Goes down the tree, and opens every row on the way but the last. */
  async walkDown(first: string, ...labels: readonly string[]): Promise<void> {
    await this.walkTo('Registries', first);
    for (const label of labels) {
      await this.unfold();
      await this.goDownTo('Registries', label);
    }
  }

  /** Goes from a model, which has the focus, to the first of its versions, which names that commit. */
  async goToVersion(shortSha: string): Promise<void> {
    const { page, registryRows } = this.#workbench;
    const version = registryRows.filter({ hasText: shortSha });
    await this.unfold();
    await version.waitFor();
    await this.press('ArrowRight');
    await version.and(page.locator('.focused')).waitFor();
  }

  /** Opens the menu of the row that has the focus, and chooses. */
  async chooseFromMenu(entry: string): Promise<void> {
    const { menu, page } = this.#workbench;
    await this.press('Shift+F10');
    await menu.getByRole('menuitem', { name: entry }).waitFor();
    // It is shown before it has the focus, and until then a key would go to the tree.
    await menu.locator(':focus').first().waitFor();
    const focused = menu.locator('.action-item.focused');
    await walkFocus(page, 'ArrowDown', focused, focused.filter({ hasText: entry }));
    await this.press('Enter');
  }

  /** Types into the box that is open what singles out the row that starts with `label`, and takes it. */
  async pick(label: string, typed = label): Promise<void> {
    const { quickInput } = this.#workbench;
    await quickInput.option(label).waitFor();
    await this.type(typed);
    await quickInput.option(label).and(quickInput.widget.locator('.focused')).waitFor();
    await this.press('Enter');
  }

  /** Answers the question of the box that is open, in place of what it proposes. */
  async answer(question: string, text: string): Promise<void> {
    await this.#workbench.quickInput.asks(question);
    await this.press('ControlOrMeta+A');
    await this.type(text);
    await this.press('Enter');
  }

  /** Presses Enter in the modal question, which chooses that button. */
  async agree(question: string, button: string): Promise<void> {
    const { dialog } = this.#workbench;
    await dialog.getByText(question).waitFor();
    await dialog.getByRole('button', { name: button, exact: true }).and(dialog.locator(':focus')).waitFor();
    await this.press('Enter');
    await dialog.waitFor({ state: 'detached' });
  }

  /** Goes to the notification that holds this text, and presses one of its buttons. */
  async pressInNotification(text: string, button: string): Promise<void> {
    const { page } = this.#workbench;
    const notification = this.#workbench.notification(text);
    await notification.waitFor();
    // It hides itself after ten seconds, which a palette may take on a machine that has other things to do.
    await this.press(SHORTCUTS['notifications.focusToasts']);
    const focused = page.locator('.notifications-toasts :focus');
    await focused.waitFor();
    await walkFocus(page, 'Tab', focused, notification.getByRole('button', { name: button }).and(focused));
    await this.press('Enter');
  }

  /** Resolves once the panel that was just opened shows that heading, and has the focus. */
  async opened(heading: string): Promise<void> {
    const { webview } = this.#workbench;
    await webview.getByRole('heading', { name: heading }).waitFor();
    await until(
      () => webview.locator('body').evaluate(() => document.hasFocus()),
      `the panel with the heading ${heading} has the focus`,
    );
  }

  /** Goes on in the panel to that element. */
  async goTo(key: string, target: Locator): Promise<void> {
    const { page, webview } = this.#workbench;
    const focused = webview.locator(':focus');
    await walkFocus(page, key, focused, target.and(focused));
  }
}
