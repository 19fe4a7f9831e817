import * as vscode from 'vscode';
import { setContextKey } from '../contextKeys.ts';
import { Ages } from '../ages.ts';
import type { OngoingPublish } from '../publishService.ts';
import type { Services } from '../services.ts';
import { createTreeView } from '../treeViews.ts';
import type { PublishLogs } from './logs.ts';
import { OngoingRows } from './ongoingRows.ts';
import { registerPublishesCommands } from './publishesCommands.ts';
import { publishesItem } from './publishesItem.ts';
import type { OngoingRow, PublishesRow, RecordRow } from './rows.ts';

/** Records that the view shows; the others are searched. */
const SHOWN_RECORDS = 50;

/** The view, as its tests see it. */
export type PublishesTree = Pick<PublishesView, 'provider' | 'view'>;

/** The Publishes view, with the commands of its rows. */
export function registerPublishesView(
  services: Services,
  logs: Pick<PublishLogs, 'read'>,
): PublishesTree & { dispose(): void } {
  const view = new PublishesView(services);
  const commands = registerPublishesCommands(services, logs);
  return {
    provider: view.provider,
    view: view.view,
    dispose: () => {
      commands.dispose();
      view.dispose();
    },
  };
}

/** What is under way, and below it what came to its end. */
class PublishesView {
  readonly provider: vscode.TreeDataProvider<PublishesRow>;
  readonly view: vscode.TreeView<PublishesRow>;
  readonly #services: Pick<Services, 'publishes' | 'history' | 'log'>;
  readonly #changed = new vscode.EventEmitter<PublishesRow | PublishesRow[] | undefined>();
  readonly #rows = new OngoingRows();
  /** What the row of a publish, and those below it, showed last but for numbers. */
  readonly #shown = new WeakMap<OngoingRow, string>();
  /** The rows that were given out last: VS Code knows no others. */
  #records: readonly RecordRow[] = [];
  readonly #subscriptions: vscode.Disposable;

  constructor(services: Pick<Services, 'publishes' | 'history' | 'log'>) {
    this.#services = services;
    this.provider = {
      onDidChangeTreeData: this.#changed.event,
      getTreeItem: itemOf,
      getChildren: (row) => (row ? this.#rows.childrenOf(row) : this.#topRows()),
      getParent: (row) => (row.kind === 'stage' || row.kind === 'fileInFlight' ? row.parent : undefined),
    };
    this.view = createTreeView('modelRegistries.publishes', { treeDataProvider: this.provider });
    this.#subscriptions = vscode.Disposable.from(
      services.publishes.onDidChange((publish) => {
        if (publish) this.#redrawPublish(publish);
        else this.#redraw();
      }),
      services.history.onDidChange(() => this.#redraw()),
      new Ages(this.view, {
        locale: vscode.env.language,
        isUsed: () => vscode.window.state.active,
        onAged: (isAged) => {
          const aged = this.#records.filter(({ record }) => isAged(new Date(record.startedAt)));
          if (aged.length > 0) this.#changed.fire([...aged]);
        },
      }),
      this.view,
      this.#changed,
    );
    this.#showState();
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #topRows(): PublishesRow[] {
    const { publishes, history } = this.#services;
    const { ongoing } = publishes;
    // One that ends is in the history a moment before it goes.
    const records = history.records.filter(({ id }) => !ongoing.some((publish) => publish.id === id));
    const older = records.length - SHOWN_RECORDS;
    this.#records = records.slice(0, SHOWN_RECORDS).map((record) => ({ kind: 'record', record }));
    return [
      ...ongoing.map((publish) => this.#rows.rowOf(publish)),
      ...this.#records,
      ...(older > 0 ? [{ kind: 'older', count: older } as const] : []),
    ];
  }

  #redraw(): void {
    this.#showState();
    this.#changed.fire(undefined);
  }

  #redrawPublish(publish: OngoingPublish): void {
    const row = this.#rows.rowOf(publish);
    const outline = JSON.stringify([itemOf(row), publish.activity.stages]);
    // A row that is drawn anew swallows a click on its button. So numbers change in rows that have none.
    if (this.#shown.get(row) !== outline) this.#changed.fire(row);
    else this.#changed.fire(this.#rows.stagesOf(row).filter(({ state }) => state === 'running'));
    this.#shown.set(row, outline);
  }

  /** In the badge, and for the menus. */
  #showState(): void {
    const { publishes, history, log } = this.#services;
    this.view.badge = badgeOf(publishes.ongoing.length);
    const { records } = history;
    Promise.all([
      setContextKey('modelRegistries.hasPublishHistory', records.length > 0),
      setContextKey(
        'modelRegistries.hasPublished',
        records.some(({ outcome }) => outcome.kind === 'published'),
      ),
      setContextKey('modelRegistries.publishing', publishes.ongoing.length > 0),
    ]).catch((error: unknown) => log.error(`publishes: ${String(error)}`));
  }
}

function itemOf(row: PublishesRow): vscode.TreeItem {
  return publishesItem(row, new Date(), vscode.env.language);
}

function badgeOf(count: number): vscode.ViewBadge | undefined {
  if (count === 0) return undefined;
  const tooltip =
    count === 1
      ? vscode.l10n.t('One publish is under way')
      : vscode.l10n.t('{0} publishes are under way', count);
  return { value: count, tooltip };
}
