import { isLive, type Session, type Sessions } from '../accounts/sessions.ts';
import { folderRows } from './branches.ts';
import type { BranchRows } from './pagedRows.ts';
import { rowId, type Account, type Branch, type Row } from '../rows.ts';

/** The rows of the Registries view: what a TreeDataProvider needs, without VS Code. Nothing is loaded before it is asked for. */
interface RowTree {
  /** The children of `row`, or the top rows. Rows of an account that is gone meanwhile are not given. */
  children(row: Row | undefined): Promise<readonly Row[]>;
  parent(row: Row): Row | undefined;
  /** Marks the children of `row` and of everything below it as due, or all rows. */
  refresh(row: Row | undefined): void;
  /** Marks the children of `branch` as due, and nothing below them. */
  reload(branch: Branch): void;
  /** All children of `branch`; undefined while some are not loaded, or due to be loaded anew. */
  all(branch: Branch): readonly Row[] | undefined;
  /** Loads the page that `parent` lacks: the next one, or the one that failed. */
  loadMore(parent: Branch): Promise<void>;
  /** Loads again the page of `parent` that failed; nothing happens where none did. */
  retry(parent: Branch): Promise<void>;
  /** Makes the rows below `branch` anew of what is loaded; loads only what another filter asks for. */
  redraw(branch: Branch): void;
  /** The rows of that kind that were given out last. */
  shown<Kind extends Row['kind']>(kind: Kind): readonly Extract<Row, { kind: Kind }>[];
  /** The first child of `branch` that `matches`; further pages are loaded for it, up to `maxPages`. */
  find<Found extends Row>(
    branch: Branch,
    maxPages: number,
    matches: (row: Row) => row is Found,
  ): Promise<Found | undefined>;
  dispose(): void;
}

/** @param onChange The children of that row changed, or the top rows. The row is one that `children` gave last for its id. */
export function createRowTree(
  sessions: Sessions,
  open: (branch: Branch) => BranchRows,
  onChange: (row: Row | undefined) => void,
): RowTree {
  const branches = new Map<string, { readonly branch: Branch; readonly paged: BranchRows }>();
  /** The row objects that were given out last: VS Code knows no others. */
  const given = new Map<string, Row>();
  const parents = new Map<string, Row | Account>();
  /** Ids of the rows given out last below each row or account. */
  const givenBelow = new Map<string, readonly string[]>();

  const pagedRows = (branch: Branch): BranchRows => {
    const id = rowId(branch);
    let entry = branches.get(id);
    if (entry?.branch.session !== branch.session || selectionOf(entry.branch) !== selectionOf(branch)) {
      entry?.paged.dispose();
      entry = { branch, paged: open(branch) };
      branches.set(id, entry);
    }
    return entry.paged;
  };
  /** undefined where the account is gone. */
  const loaded = async (branch: Branch): Promise<readonly Row[] | undefined> => {
    if (!isLive(sessions, branch.session)) return undefined;
    const rows = await pagedRows(branch).rows();
    return isLive(sessions, branch.session) ? rows : undefined;
  };
  const childrenOf = async (branch: Branch): Promise<readonly Row[]> => {
    const rows = await loaded(branch);
    return rows ? give(branch, rows) : [];
  };
  /** As `childrenOf`, for rows that VS Code did not ask for: those it has stay the ones it knows. */
  const lookAt = async (branch: Branch): Promise<readonly Row[]> => {
    const rows = (await loaded(branch)) ?? [];
    for (const row of rows) {
      const id = rowId(row);
      if (!given.has(id)) given.set(id, row);
      if (!parents.has(id)) parents.set(id, branch);
    }
    return rows;
  };
  const give = (parent: Row | Account, rows: readonly Row[]): readonly Row[] => {
    const parentId = rowId(parent);
    const before = givenBelow.get(parentId) ?? [];
    givenBelow.set(parentId, rows.map(rowId));
    for (const row of rows) {
      given.set(rowId(row), row);
      parents.set(rowId(row), parent);
    }
    const now = new Set(givenBelow.get(parentId));
    for (const id of before) if (!now.has(id)) forget(id);
    return rows;
  };
  /** A row that is gone, with all below it. */
  const forget = (id: string) => {
    for (const below of givenBelow.get(id) ?? []) forget(below);
    branches.get(id)?.paged.dispose();
    for (const map of [branches, given, parents, givenBelow]) map.delete(id);
  };
  const topRows = async (): Promise<readonly Row[]> => {
    // VS Code may show the answer of an older call last. So none tells of accounts as they were before a listing was awaited.
    for (;;) {
      const before = accountStates();
      const rows = await Promise.all(
        sessions.all.map(async (session): Promise<readonly Row[]> =>
          sessions.isRejected(session)
            ? [{ kind: 'signIn', session }]
            : childrenOf({ kind: 'account', session }),
        ),
      );
      const now = accountStates();
      if (now.length === before.length && now.every((state, at) => state === before[at])) return rows.flat();
    }
  };
  /** The sessions in their order, each with whether it can be used. */
  const accountStates = () => sessions.all.flatMap((session) => [session, isLive(sessions, session)]);
  const changed = (branch: Branch) => {
    onChange(branch.kind === 'account' ? undefined : given.get(rowId(branch)));
  };
  const isBelow = (branch: Branch, topId: string): boolean => {
    for (let at: Row | Account | undefined = branch; at; at = parents.get(rowId(at))) {
      if (rowId(at) === topId) return true;
    }
    return false;
  };

  const subscription = sessions.onDidChange(() => {
    for (const [id, { branch }] of [...branches]) if (!isLive(sessions, branch.session)) forget(id);
    onChange(undefined);
  });

  return {
    async children(row) {
      switch (row?.kind) {
        case undefined:
          return topRows();
        case 'organization':
        case 'registry':
        case 'model':
        case 'version':
          return childrenOf(row);
        case 'folder':
          return give(row, folderRows(row));
        case 'otherRegistry':
        case 'file':
        case 'more':
        case 'empty':
        case 'failed':
        case 'signIn':
          return [];
      }
    },
    parent(row) {
      const parent = parents.get(rowId(row));
      return parent && parent.kind !== 'account' ? (given.get(rowId(parent)) ?? parent) : undefined;
    },
    refresh(row) {
      const topId = row && rowId(row);
      for (const { branch, paged } of branches.values()) {
        if (topId === undefined || isBelow(branch, topId)) paged.markStale();
      }
      onChange(row && given.get(rowId(row)));
    },
    reload(branch) {
      const id = rowId(branch);
      branches.get(id)?.paged.markStale();
      const row = given.get(id);
      if (row) onChange(row);
    },
    all(branch) {
      const entry = branches.get(rowId(branch));
      return entry?.branch.session === branch.session && isLive(sessions, branch.session)
        ? entry.paged.all
        : undefined;
    },
    async loadMore(parent) {
      if (!isLive(sessions, parent.session)) return;
      await pagedRows(parent).more();
      changed(parent);
    },
    async retry(parent) {
      if (!isLive(sessions, parent.session)) return;
      await pagedRows(parent).retry();
      changed(parent);
    },
    redraw: changed,
    shown: <Kind extends Row['kind']>(kind: Kind) =>
      [...given.values()].filter((row): row is Extract<Row, { kind: Kind }> => row.kind === kind),
    async find(branch, maxPages, matches) {
      if (!isLive(sessions, branch.session)) return undefined;
      const paged = pagedRows(branch);
      for (let page = 1; ; page++) {
        const found = (await lookAt(branch)).find(matches);
        if (found || !paged.hasMore || page >= maxPages) {
          if (page > 1) changed(branch);
          return found;
        }
        await paged.more();
      }
    },
    dispose() {
      subscription.dispose();
      for (const { paged } of branches.values()) paged.dispose();
    },
  };
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
