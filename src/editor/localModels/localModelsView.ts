import * as vscode from 'vscode';
import { publishingHere } from '../workspace.ts';
import { hfCache } from '../hfCache.ts';
import { cachedModels, hasCachedModels } from '../../core/localModels/cachedModels.ts';
import type { Log } from '../../core/log.ts';
import { createTreeView } from '../treeViews.ts';
import { localModelsDrag } from './dragAndDrop.ts';
import type { KnownPublications } from './knownPublications.ts';
import type { LocalModel } from './localModel.ts';
import { createLocalSizes } from './localSizes.ts';
import { localRowId, type CacheRow, type LocalModelRow, type LocalRow } from './rows.ts';
import { localTreeItem } from './treeItem.ts';
import type { WorkspaceModels } from './workspaceModels.ts';

const LOCAL_MODELS_VIEW_ID = 'modelRegistries.localModels';

/** The Local Models view, as its commands and tests see it. */
export interface LocalModelsView {
  readonly provider: vscode.TreeDataProvider<LocalRow>;
  readonly view: vscode.TreeView<LocalRow>;
  /** Looks for models and measures them anew. */
  refresh(): Promise<void>;
  dispose(): void;
}

export function createLocalModelsView({
  log,
  models,
  publications,
}: {
  readonly log: Log;
  readonly models: WorkspaceModels;
  readonly publications: KnownPublications;
}): LocalModelsView {
  const changed = new vscode.EventEmitter<LocalRow | undefined>();
  const controller = new AbortController();
  /** The row objects that were given out last: VS Code knows no others. */
  const given = new Map<string, LocalRow>();
  const give = <Given extends LocalRow>(rows: readonly Given[]): Given[] => {
    for (const row of rows) given.set(localRowId(row), row);
    return [...rows];
  };
  const sizes = createLocalSizes(log, (model) => {
    const row = given.get(localRowId({ kind: 'localModel', model }));
    if (row) changed.fire(row);
  });

  const topRows = async (): Promise<readonly LocalRow[]> => {
    // Elsewhere the view's welcome says why there are none.
    if (publishingHere() !== 'possible') return [];
    await models.ready;
    const cache = await cacheRow();
    return [...modelRows(models.all), ...(cache ? [cache] : [])];
  };
  const cachedRows = async ({ folder }: CacheRow): Promise<readonly LocalRow[]> => {
    const cached = await cachedModels(folder, controller.signal);
    return modelRows(cached.map((model) => ({ origin: 'cache', ...model })));
  };
  const modelRows = (all: readonly LocalModel[]): readonly LocalModelRow[] => {
    sizes.want(all);
    return all.map((model) => ({ kind: 'localModel', model }));
  };
  const publicationRows = ({ model }: LocalModelRow): readonly LocalRow[] => {
    const known = publications.of(model);
    return known.length === 0
      ? [{ kind: 'unpublished', model }]
      : known.map((publication) => ({ kind: 'publication', model, publication }));
  };

  const provider: vscode.TreeDataProvider<LocalRow> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: (row) =>
      localTreeItem(row, {
        now: new Date(),
        locale: vscode.env.language,
        sizeOf: (model) => sizes.of(model),
        publicationsOf: (model) => publications.of(model),
      }),
    getChildren: async (row) => {
      switch (row?.kind) {
        case undefined:
          return give(await topRows());
        case 'cache':
          return give(await cachedRows(row));
        case 'localModel':
          return give(publicationRows(row));
        case 'publication':
        case 'unpublished':
          return [];
      }
    },
  };
  const view = createTreeView(LOCAL_MODELS_VIEW_ID, {
    treeDataProvider: provider,
    showCollapseAll: true,
    dragAndDropController: localModelsDrag,
  });
  const redraw = () => changed.fire(undefined);
  const subscriptions = [
    models.onDidChange(redraw),
    publications.onDidChange(redraw),
    vscode.workspace.onDidGrantWorkspaceTrust(redraw),
    vscode.workspace.onDidChangeWorkspaceFolders(redraw),
    // Nothing tells of what other programs do in the cache.
    view.onDidChangeVisibility(({ visible }) => {
      if (visible) redraw();
    }),
  ];

  return {
    provider,
    view,
    async refresh() {
      sizes.forget();
      await models.refresh();
      redraw();
    },
    dispose() {
      controller.abort();
      for (const one of [...subscriptions, view, sizes, changed]) one.dispose();
    },
  };
}

async function cacheRow(): Promise<CacheRow | undefined> {
  const cache = hfCache();
  if (!cache || !(await hasCachedModels(cache.folder))) return undefined;
  return { kind: 'cache', folder: cache.folder };
}
