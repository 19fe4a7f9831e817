import { setTimeout as pause } from 'node:timers/promises';
import { isLive, type Session, type Sessions } from '../accounts/sessions.ts';
import { folderRows } from './branches.ts';
import type { BranchRows } from './pagedRows.ts';
import { rowId, type Account, type Branch, type LoadingRow, type Row } from '../rows.ts';

/** Milliseconds after which a row says that others are on their way. */
const LOADING_ROW_MS = 300;

/** The rows of the Registries view: what a TreeDataProvider needs, without VS Code. Nothing is loaded before it is asked for. */
export class RowTree {
  readonly #sessions: Sessions;
  readonly #open: (branch: Branch) => BranchRows;
  readonly #onChange: (row: Row | undefined) => void;
  readonly #loadingRowMs: number;
  readonly #subscription: { dispose(): unknown };
  readonly #branches = new Map<string, { readonly branch: Branch; readonly paged: BranchRows }>();
  /** The row objects that were given out last: VS Code knows no others. */
  readonly #given = new Map<string, Row>();
  readonly #parents = new Map<string, Row | Account>();
  /** Ids of the rows given out last below each row or account. */
  readonly #givenBelow = new Map<string, readonly string[]>();

  /**
   * @param onChange The children of that row changed, or the top rows. The row is one that `children` gave last for its id.
   * @param loadingRowMs After how many milliseconds what is loading for the first time is shown as that.
   */
  constructor(
    sessions: Sessions,
    open: (branch: Branch) => BranchRows,
    onChange: (row: Row | undefined) => void,
    loadingRowMs = LOADING_ROW_MS,
  ) {
    this.#sessions = sessions;
    this.#open = open;
    this.#onChange = onChange;
    this.#loadingRowMs = loadingRowMs;
    this.#subscription = sessions.onDidChange(() => {
      for (const [id, { branch }] of [...this.#branches]) if (!this.#isLive(branch)) this.#forget(id);
      onChange(undefined);
    });
  }

  /** The children of `row`, or the top rows. Rows of an account that is gone meanwhile are not given. */
  async children(row: Row | undefined): Promise<readonly Row[]> {
    switch (row?.kind) {
      case undefined:
        return this.#topRows();
      case 'organization':
      case 'registry':
      case 'model':
      case 'version':
        return this.#childrenOf(row);
      case 'folder':
        return this.#give(row, folderRows(row));
      case 'otherRegistry':
      case 'file':
      case 'more':
      case 'loading':
      case 'empty':
      case 'failed':
      case 'signIn':
        return [];
    }
  }

  parent(row: Row): Row | undefined {
    const parent = this.#parents.get(rowId(row));
    return parent && parent.kind !== 'account' ? (this.#given.get(rowId(parent)) ?? parent) : undefined;
  }

  /** Marks the children of `row` and of everything below it as due, or all rows. */
  refresh(row: Row | undefined): void {
    const topId = row && rowId(row);
    for (const { branch, paged } of this.#branches.values()) {
      if (topId === undefined || this.#isBelow(branch, topId)) paged.markStale();
    }
    this.childrenChanged(row);
  }

  /** Marks the children of `branch` as due, and nothing below them. */
  reload(branch: Branch): void {
    const id = rowId(branch);
    this.#branches.get(id)?.paged.markStale();
    const row = this.#given.get(id);
    if (row) this.#onChange(row);
  }

  /** All children of `branch`; undefined while some are not loaded, or due to be loaded anew. */
  all(branch: Branch): readonly Row[] | undefined {
    const entry = this.#branches.get(rowId(branch));
    return entry?.branch.session === branch.session && this.#isLive(branch) ? entry.paged.all : undefined;
  }

  /** Loads the page that `parent` lacks: the next one, or the one that failed. */
  async loadMore(parent: Branch): Promise<void> {
    if (!this.#isLive(parent)) return;
    await this.#pagedRows(parent).more();
    this.redraw(parent);
  }

  /** Loads again the page of `parent` that failed; nothing happens where none did. */
  async retry(parent: Branch): Promise<void> {
    if (!this.#isLive(parent)) return;
    await this.#pagedRows(parent).retry();
    this.redraw(parent);
  }

  /** Makes the rows below `branch` anew of what is loaded; loads only what another filter asks for. */
  redraw(branch: Branch): void {
    this.childrenChanged(branch.kind === 'account' ? undefined : branch);
  }

  /** Has the rows below `row`, or the top rows, drawn anew. */
  childrenChanged(row: Row | undefined): void {
    this.#onChange(row && this.#given.get(rowId(row)));
  }

  /** The rows of that kind that were given out last. */
  shown<Kind extends Row['kind']>(kind: Kind): readonly Extract<Row, { kind: Kind }>[] {
    const isOfKind = (row: Row): row is Extract<Row, { kind: Kind }> => row.kind === kind;
    return [...this.#given.values()].filter(isOfKind);
  }

  /** The first child of `branch` that `matches`; further pages are loaded for it, up to `maxPages`. */
  async find<Found extends Row>(
    branch: Branch,
    maxPages: number,
    matches: (row: Row) => row is Found,
  ): Promise<Found | undefined> {
    if (!this.#isLive(branch)) return undefined;
    const paged = this.#pagedRows(branch);
    for (let page = 1; ; page++) {
      const found = (await this.#lookAt(branch)).find(matches);
      if (found || !paged.hasMore || page >= maxPages) {
        if (page > 1) this.redraw(branch);
        return found;
      }
      await paged.more();
    }
  }

  dispose(): void {
    this.#subscription.dispose();
    for (const { paged } of this.#branches.values()) paged.dispose();
  }

  #isLive({ session }: Branch): boolean {
    return isLive(this.#sessions, session);
  }

  #pagedRows(branch: Branch): BranchRows {
    const id = rowId(branch);
    let entry = this.#branches.get(id);
    if (entry?.branch.session !== branch.session || selectionOf(entry.branch) !== selectionOf(branch)) {
      entry?.paged.dispose();
      entry = { branch, paged: this.#open(branch) };
      this.#branches.set(id, entry);
    }
    return entry.paged;
  }

  /** undefined where the account is gone. */
  async #loaded(branch: Branch): Promise<readonly Row[] | undefined> {
    if (!this.#isLive(branch)) return undefined;
    const rows = await this.#pagedRows(branch).rows();
    return this.#isLive(branch) ? rows : undefined;
  }

  /** VS Code may ask with a row of before: one whose account has a new token meanwhile stands for the account's row of now. */
  async #childrenOf(row: Branch): Promise<readonly Row[]> {
    for (;;) {
      const session = this.#sessions.all.find(({ accountId }) => accountId === row.session.accountId);
      if (!session || !isLive(this.#sessions, session)) return [];
      const branch = { ...row, session };
      const rows = await this.#loaded(branch);
      if (rows) return this.#give(branch, rows);
    }
  }

  /** As `#childrenOf`, for rows that VS Code did not ask for: those it has stay the ones it knows. */
  async #lookAt(branch: Branch): Promise<readonly Row[]> {
    const rows = (await this.#loaded(branch)) ?? [];
    for (const row of rows) {
      const id = rowId(row);
      if (!this.#given.has(id)) this.#given.set(id, row);
      if (!this.#parents.has(id)) this.#parents.set(id, branch);
    }
    return rows;
  }

  #give(parent: Row | Account, rows: readonly Row[]): readonly Row[] {
    const parentId = rowId(parent);
    const before = this.#givenBelow.get(parentId) ?? [];
    this.#givenBelow.set(parentId, rows.map(rowId));
    for (const row of rows) {
      this.#given.set(rowId(row), row);
      this.#parents.set(rowId(row), parent);
    }
    const now = new Set(this.#givenBelow.get(parentId));
    for (const id of before) if (!now.has(id)) this.#forget(id);
    return rows;
  }

  /** A row that is gone, with all below it. */
  #forget(id: string): void {
    for (const below of this.#givenBelow.get(id) ?? []) this.#forget(below);
    this.#branches.get(id)?.paged.dispose();
    for (const map of [this.#branches, this.#given, this.#parents, this.#givenBelow]) map.delete(id);
  }

  async #topRows(): Promise<readonly Row[]> {
    const sessions = this.#sessions;
    /** Whether there are more to come, and the sessions in their order, each with whether it can be used. */
    const accountStates = () => [
      sessions.awaitsLogins,
      ...sessions.all.flatMap((session) => [session, isLive(sessions, session)]),
    ];
    const late = pause(this.#loadingRowMs, 'late' as const, { ref: false });
    await Promise.race([this.#accountsKnown(), late]);
    const others: LoadingRow = { kind: 'loading', session: undefined };
    if (!sessions.loaded) return [others];
    // VS Code may show the answer of an older call last. So none tells of accounts as they were before a listing was awaited.
    for (;;) {
      const before = accountStates();
      const rows = await Promise.all(sessions.all.map((session) => this.#accountRows(session, late)));
      const now = accountStates();
      if (now.length !== before.length || now.some((state, at) => state !== before[at])) continue;
      return [...rows.flat(), ...(sessions.awaitsLogins ? [others] : [])];
    }
  }

  /** Resolves once it is known who is signed in. */
  async #accountsKnown(): Promise<void> {
    const sessions = this.#sessions;
    if (sessions.loaded) return;
    await new Promise<void>((resolve) => {
      const subscription = sessions.onDidChange(() => {
        subscription.dispose();
        resolve();
      });
    });
  }

  /** The top rows of an account. One that is slow the first time holds no other back: its rows come with another change. */
  async #accountRows(session: Session, late: Promise<'late'>): Promise<readonly Row[]> {
    if (this.#sessions.isRejected(session)) return [{ kind: 'signIn', session }];
    const account = accountOf(session);
    const isShown = this.#givenBelow.has(rowId(account));
    const rows = this.#childrenOf(account);
    const first = isShown ? await rows : await Promise.race([rows, late]);
    if (first !== 'late') return first;
    const redraw = () => this.#onChange(undefined);
    void rows.then(redraw, redraw);
    return [{ kind: 'loading', session }];
  }

  #isBelow(branch: Branch, topId: string): boolean {
    for (let at: Row | Account | undefined = branch; at; at = this.#parents.get(rowId(at))) {
      if (rowId(at) === topId) return true;
    }
    return false;
  }
}

/** What of a branch's list is shown, where it is not all of it. */
function selectionOf(branch: Branch): string | undefined {
  if (branch.kind === 'registry') return branch.filter;
  return branch.kind === 'model' ? branch.revision : undefined;
}

/** The branch of an account's organizations. */
export function accountOf(session: Session): Account {
  return { kind: 'account', session };
}
