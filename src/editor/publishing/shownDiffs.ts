import * as vscode from 'vscode';
import { setContextKey } from '../contextKeys.ts';
import type { ShownPlans } from '../publishService.ts';

/** Diffs that keep their button: who looks at more of them does not come back to the first. */
const MOST_SHOWN = 20;

/** Knows which diffs have the button, and has VS Code show it while the active editor is one of them. One per window. */
export class ShownDiffs implements ShownPlans {
  /** What publishes what a diff shows, by the title of the diff; the newest last. */
  readonly #shown = new Map<string, () => Promise<void>>();
  readonly #subscriptions: vscode.Disposable;

  constructor() {
    const { tabGroups } = vscode.window;
    const update = (): void => void this.#update();
    this.#subscriptions = vscode.Disposable.from(
      tabGroups.onDidChangeTabs(update),
      tabGroups.onDidChangeTabGroups(update),
    );
  }

  add(title: string, publish: () => Promise<void>): void {
    this.#shown.delete(title);
    this.#shown.set(title, publish);
    for (const oldest of this.#shown.keys()) {
      if (this.#shown.size <= MOST_SHOWN) break;
      this.#shown.delete(oldest);
    }
    void this.#update();
  }

  async publishActive(): Promise<void> {
    const title = this.#active();
    const publish = title === undefined ? undefined : this.#shown.get(title);
    if (title === undefined || publish === undefined) return;
    this.#shown.delete(title);
    await this.#update();
    await publish();
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  /** VS Code puts the number of files behind a diff's title. */
  #active(): string | undefined {
    const label = vscode.window.tabGroups.activeTabGroup.activeTab?.label;
    return label === undefined ? undefined : [...this.#shown.keys()].find((title) => label.startsWith(title));
  }

  async #update(): Promise<void> {
    await setContextKey('modelRegistries.showsPlannedChanges', this.#active() !== undefined);
  }
}
