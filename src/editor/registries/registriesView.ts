import { setTimeout as pause } from 'node:timers/promises';
import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { GitObjectId } from '../../core/objectIds.ts';
import type { Registry } from '../../core/hosts/host.ts';
import { isLive, type Session } from '../accounts/sessions.ts';
import { isAbort } from '../commands.ts';
import { setContextKey, type ContextKeys } from '../contextKeys.ts';
import type { RegistriesView, Services } from '../services.ts';
import { sayInStatusBar } from '../statusBar.ts';
import { createTreeView } from '../treeViews.ts';
import { REGISTRIES_VIEW_ID, withRegistriesProgress } from '../viewProgress.ts';
import type { Waits } from '../waits.ts';
import { publishingHere, type Publishing } from '../workspace.ts';
import { openBranch } from './branches.ts';
import { createCommitMessages } from './commitMessages.ts';
import { learnEmojiNames } from './emoji.ts';
import { registerGreyedRows } from './greyedRows.ts';
import { accountOf, createRowTree } from './rowTree.ts';
import {
  asRow,
  rowId,
  subjectAround,
  subjectOf,
  type Branch,
  type ModelRow,
  type OrganizationRow,
  type RegistryRow,
  type Row,
  type VersionRow,
} from '../rows.ts';
import { createTimedRetries } from './timedRetries.ts';
import type { Surroundings } from './surroundings.ts';
import { treeItem } from './treeItem.ts';
import { createVersionSizes, isHead, subjectLine } from './versionDetails.ts';
import { webPage } from './webPage.ts';
import { createWorkspaceHeads } from '../git/workspaceHeads.ts';

/** Pages that are looked through for a row to reveal: with 30 versions a page, a version published just now is on the first. */
const REVEAL_PAGES = 10;

/** How often, and after how many milliseconds, a reveal is tried that VS Code dropped. */
const REVEAL_ATTEMPTS = 10;
const REVEAL_PAUSE_MS = 100;
/** How long, in milliseconds, VS Code's answer is awaited before it is tried once more: now and then none comes. */
const REVEAL_ANSWER_MS = 1000;

/** The view as the rest of the extension and its tests see it. */
export interface RegistriesTree extends RegistriesView {
  readonly provider: vscode.TreeDataProvider<Row>;
  readonly view: vscode.TreeView<Row>;
  /** Loads the page that `parent` lacks: the next one, or the one that failed. */
  loadMore(parent: Branch): Promise<void>;
  /** Loads again the page of `parent` that failed; nothing happens where none did. */
  retry(parent: Branch): Promise<void>;
  dispose(): void;
}

export function createRegistriesView({
  http,
  log,
  sessions,
  settings,
  waits,
  drop,
}: Pick<Services, 'http' | 'log' | 'sessions' | 'settings'> & {
  readonly waits: Waits;
  /** What becomes of that which is dropped on a row. */
  readonly drop: vscode.TreeDragAndDropController<Row>;
}): RegistriesTree {
  const changed = new vscode.EventEmitter<Row | Row[] | undefined>();
  const learned = new vscode.EventEmitter<void>();
  /** By registry. */
  const filters = new Map<string, string>();
  /** By model. */
  const revisions = new Map<string, string>();
  const rows = createRowTree(
    sessions,
    (branch) =>
      openBranch(branch, {
        http,
        guard: (load) => async (cursor, signal) => {
          try {
            return await load(cursor, signal);
          } catch (error) {
            if (signal.aborted || isAbort(error)) throw error;
            log.error(`registries: ${branch.kind} could not be loaded: ${String(error)}`);
            if (!(error instanceof Failure)) throw unexpected(error);
            throw error;
          }
        },
        showsOthers: () => settings.showOtherRegistries(),
        filterOf: (session, registry) => filters.get(rowId({ kind: 'registry', session, registry })),
        revisionOf: (session, registry, model) =>
          revisions.get(rowId({ kind: 'model', session, registry, model })),
      }),
    (row) => changed.fire(row),
  );
  const isVisible = () => view.visible;
  const redrawVersions = (matches: (row: VersionRow) => boolean) => {
    const shown = rows.shown('version').filter(matches);
    if (shown.length > 0) changed.fire([...shown]);
  };
  const sizes = createVersionSizes();
  const messages = createCommitMessages({ http, log }, isVisible, (came) => {
    const ids = new Set(came.map(rowId));
    redrawVersions((row) => ids.has(rowId(row)));
    learned.fire();
  });
  const heads = createWorkspaceHeads(log, (before, now) =>
    redrawVersions((row) => isHeadOf(row, before) !== isHeadOf(row, now)),
  );
  const isHeadOf = (row: VersionRow, commits: ReadonlySet<GitObjectId>) =>
    isHead(row.version.commit, messages.of(row), commits);
  const retry = (branch: Branch) => {
    rows.retry(branch).catch((error: unknown) => log.error(`registries: ${String(error)}`));
  };
  const retries = createTimedRetries(isVisible, retry, waits.timedRetryMs);

  const surroundings = (): Surroundings => ({
    now: new Date(),
    locale: vscode.env.language,
    showAccounts: sessions.all.length > 1,
    publishing: publishingHere(),
    detailsOf: (row) => ({
      head: isHeadOf(row, heads.commits),
      subject: subjectLine(messages.of(row)),
      size: sizes.of(row),
    }),
    startsUnfolded: (row) => rowId(row) === soleOrganization,
  });
  /** Id of the row that was the only one at the top: a person came for what is in it. */
  let soleOrganization: string | undefined;
  /** Once for each, so that what a person folds stays so. The row is drawn before: one that starts unfolded waits for its children. */
  const unfoldSole = (top: readonly Row[]) => {
    if (!top.some((row) => rowId(row) === soleOrganization)) soleOrganization = undefined;
    const [only] = top;
    if (top.length !== 1 || only?.kind !== 'organization' || soleOrganization !== undefined) return;
    setImmediate(() => {
      soleOrganization = rowId(only);
      changed.fire(undefined);
    });
  };
  /** What else there is to know of rows that are about to be shown. */
  const learn = (row: Row | undefined, children: readonly Row[]) => {
    retries.plan(children);
    if (row?.kind === 'model') {
      heads.follow();
      messages.want(children.filter((child) => child.kind === 'version'));
      learned.fire();
    }
    if (row?.kind === 'version' && sizes.learn(row, children)) {
      const id = rowId(row);
      redrawVersions((shown) => rowId(shown) === id);
    }
  };
  const setContext = <K extends keyof ContextKeys>(key: K, value: ContextKeys[K]) => {
    setContextKey(key, value).catch((error: unknown) => log.error(`registries: ${String(error)}`));
  };
  const provider: vscode.TreeDataProvider<Row> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: (row) => treeItem(row, surroundings()),
    getChildren: async (row) => {
      const children = await rows.children(row);
      const registries = children.filter(({ kind }) => kind === 'registry' || kind === 'otherRegistry');
      await learnEmojiNames(registries.map((one) => subjectAround(one)?.registry.emoji));
      learn(row, children);
      if (row) return [...children];
      unfoldSole(children);
      // Nothing but that is what the view's welcome says better.
      const noOrganization = children.length === 1 && children[0]?.kind === 'empty';
      setContext('modelRegistries.noOrganization', noOrganization);
      return noOrganization ? [] : [...children];
    },
    getParent: (row) => rows.parent(row),
  };
  const view = createTreeView(REGISTRIES_VIEW_ID, {
    treeDataProvider: provider,
    showCollapseAll: true,
    canSelectMany: true,
    dragAndDropController: drop,
  });

  let showsOthers = settings.showOtherRegistries();
  const redrawForPublishing = () => {
    view.description = publishingNote(publishingHere());
    changed.fire(undefined);
  };
  view.description = publishingNote(publishingHere());
  const subscriptions = [
    registerGreyedRows(),
    view.onDidChangeVisibility(({ visible }) => {
      if (!visible) return;
      messages.resume((session) => isLive(sessions, session));
      retries.resume();
    }),
    sessions.onDidChange(() => learned.fire()),
    settings.onDidChange(() => {
      if (showsOthers === settings.showOtherRegistries()) return;
      showsOthers = settings.showOtherRegistries();
      changed.fire(undefined);
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(redrawForPublishing),
    vscode.workspace.onDidChangeWorkspaceFolders(redrawForPublishing),
  ];
  const choose = (chosen: Map<string, string>, row: Row, text: string | undefined) => {
    const id = rowId(row);
    if (chosen.get(id) === text) return;
    if (text === undefined) chosen.delete(id);
    else chosen.set(id, text);
    const parent = rows.parent(row);
    if (parent?.kind === 'organization' || parent?.kind === 'registry') rows.redraw(parent);
  };
  const filter = (row: RegistryRow, text: string | undefined) => choose(filters, row, text);

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
    for (let attempt = 0; row && attempt < REVEAL_ATTEMPTS; attempt += 1) {
      await Promise.race([view.reveal(row, { select: true, focus: true }), pause(REVEAL_ANSWER_MS)]);
      if (view.selection.some((selected) => rowId(selected) === rowId(row))) return;
      await pause(REVEAL_PAUSE_MS);
    }
  };

  return {
    provider,
    view,
    refresh: (row) => rows.refresh(row),
    filter,
    showRevision: (row, revision) => choose(revisions, row, revision),
    loadMore: (parent) => rows.loadMore(parent),
    retry: (parent) => rows.retry(parent),
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
    onDidLearnVersions: learned.event,
    versionsOf: (commit) => {
      const only = new Set([commit]);
      return rows.shown('version').filter((row) => isHeadOf(row, only));
    },
    async revealVersion(session, registry, model, commit) {
      let registryRow = await findRegistry(session, registry);
      if (registryRow?.filter !== undefined && !model.includes(registryRow.filter)) {
        filter(registryRow, undefined);
        registryRow = await findRegistry(session, registry);
      }
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
      const listed = await findModel(registryRow, model, 1);
      if (!listed) filter(registryRow, model);
      const filtered = listed ? undefined : await findRegistry(session, registry);
      await select(listed ?? (filtered && (await findModel(filtered, model, 1))) ?? filtered);
    },
    async revealRegistry(session, registry) {
      await select(await findRegistry(session, registry));
    },
    dispose() {
      for (const one of [...subscriptions, messages, heads, retries]) one.dispose();
      view.dispose();
      rows.dispose();
      changed.dispose();
      learned.dispose();
    },
  };
}

/**
 * The commands of the view's rows.
 *
 * @param commitElsewhere The commit that a row of another view is; undefined for anything else.
 */
export function registerRegistryCommands(
  { commands, prompts, registriesView }: Services,
  tree: Pick<RegistriesTree, 'loadMore' | 'retry'>,
  commitElsewhere: (argument: unknown) => string | undefined,
): vscode.Disposable {
  return vscode.Disposable.from(
    // Without its argument: a button in the view's header is given the row that has the focus, and means all of them.
    commands.register('modelRegistries.refresh', () => registriesView.refresh(undefined)),
    commands.register('modelRegistries.loadMore', async (argument) => {
      const row = asRow(argument);
      if (row?.kind === 'more') await withRegistriesProgress(() => tree.loadMore(row.parent));
    }),
    commands.register('modelRegistries.retry', async (argument) => {
      const row = asRow(argument);
      if (row?.kind === 'failed') await withRegistriesProgress(() => tree.retry(row.parent));
    }),
    commands.register('modelRegistries.copySha', async (argument) => {
      const row = asRow(argument);
      const sha = row ? subjectOf(row)?.commit : commitElsewhere(argument);
      if (sha === undefined) return;
      await prompts.copy(sha);
      sayInStatusBar(vscode.l10n.t('Copied {0}', sha), 3000);
    }),
    commands.register('modelRegistries.openInBrowser', async (argument) => {
      const row = asRow(argument);
      const page = row && webPage(row);
      if (page) await prompts.openExternal(page);
    }),
  );
}

/** Stands beside the view's title. */
function publishingNote(publishing: Publishing): string | undefined {
  switch (publishing) {
    case 'possible':
      return undefined;
    case 'restricted':
      return vscode.l10n.t('Restricted Mode: no publishing');
    case 'virtual':
      return vscode.l10n.t('No folder on disk: no publishing');
  }
}

/** An organization as a branch of the tree. */
function organizationOf(session: Session, slug: string): OrganizationRow {
  return { kind: 'organization', session, organization: { slug, name: slug, webUrl: undefined } };
}

function unexpected(cause: unknown): Failure {
  return new Failure(
    'protocol',
    vscode.l10n.t('Something went wrong that should not have. The log has the details.'),
    { cause },
  );
}
