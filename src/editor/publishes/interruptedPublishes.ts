import * as vscode from 'vscode';
import type { Log } from '../../core/log.ts';
import type { JournalStore } from '../../core/publish/journals.ts';
import type { Publishes } from '../publishService.ts';
import { pathsOnDisk } from '../workspace.ts';
import { interruptedIn, type InterruptedPublish } from './interruptions.ts';

/** The publishes of this window's folders that were interrupted, as the journals tell. */
export class InterruptedPublishes {
  readonly #journals: JournalStore;
  readonly #log: Log;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions: vscode.Disposable;
  #all: readonly InterruptedPublish[] = [];

  constructor({
    journals,
    publishes,
    log,
  }: {
    readonly journals: JournalStore;
    readonly publishes: Publishes;
    readonly log: Log;
  }) {
    this.#journals = journals;
    this.#log = log;
    this.#subscriptions = vscode.Disposable.from(
      // A publish takes the place of what was interrupted of the same model.
      publishes.onDidChange((publish) => {
        if (publish === undefined && this.#all.length > 0) this.#inBackground(this.read());
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#inBackground(this.read())),
      this.#changed,
    );
  }

  /** As they were read last, newest first. */
  get all(): readonly InterruptedPublish[] {
    return this.#all;
  }

  /** Reads the journals anew, and gives what they tell. */
  async read(): Promise<readonly InterruptedPublish[]> {
    const before = JSON.stringify(this.#all);
    this.#all = interruptedIn(await this.#journals.unfinished(), pathsOnDisk());
    if (JSON.stringify(this.#all) !== before) this.#changed.fire();
    return this.#all;
  }

  /** Forgets one: it is neither shown nor offered any more. */
  async discard(id: string): Promise<void> {
    await this.#journals.dismiss(id);
    await this.read();
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #inBackground(task: Promise<unknown>): void {
    task.catch((error: unknown) => this.#log.error(`interrupted publishes: ${String(error)}`));
  }
}
