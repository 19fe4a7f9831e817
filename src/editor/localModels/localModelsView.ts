import * as vscode from 'vscode';
import { publishingHere } from '../workspace.ts';
import { hfCache } from '../hfCache.ts';
import type { Log } from '../../core/log.ts';
import { Ages, type IsAged } from '../ages.ts';
import { createTreeView } from '../treeViews.ts';
import { localModelsDrag } from './dragAndDrop.ts';
import type { KnownPublications } from './knownPublications.ts';
import type { LocalModel } from './localModel.ts';
import { LocalSizes } from './localSizes.ts';
import { localRowId, type CacheRow, type LocalModelRow, type LocalRow } from './rows.ts';
import { localTreeItem } from './treeItem.ts';
import type { WorkspaceModels } from './workspaceModels.ts';

/** The Local Models view. */
export class LocalModelsView {
  readonly provider: vscode.TreeDataProvider<LocalRow>;
  readonly view: vscode.TreeView<LocalRow>;
  readonly #models: WorkspaceModels;
  readonly #publications: KnownPublications;
  readonly #changed = new vscode.EventEmitter<LocalRow | LocalRow[] | undefined>();
  readonly #controller = new AbortController();
  readonly #sizes: LocalSizes;
  /** The row objects that were given out last: VS Code knows no others. */
  readonly #given = new Map<string, LocalRow>();
  readonly #subscriptions: vscode.Disposable;

  constructor(log: Log, models: WorkspaceModels, publications: KnownPublications) {
    this.#models = models;
    this.#publications = publications;
    this.#sizes = new LocalSizes(log, (model) => {
      const row = this.#given.get(localRowId({ kind: 'localModel', model }));
      if (row) this.#changed.fire(row);
    });
    this.provider = {
      onDidChangeTreeData: this.#changed.event,
      getTreeItem: (row) => this.#itemOf(row),
      getChildren: async (row) => {
        const rows = await this.#childrenOf(row);
        for (const one of rows) this.#given.set(localRowId(one), one);
        return [...rows];
      },
    };
    this.view = createTreeView('modelRegistries.localModels', {
      treeDataProvider: this.provider,
      showCollapseAll: true,
      dragAndDropController: localModelsDrag,
    });
    const redraw = () => this.#changed.fire(undefined);
    this.#subscriptions = vscode.Disposable.from(
      models.onDidChange(redraw),
      publications.onDidChange(redraw),
      vscode.workspace.onDidGrantWorkspaceTrust(redraw),
      vscode.workspace.onDidChangeWorkspaceFolders(redraw),
      models.onDidChangeFiles((changed) => {
        this.#sizes.markStale(changed);
        if (this.view.visible) this.#sizes.want(changed);
      }),
      // Nothing tells of what other programs do in the cache.
      this.view.onDidChangeVisibility(({ visible }) => {
        if (!visible) return;
        this.#sizes.markAllStale();
        redraw();
      }),
      new Ages(this.view, {
        locale: vscode.env.language,
        isUsed: () => vscode.window.state.active,
        onAged: (isAged) => this.#agesChanged(isAged),
      }),
    );
  }

  /** Looks for models and measures them anew. */
  async refresh(): Promise<void> {
    this.#sizes.markAllStale();
    await this.#models.refresh();
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#controller.abort();
    for (const one of [this.#subscriptions, this.view, this.#sizes, this.#changed]) one.dispose();
  }

  #itemOf(row: LocalRow): vscode.TreeItem {
    return localTreeItem(row, {
      now: new Date(),
      locale: vscode.env.language,
      sizeOf: (model) => this.#sizes.of(model),
      publicationsOf: (model) => this.#publications.of(model),
      stateOf: (model) => this.#publications.stateOf(model),
    });
  }

  #agesChanged(isAged: IsAged): void {
    const aged = [...this.#given.values()].filter(
      (row) =>
        row.kind === 'publication' &&
        row.publication.publishedAt !== undefined &&
        isAged(row.publication.publishedAt),
    );
    if (aged.length > 0) this.#changed.fire(aged);
  }

  async #childrenOf(row: LocalRow | undefined): Promise<readonly LocalRow[]> {
    switch (row?.kind) {
      case undefined:
        return this.#topRows();
      case 'cache': {
        const { cachedModels } = await import('../../core/localModels/cachedModels.ts');
        const cached = await cachedModels(row.folder, this.#controller.signal);
        return this.#modelRows(cached.map((model) => ({ origin: 'cache', ...model })));
      }
      case 'localModel':
        return this.#publicationRows(row);
      case 'publication':
      case 'unpublished':
        return [];
    }
  }

  async #topRows(): Promise<readonly LocalRow[]> {
    // Elsewhere the view's welcome says why there are none.
    if (publishingHere() !== 'possible') return [];
    await this.#models.ready;
    const cache = await cacheRow();
    return [...this.#modelRows(this.#models.all), ...(cache ? [cache] : [])];
  }

  #modelRows(all: readonly LocalModel[]): readonly LocalModelRow[] {
    this.#sizes.want(all);
    return all.map((model) => ({ kind: 'localModel', model }));
  }

  #publicationRows({ model }: LocalModelRow): readonly LocalRow[] {
    const known = this.#publications.of(model);
    return known.length === 0
      ? [{ kind: 'unpublished', model }]
      : known.map((publication) => ({ kind: 'publication', model, publication }));
  }
}

async function cacheRow(): Promise<CacheRow | undefined> {
  const cache = hfCache();
  const { hasCachedModels } = await import('../../core/localModels/cachedModels.ts');
  if (!cache || !(await hasCachedModels(cache.folder))) return undefined;
  return { kind: 'cache', folder: cache.folder };
}
