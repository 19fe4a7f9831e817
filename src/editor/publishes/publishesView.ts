import * as vscode from 'vscode';
import { setContextKey } from '../contextKeys.ts';
import { Ages } from '../ages.ts';
import type { OngoingPublish, PublishingBuilds } from '../publishService.ts';
import type { Services } from '../services.ts';
import { createTreeView } from '../treeViews.ts';
import type { PublishLogs } from './logs.ts';
import { OngoingRows } from './ongoingRows.ts';
import { registerPublishesCommands } from './publishesCommands.ts';
import { publishesItem } from './publishesItem.ts';
import type { InterruptedPublishes } from './interruptedPublishes.ts';
import { beganAt, type OngoingRow, type PublishesRow } from './rows.ts';
import { topRows } from './topRows.ts';
import { Unfolding, type Neighbor } from './unfolding.ts';

type ViewServices = Pick<Services, 'publishes' | 'history' | 'log'>;

/** What the view shows besides the publishes of this window and their history. */
interface Sources {
  readonly interrupted: InterruptedPublishes;
  readonly builds: PublishingBuilds;
  /** The views beside it. */
  readonly neighbors: readonly Neighbor[];
}

/** The view, as its tests see it. */
export type PublishesTree = Pick<PublishesView, 'provider' | 'view'>;

/** The Publishes view, with the commands of its rows. */
export function registerPublishesView(
  services: Services,
  logs: Pick<PublishLogs, 'read'>,
  sources: Sources,
): PublishesTree & { dispose(): void } {
  const view = new PublishesView(services, sources);
  const commands = registerPublishesCommands(services, logs, sources);
  return {
    provider: view.provider,
    view: view.view,
    dispose: () => {
      commands.dispose();
      view.dispose();
    },
  };
}

/** What is under way, and below it what was interrupted and what came to its end. */
class PublishesView {
  readonly provider: vscode.TreeDataProvider<PublishesRow>;
  readonly view: vscode.TreeView<PublishesRow>;
  readonly #services: ViewServices;
  readonly #sources: Sources;
  readonly #changed = new vscode.EventEmitter<PublishesRow | PublishesRow[] | undefined>();
  readonly #rows = new OngoingRows();
  /** What the row of a publish, and those below it, showed last but for numbers. */
  readonly #shown = new WeakMap<OngoingRow, string>();
  /** The top rows that were given out last: VS Code knows no others. */
  #given: readonly PublishesRow[] = [];
  /** Ids of the publishes that were under way when they were looked at last. */
  #known: ReadonlySet<string> = new Set();
  readonly #unfolding: Unfolding<OngoingRow>;
  readonly #subscriptions: vscode.Disposable;

  constructor(services: ViewServices, sources: Sources) {
    this.#services = services;
    this.#sources = sources;
    this.provider = {
      onDidChangeTreeData: this.#changed.event,
      getTreeItem: itemOf,
      getChildren: (row) => (row ? this.#rows.childrenOf(row) : this.#topRows()),
      getParent: (row) => (row.kind === 'stage' || row.kind === 'fileInFlight' ? row.parent : undefined),
    };
    this.view = createTreeView('modelRegistries.publishes', { treeDataProvider: this.provider });
    this.#unfolding = new Unfolding<OngoingRow>({
      view: this.view,
      neighbors: sources.neighbors,
      reveal: (row) => this.#reveal(row),
    });
    this.#subscriptions = vscode.Disposable.from(
      this.#unfolding,
      services.publishes.onDidChange((publish) => {
        if (publish) this.#redrawPublish(publish);
        else this.#publishesChanged();
      }),
      services.history.onDidChange(() => this.#redraw()),
      sources.interrupted.onDidChange(() => this.#redraw()),
      sources.builds.onDidChange((build) => {
        const row = build && this.#given.find((one) => one.kind === 'build' && one.build.key === build.key);
        // A click on the button of a row that is drawn anew may be lost: a build gets on now and then only.
        if (row) this.#changed.fire(row);
        else this.#redraw();
      }),
      new Ages(this.view, {
        locale: vscode.env.language,
        isUsed: () => vscode.window.state.active,
        onAged: (isAged) => {
          const aged = this.#given.filter((row) => {
            const began = beganAt(row);
            return began !== undefined && isAged(new Date(began));
          });
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
    const { interrupted, builds } = this.#sources;
    const rows = topRows({
      ongoing: publishes.ongoing,
      builds: builds.all,
      interrupted: interrupted.all,
      records: history.records,
    });
    const given = rows.map((row) => (row.kind === 'ongoing' ? this.#rows.rowOf(row.publish) : row));
    this.#given = given;
    return [...given];
  }

  /** One came, began or went. */
  #publishesChanged(): void {
    const { ongoing } = this.#services.publishes;
    const added = ongoing.find(({ id }) => !this.#known.has(id));
    this.#known = new Set(ongoing.map(({ id }) => id));
    this.#redraw();
    if (added) this.#unfolding.began(this.#rows.rowOf(added));
    if (ongoing.length === 0) this.#unfolding.ended();
  }

  #reveal(row: OngoingRow): void {
    const { log } = this.#services;
    this.view
      .reveal(row, { select: false, focus: false })
      .then(undefined, (error: unknown) => log.warn(`publishes: the view did not unfold: ${String(error)}`));
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
