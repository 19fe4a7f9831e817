import assert from 'node:assert/strict';
import type { Session, Sessions } from '../../../src/editor/accounts/sessions.ts';
import type { BranchRows } from '../../../src/editor/registries/pagedRows.ts';
import { RowTree } from '../../../src/editor/registries/rowTree.ts';
import { rowId, type Branch, type OrganizationRow, type Row } from '../../../src/editor/rows.ts';
import { until } from '../../setup/until.ts';
import { gate } from './gate.ts';
import { organizationRow, sessionWithout } from './sessions.ts';

/** Sessions that the test signs in and out. */
function changingSessions(...first: readonly Session[]) {
  const listeners = new Set<() => void>();
  const rejected = new Set<Session>();
  let all = first;
  const fire = () => listeners.forEach((listener) => listener());
  const onDidChange = (listener: () => void) => {
    const call = () => listener();
    listeners.add(call);
    return { dispose: () => listeners.delete(call) };
  };
  let loaded = true;
  let awaitsLogins = false;
  const sessions: Sessions = {
    onDidChange,
    get loaded() {
      return loaded;
    },
    get awaitsLogins() {
      return awaitsLogins;
    },
    get all() {
      return all;
    },
    isRejected: (session) => rejected.has(session),
    renewed: () => Promise.resolve(),
  };
  return {
    sessions,
    load: (isLoaded: boolean) => {
      loaded = isLoaded;
      if (isLoaded) fire();
    },
    await: (awaited: boolean) => {
      awaitsLogins = awaited;
      fire();
    },
    reject: (session: Session) => {
      rejected.add(session);
      fire();
    },
    become: (...next: readonly Session[]) => {
      all = next;
      fire();
    },
  };
}

/** Branches whose rows the test decides. */
function scripted(rowsOf: (branch: Branch) => Promise<readonly Row[]>) {
  const open: string[] = [];
  return {
    open,
    openBranch: (branch: Branch): BranchRows => {
      const id = rowId(branch);
      open.push(id);
      return {
        hasMore: false,
        all: undefined,
        rows: () => rowsOf(branch),
        more: () => Promise.resolve(),
        retry: () => Promise.resolve(),
        markStale: () => undefined,
        dispose: () => void open.splice(open.indexOf(id), 1),
      };
    },
  };
}

describe('the tree of rows', () => {
  it('shows no account that was replaced while another one was listed', async () => {
    const [refused, other, replacing] = ['refused', 'other', 'replacing'].map((id) => sessionWithout(id));
    assert(refused && other && replacing);
    const { sessions, reject, become } = changingSessions(refused, other);
    reject(refused);
    const listing = gate<readonly Row[]>();
    const { openBranch } = scripted(({ session }) =>
      session === other ? listing.promise : Promise.resolve([organizationRow(session, 'new')]),
    );
    const tree = new RowTree(sessions, openBranch, () => undefined);
    const before = tree.children(undefined);
    become(replacing, other);
    const after = tree.children(undefined);
    listing.open([organizationRow(other, 'slow')]);
    const expected = [organizationRow(replacing, 'new'), organizationRow(other, 'slow')].map(rowId);
    assert.deepEqual((await after).map(rowId), expected);
    assert.deepEqual((await before).map(rowId), expected);
    tree.dispose();
  });

  it('shows the accounts that are there beside one that is slow, and that one when it comes', async () => {
    const [fast, slow] = ['fast', 'slow'].map((id) => sessionWithout(id));
    assert(fast && slow);
    const { sessions } = changingSessions(fast, slow);
    const listing = gate<readonly Row[]>();
    const { openBranch } = scripted(({ session }) =>
      session === slow ? listing.promise : Promise.resolve([organizationRow(session, 'here')]),
    );
    const changes: (Row | undefined)[] = [];
    const tree = new RowTree(sessions, openBranch, (row) => changes.push(row), 10);
    const loading: Row = { kind: 'loading', session: slow };
    const first = [organizationRow(fast, 'here'), loading].map(rowId);
    assert.deepEqual((await tree.children(undefined)).map(rowId), first);
    assert.deepEqual(changes, []);
    listing.open([organizationRow(slow, 'come')]);
    await until(() => changes.length > 0, 'the tree tells of the rows that came');
    const then = [organizationRow(fast, 'here'), organizationRow(slow, 'come')].map(rowId);
    assert.deepEqual((await tree.children(undefined)).map(rowId), then);
    tree.dispose();
  });

  it('says that accounts are looked for while it is not known who is signed in', async () => {
    const session = sessionWithout();
    const { sessions, load } = changingSessions(session);
    load(false);
    const { openBranch } = scripted(() => Promise.resolve([organizationRow(session, 'acme')]));
    const tree = new RowTree(sessions, openBranch, () => undefined, 10);
    assert.deepEqual(await tree.children(undefined), [{ kind: 'loading', session: undefined }]);
    load(true);
    assert.deepEqual((await tree.children(undefined)).map(rowId), [rowId(organizationRow(session, 'acme'))]);
    tree.dispose();
  });

  it('says below the accounts it knows that another program has yet to lend a login', async () => {
    const session = sessionWithout();
    const { sessions, await: wait } = changingSessions(session);
    const { openBranch } = scripted(() => Promise.resolve([organizationRow(session, 'acme')]));
    const changes: (Row | undefined)[] = [];
    const tree = new RowTree(sessions, openBranch, (row) => changes.push(row));
    wait(true);
    const kinds = async () => (await tree.children(undefined)).map(({ kind }) => kind);
    assert.deepEqual(await kinds(), ['organization', 'loading']);
    wait(false);
    assert.deepEqual(await kinds(), ['organization']);
    assert.deepEqual(changes, [undefined, undefined]);
    tree.dispose();
  });

  it('closes what is below a row that is gone', async () => {
    const session = sessionWithout();
    const { sessions } = changingSessions(session);
    let slugs = ['a', 'b'];
    const { open, openBranch } = scripted((branch) =>
      Promise.resolve(branch.kind === 'account' ? slugs.map((slug) => organizationRow(session, slug)) : []),
    );
    const tree = new RowTree(sessions, openBranch, () => undefined);
    for (const row of await tree.children(undefined)) await tree.children(row);
    assert.equal(open.length, 3);
    slugs = ['b'];
    await tree.children(undefined);
    assert.deepEqual(open, [rowId({ kind: 'account', session }), rowId(organizationRow(session, 'b'))]);
    assert.deepEqual(tree.shown('organization').map(rowId), [rowId(organizationRow(session, 'b'))]);
    tree.dispose();
    assert.deepEqual(open, []);
  });

  it('tells of changes by the rows that were given out, whatever was looked for meanwhile', async () => {
    const session = sessionWithout();
    const { sessions } = changingSessions(session);
    const changes: (Row | undefined)[] = [];
    const { openBranch } = scripted((branch) =>
      Promise.resolve(branch.kind === 'account' ? [organizationRow(session, 'acme')] : []),
    );
    const tree = new RowTree(sessions, openBranch, (row) => changes.push(row));
    const [known] = await tree.children(undefined);
    assert(known?.kind === 'organization');
    const found = await tree.find(
      { kind: 'account', session },
      1,
      (row): row is OrganizationRow => row.kind === 'organization',
    );
    assert(found);
    tree.redraw(found);
    assert.equal(changes.length, 1);
    assert.equal(changes[0], known);
    tree.dispose();
  });

  it('shows an account that signed in again while a list of its refused token was on its way', async () => {
    const [refused, again] = [sessionWithout(), sessionWithout()];
    const { sessions, reject, become } = changingSessions(refused);
    const listing = gate<readonly Row[]>();
    const changes: (Row | undefined)[] = [];
    const { openBranch } = scripted((branch) => {
      if (branch.kind === 'account') return Promise.resolve([organizationRow(branch.session, 'acme')]);
      return branch.session === refused ? listing.promise : Promise.resolve([organizationRow(again, 'now')]);
    });
    const tree = new RowTree(sessions, openBranch, (row) => changes.push(row));
    const [organization] = await tree.children(undefined);
    const pending = tree.children(organization);
    reject(refused);
    assert.deepEqual(
      (await tree.children(undefined)).map(({ kind }) => kind),
      ['signIn'],
    );
    become(again);
    listing.open([organizationRow(refused, 'late')]);
    // VS Code still asks for the row that it was given.
    for (const rows of [await pending, await tree.children(organization)])
      assert.deepEqual(rows, [organizationRow(again, 'now')]);
    const rows = await tree.children(undefined);
    assert(rows.every((row) => row.kind === 'organization' && row.session === again));
    assert.deepEqual(changes, [undefined, undefined]);
    tree.dispose();
  });
});
