import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { CommitName, GitObjectId } from '../../core/objectIds.ts';
import type { Registry } from '../../core/hosts/host.ts';
import { publishedAs } from '../../core/publish/trailer.ts';
import { isLive, type Session } from '../accounts/sessions.ts';
import { isAbort } from '../commands.ts';
import { setContextKey } from '../contextKeys.ts';
import { WorkspaceHeads } from '../git/workspaceHeads.ts';
import {
  rowId,
  subjectAround,
  type Branch,
  type ModelRow,
  type OrganizationRow,
  type RegistryRow,
  type Row,
  type VersionRow,
} from '../rows.ts';
import type { RegistriesView, Services } from '../services.ts';
import { Ages, type IsAged } from '../ages.ts';
import { knownNewest } from '../newestVersion.ts';
import { subjectLine } from '../subjectLine.ts';
import { createTreeView } from '../treeViews.ts';
import { REGISTRIES_VIEW_ID } from '../viewProgress.ts';
import type { Waits } from '../waits.ts';
import { publishingHere, type Publishing } from '../workspace.ts';
import { openBranch } from './branches.ts';
import { CommitMessages } from './commitMessages.ts';
import { learnEmojiNames } from './emoji.ts';
import { registerGreyedRows } from './greyedRows.ts';
import type { LoadPage } from './pagedRows.ts';
import { RowReveals } from './rowReveals.ts';
import { RowTree } from './rowTree.ts';
import type { Surroundings } from './surroundings.ts';
import { TimedRetries } from './timedRetries.ts';
import { treeItem } from './treeItem.ts';
import { UnfoldedRows } from './unfoldedRows.ts';
import { isHead, ListedVersions } from './versionDetails.ts';

type ViewServices = Pick<Services, 'http' | 'log' | 'sessions' | 'settings'>;

/** The view as the rest of the extension and its tests see it. */
export class RegistriesTree implements RegistriesView {
  readonly #services: ViewServices;
  readonly #changed = new vscode.EventEmitter<Row | Row[] | undefined>();
  readonly #learned = new vscode.EventEmitter<void>();
  readonly onDidLearnVersions = this.#learned.event;
  /** What of a row's children a person wants to see: the filter of a registry, the revision of a model. By row. */
  readonly #chosen = new Map<string, string>();
  readonly #rows: RowTree;
  readonly #listed = new ListedVersions();
  /** Ids of versions whose files are known since, which their models' rows do not tell yet. */
  readonly #newFacts = new Set<string>();
  readonly #messages: CommitMessages;
  readonly #heads: WorkspaceHeads;
  readonly #retries: TimedRetries;
  readonly #unfolded: UnfoldedRows;
  readonly provider: vscode.TreeDataProvider<Row> = {
    onDidChangeTreeData: this.#changed.event,
    getTreeItem: (row) => treeItem(row, this.#surroundings()),
    getChildren: (row) => this.#children(row),
    getParent: (row) => this.#rows.parent(row),
  };
  readonly view: vscode.TreeView<Row>;
  readonly #ages: Ages;
  readonly #reveals: RowReveals;
  readonly #subscriptions: vscode.Disposable;
  #showsOthers: boolean;
  /** Id of the row that was the only one at the top: a person came for what is in it. */
  #soleOrganization: string | undefined;

  /** @param drop What becomes of that which is dropped on a row. */
  constructor(services: ViewServices, waits: Waits, drop: vscode.TreeDragAndDropController<Row>) {
    this.#services = services;
    const { http, log, sessions, settings } = services;
    this.#showsOthers = settings.showOtherRegistries();
    this.#rows = new RowTree(
      sessions,
      (branch) =>
        openBranch(branch, {
          http,
          guard: (load) => this.#guarded(branch, load),
          showsOthers: () => settings.showOtherRegistries(),
          chosenOf: (row) => this.#chosen.get(rowId(row)),
        }),
      (row) => this.#changed.fire(row),
      waits.loadingRowMs,
    );
    this.#unfolded = new UnfoldedRows(({ id }) => sessions.all.some(({ service }) => service.id === id));
    const isVisible = () => this.view.visible;
    this.#messages = new CommitMessages({ http, log }, isVisible, (came) => this.#messagesCame(came));
    this.#heads = new WorkspaceHeads(log, (before, now) =>
      this.#redrawVersions((row) => this.#isHead(row, before) !== this.#isHead(row, now)),
    );
    this.#retries = new TimedRetries(
      isVisible,
      (branch) => this.#inBackground(this.#rows.retry(branch)),
      waits.timedRetryMs,
    );
    this.view = createTreeView(REGISTRIES_VIEW_ID, {
      treeDataProvider: this.provider,
      showCollapseAll: true,
      canSelectMany: true,
      dragAndDropController: drop,
    });
    this.view.description = publishingNote(publishingHere());
    this.#ages = new Ages(this.view, {
      locale: vscode.env.language,
      isUsed: () => vscode.window.state.active,
      onAged: (isAged) => this.#agesChanged(isAged),
    });
    this.#reveals = new RowReveals(
      this.#rows,
      this.view,
      (row, text) => this.filter(row, text),
      (error) => log.info(`registries: a row is not revealed yet: ${String(error)}`),
    );
    this.#subscriptions = this.#subscribe();
  }

  refresh(row?: Row): void {
    this.#rows.refresh(row);
  }

  filter(row: RegistryRow, text: string | undefined): void {
    this.#choose(row, text);
  }

  showRevision(row: ModelRow, revision: string | undefined): void {
    this.#choose(row, revision);
  }

  /** Loads the page that `parent` lacks: the next one, or the one that failed. */
  loadMore(parent: Branch): Promise<void> {
    return this.#rows.loadMore(parent);
  }

  /** Loads again the page of `parent` that failed; nothing happens where none did. */
  retry(parent: Branch): Promise<void> {
    return this.#rows.retry(parent);
  }

  versionsChanged(session: Session, registry: Registry, model: string): void {
    this.#rows.reload({ kind: 'registry', session, registry });
    this.#rows.reload({ kind: 'model', session, registry, model });
  }

  registriesChanged(session: Session, organization: string): void {
    this.#rows.reload(organizationOf(session, organization));
  }

  shownRegistries(session: Session, organization: string): readonly Registry[] | undefined {
    if (!this.view.visible) return undefined;
    return this.#rows
      .all(organizationOf(session, organization))
      ?.flatMap((row) => (row.kind === 'registry' || row.kind === 'otherRegistry' ? [row.registry] : []));
  }

  versionsOf(commit: GitObjectId): readonly VersionRow[] {
    const only = new Set([commit]);
    return this.#rows.shown('version').filter((row) => this.#isHead(row, only));
  }

  revealVersion(session: Session, registry: Registry, model: string, commit: CommitName): Promise<void> {
    return this.#reveals.version(session, registry, model, commit);
  }

  revealModel(session: Session, registry: Registry, model: string): Promise<void> {
    return this.#reveals.model(session, registry, model);
  }

  revealRegistry(session: Session, registry: Registry): Promise<void> {
    return this.#reveals.registry(session, registry);
  }

  dispose(): void {
    const own = [this.#subscriptions, this.#ages, this.#messages, this.#heads, this.#retries, this.view];
    for (const one of [...own, this.#rows, this.#changed, this.#learned]) one.dispose();
  }

  #subscribe(): vscode.Disposable {
    const { sessions, settings } = this.#services;
    const redrawForPublishing = () => {
      this.view.description = publishingNote(publishingHere());
      this.#changed.fire(undefined);
    };
    return vscode.Disposable.from(
      registerGreyedRows(),
      this.view.onDidExpandElement(({ element }) => this.#unfolded.changed(element, true)),
      this.view.onDidCollapseElement(({ element }) => this.#unfolded.changed(element, false)),
      this.view.onDidChangeVisibility(({ visible }) => {
        if (!visible) return;
        this.#messages.resume((session) => isLive(sessions, session));
        this.#retries.resume();
      }),
      sessions.onDidChange(() => this.#learned.fire()),
      settings.onDidChange(() => {
        if (this.#showsOthers === settings.showOtherRegistries()) return;
        this.#showsOthers = settings.showOtherRegistries();
        this.#changed.fire(undefined);
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(redrawForPublishing),
      vscode.workspace.onDidChangeWorkspaceFolders(redrawForPublishing),
    );
  }

  #surroundings(): Surroundings {
    return {
      now: new Date(),
      locale: vscode.env.language,
      showAccounts: this.#services.sessions.all.length > 1,
      publishing: publishingHere(),
      detailsOf: (row) => {
        const message = this.#messages.of(row);
        return {
          head: this.#isHead(row, this.#heads.commits),
          subject: subjectLine(message),
          origin: message === undefined ? undefined : publishedAs(message),
          files: this.#listed.of(row),
        };
      },
      startsUnfolded: (row) => this.#unfolded.starts(row),
    };
  }

  async #children(row: Row | undefined): Promise<Row[]> {
    const children = await this.#rows.children(row);
    const registries = children.filter(({ kind }) => kind === 'registry' || kind === 'otherRegistry');
    await learnEmojiNames(registries.map((one) => subjectAround(one)?.registry.emoji));
    this.#learn(row, children);
    this.#unfold(row, children);
    if (row) return [...children];
    // Nothing but that is what the view's welcome says better.
    const noOrganization = children.length === 1 && children[0]?.kind === 'empty';
    this.#inBackground(setContextKey('modelRegistries.noOrganization', noOrganization));
    return noOrganization ? [] : [...children];
  }

  /** What else there is to know of rows that are about to be shown. */
  #learn(row: Row | undefined, children: readonly Row[]): void {
    this.#retries.plan(children);
    if (row?.kind === 'model') {
      this.#heads.follow();
      this.#messages.want(children.filter((child) => child.kind === 'version'));
      this.#learned.fire();
    }
    if (row?.kind === 'version' && this.#listed.learn(row, children)) {
      const id = rowId(row);
      this.#redrawVersions((shown) => rowId(shown) === id);
      // With a model's row all rows below it are drawn: not under the hand of the person who unfolds them.
      this.#newFacts.add(id);
    }
  }

  /** Unfolds what was unfolded before it went. Rows are drawn before: one that starts unfolded waits for its children. */
  #unfold(parent: Row | undefined, children: readonly Row[]): void {
    const returning = this.#unfolded.drawn(parent, children);
    const sole = parent ? undefined : this.#newSole(children);
    const starting = sole && !returning.includes(sole) ? [...returning, sole] : returning;
    if (starting.length === 0) return;
    setImmediate(() => {
      this.#unfolded.start(parent, starting);
      this.#rows.childrenChanged(parent);
    });
  }

  /** The organization that is the only row at the top; once for each, so that what a person folds stays so. */
  #newSole(top: readonly Row[]): Row | undefined {
    if (!top.some((row) => rowId(row) === this.#soleOrganization)) this.#soleOrganization = undefined;
    const [only] = top;
    if (top.length !== 1 || only?.kind !== 'organization' || this.#soleOrganization !== undefined) return;
    this.#soleOrganization = rowId(only);
    return only;
  }

  #agesChanged(isAged: IsAged): void {
    const tellsAged = ({ version: { createdAt } }: VersionRow) =>
      createdAt !== undefined && isAged(createdAt);
    const models = this.#rows.shown('model').filter((row) => {
      const newest = knownNewest(row);
      return newest !== undefined && (tellsAged(newest) || this.#newFacts.has(rowId(newest)));
    });
    this.#newFacts.clear();
    this.#redraw([...models, ...this.#rows.shown('version').filter(tellsAged)]);
  }

  #messagesCame(came: readonly VersionRow[]): void {
    const ids = new Set(came.map(rowId));
    this.#redrawVersions((row) => ids.has(rowId(row)));
    this.#learned.fire();
  }

  #redrawVersions(matches: (row: VersionRow) => boolean): void {
    this.#redraw(this.#rows.shown('version').filter(matches));
  }

  #redraw(rows: readonly Row[]): void {
    if (rows.length > 0) this.#changed.fire([...rows]);
  }

  #isHead(row: VersionRow, commits: ReadonlySet<GitObjectId>): boolean {
    return isHead(row.version.commit, this.#messages.of(row), commits);
  }

  #choose(row: Row, text: string | undefined): void {
    const id = rowId(row);
    if (this.#chosen.get(id) === text) return;
    if (text === undefined) this.#chosen.delete(id);
    else this.#chosen.set(id, text);
    const parent = this.#rows.parent(row);
    if (parent?.kind === 'organization' || parent?.kind === 'registry') this.#rows.redraw(parent);
  }

  #guarded<T>({ kind, session }: Branch, load: LoadPage<T>): LoadPage<T> {
    return async (cursor, signal) => {
      try {
        return await load(cursor, signal);
      } catch (error) {
        // Rows of a token that another program renews stay as they are until it has.
        if (error instanceof Failure && error.kind === 'auth') await this.#services.sessions.renewed(session);
        if (signal.aborted || isAbort(error)) throw error;
        this.#services.log.error(`registries: ${kind} could not be loaded: ${String(error)}`);
        throw error instanceof Failure ? error : unexpected(error);
      }
    };
  }

  #inBackground(task: Promise<void>): void {
    task.catch((error: unknown) => this.#services.log.error(`registries: ${String(error)}`));
  }
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
  return new Failure('protocol', vscode.l10n.t('Something unexpected went wrong. The log has the details.'), {
    cause,
  });
}
