import { setTimeout as pause } from 'node:timers/promises';
import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { Registry } from '../../core/registryHost.ts';
import type { Session } from '../accounts/sessions.ts';
import { isAbort } from '../commands.ts';
import type { RegistriesView, Services } from '../services.ts';
import type { Settings } from '../settings.ts';
import { openBranch } from './branches.ts';
import { accountOf, createRowTree } from './rowTree.ts';
import {
  asRow,
  rowId,
  type Branch,
  type ModelRow,
  type OrganizationRow,
  type RegistryRow,
  type Row,
  type VersionRow,
} from './rows.ts';
import { commitOf, treeItem, webPage, type Surroundings } from './treeItem.ts';

export const VIEW_ID = 'modelRegistries.registries';

/** Pages that are looked through for a row to reveal: with 30 versions a page, a version published just now is on the first. */
const REVEAL_PAGES = 10;

/** How often, and after how many milliseconds, a reveal is tried that VS Code dropped. */
const REVEAL_ATTEMPTS = 10;
const REVEAL_PAUSE_MS = 100;

/** The view as the rest of the extension and its tests see it. */
export interface RegistriesTree extends RegistriesView {
  readonly provider: vscode.TreeDataProvider<Row>;
  readonly view: vscode.TreeView<Row>;
  /** Loads the page that `parent` lacks: the next one, or the one that failed. */
  loadMore(parent: Branch): Promise<void>;
  dispose(): void;
}

export function createRegistriesView({
  http,
  log,
  sessions,
  settings,
}: Pick<Services, 'http' | 'log' | 'sessions' | 'settings'>): RegistriesTree {
  const changed = new vscode.EventEmitter<Row | undefined>();
  const rows = createRowTree(
    sessions,
    (branch) =>
      openBranch(branch, http, (session, load) => async (cursor, signal) => {
        try {
          return await load(cursor, signal);
        } catch (error) {
          if (signal.aborted || isAbort(error)) throw error;
          log.error(`registries: ${branch.kind} could not be loaded: ${String(error)}`);
          if (!(error instanceof Failure)) throw unexpected(error);
          if (error.kind === 'auth') sessions.reject(session);
          throw error;
        }
      }),
    (row) => changed.fire(row),
  );
  const surroundings = (): Surroundings => ({
    now: new Date(),
    locale: vscode.env.language,
    webUrl: webUrlOf(settings),
    showAccounts: sessions.all.length > 1,
  });
  const provider: vscode.TreeDataProvider<Row> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: (row) => treeItem(row, surroundings()),
    getChildren: async (row) => [...(await rows.children(row))],
    getParent: (row) => rows.parent(row),
  };
  const view = vscode.window.createTreeView(VIEW_ID, { treeDataProvider: provider, showCollapseAll: true });

  const findRegistry = async (session: Session, { organization, slug }: Registry) => {
    const parent = await rows.find(
      accountOf(session),
      REVEAL_PAGES,
      (row): row is OrganizationRow => row.kind === 'organization' && row.organization.slug === organization,
    );
    return (
      parent &&
      (await rows.find(
        parent,
        REVEAL_PAGES,
        (row): row is RegistryRow => row.kind === 'registry' && row.registry.slug === slug,
      ))
    );
  };
  const findModel = (registry: RegistryRow, model: string, pages: number) =>
    rows.find(registry, pages, (row): row is ModelRow => row.kind === 'model' && row.model === model);
  const select = async (row: Row | undefined) => {
    // VS Code drops a reveal that meets the first load of a view shown just now.
    for (let attempt = 0; row && attempt < REVEAL_ATTEMPTS; attempt += 1) {
      await view.reveal(row, { select: true, focus: true });
      if (view.selection.some((selected) => rowId(selected) === rowId(row))) return;
      await pause(REVEAL_PAUSE_MS);
    }
  };

  return {
    provider,
    view,
    refresh: (row) => rows.refresh(row),
    loadMore: (parent) => rows.loadMore(parent),
    versionsChanged(session, registry, model) {
      rows.reload({ kind: 'registry', session, registry });
      rows.reload({ kind: 'model', session, registry, model });
    },
    registriesChanged: (session, organization) => rows.reload(organizationOf(session, organization)),
    shownRegistries: (session, organization) =>
      view.visible
        ? rows
            .all(organizationOf(session, organization))
            ?.flatMap((row) =>
              row.kind === 'registry' || row.kind === 'otherRegistry' ? [row.registry] : [],
            )
        : undefined,
    async revealVersion(session, registry, model, commit) {
      const registryRow = await findRegistry(session, registry);
      const modelRow = registryRow && (await findModel(registryRow, model, REVEAL_PAGES));
      const version =
        modelRow &&
        (await rows.find(
          modelRow,
          REVEAL_PAGES,
          (row): row is VersionRow => row.kind === 'version' && row.version.commit === commit,
        ));
      await select(version ?? modelRow ?? registryRow);
    },
    async revealModel(session, registry, model) {
      const registryRow = await findRegistry(session, registry);
      if (!registryRow) return;
      await select((await findModel(registryRow, model, 1)) ?? registryRow);
    },
    async revealRegistry(session, registry) {
      await select(await findRegistry(session, registry));
    },
    dispose() {
      view.dispose();
      rows.dispose();
      changed.dispose();
    },
  };
}

/** The commands of the view's rows. */
export function registerRegistryCommands(
  { commands, prompts, registriesView, settings }: Services,
  tree: Pick<RegistriesTree, 'loadMore'>,
): vscode.Disposable {
  return vscode.Disposable.from(
    commands.register('modelRegistries.refresh', (argument) => registriesView.refresh(asRow(argument))),
    commands.register('modelRegistries.loadMore', async (argument) => {
      const row = asRow(argument);
      if (row?.kind === 'more') await showProgress(() => tree.loadMore(row.parent));
    }),
    commands.register('modelRegistries.retry', async (argument) => {
      const row = asRow(argument);
      if (row?.kind === 'failed') await showProgress(() => tree.loadMore(row.parent));
    }),
    commands.register('modelRegistries.copySha', async (argument) => {
      const row = asRow(argument);
      const sha = row && commitOf(row);
      if (sha === undefined) return;
      await prompts.copy(sha);
      vscode.window.setStatusBarMessage(vscode.l10n.t('Copied {0}', sha), 3000);
    }),
    commands.register('modelRegistries.openInBrowser', async (argument) => {
      const row = asRow(argument);
      const webUrl = webUrlOf(settings);
      const page = row && webUrl && webPage(row, webUrl);
      if (page) await prompts.openExternal(page);
    }),
  );
}

/** undefined where the setting holds no usable address: then no row offers a page. */
function webUrlOf(settings: Settings): URL | undefined {
  try {
    return settings.endpoints().webUrl;
  } catch {
    return undefined;
  }
}

/** An organization as a branch of the tree. */
function organizationOf(session: Session, slug: string): OrganizationRow {
  return { kind: 'organization', session, organization: { slug, name: slug, webUrl: undefined } };
}

/** The view's own progress bar. */
async function showProgress(task: () => Promise<void>): Promise<void> {
  await vscode.window.withProgress({ location: { viewId: VIEW_ID } }, task);
}

function unexpected(cause: unknown): Failure {
  return new Failure(
    'protocol',
    vscode.l10n.t('Something went wrong that should not have. The log has the details.'),
    { cause },
  );
}
