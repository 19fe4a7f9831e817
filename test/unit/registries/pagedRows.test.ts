import assert from 'node:assert/strict';
import { Failure } from '../../../src/core/failure.ts';
import type { Page } from '../../../src/core/hosts/page.ts';
import { PagedRows, type LoadPage } from '../../../src/editor/registries/pagedRows.ts';
import type { Branch, Row } from '../../../src/editor/rows.ts';
import { gate } from './gate.ts';
import { organizationRow, sessionWithout } from './sessions.ts';

const session = sessionWithout();
const branch: Branch = { kind: 'account', session };

/** A list of organizations served in pages; every page asked for is noted. */
function paged(pages: Readonly<Record<string, Page<string> | Failure>>) {
  const asked: string[] = [];
  const load: LoadPage<string> = (cursor) => {
    asked.push(cursor ?? 'first');
    const page = pages[cursor ?? 'first'];
    assert(page);
    return page instanceof Failure ? Promise.reject(page) : Promise.resolve(page);
  };
  const rows = new PagedRows(branch, load, (slugs) => slugs.map((slug) => organizationRow(session, slug)));
  return { asked, rows, pages: pages as Record<string, Page<string> | Failure> };
}

const shown = (rows: readonly Row[]) =>
  rows.map((row) => {
    if (row.kind === 'organization') return row.organization.slug;
    if (row.kind === 'more') return `more after ${row.shown}`;
    return row.kind === 'failed' ? `failed: ${row.failure.kind}` : row.kind;
  });

describe('rows that arrive in pages', () => {
  it('are asked for once, and the next page only on demand', async () => {
    const { asked, rows } = paged({
      first: { items: ['a', 'b'], next: '2' },
      2: { items: ['c'], next: undefined },
    });
    assert.deepEqual(shown(await rows.rows()), ['a', 'b', 'more after 2']);
    await rows.rows();
    assert.deepEqual(asked, ['first']);
    await rows.more();
    assert.deepEqual(shown(await rows.rows()), ['a', 'b', 'c']);
    await rows.more();
    assert.deepEqual(asked, ['first', '2']);
  });

  it('load once however many ask at the same time', async () => {
    const { asked, rows } = paged({
      first: { items: ['a'], next: '2' },
      2: { items: ['b'], next: undefined },
    });
    await Promise.all([rows.rows(), rows.rows(), rows.rows()]);
    await Promise.all([rows.more(), rows.more()]);
    assert.deepEqual(asked, ['first', '2']);
  });

  it('say that there is nothing', async () => {
    const { rows } = paged({ first: { items: [], next: undefined } });
    assert.deepEqual(shown(await rows.rows()), ['empty']);
  });

  it('show an item once when the list shifts between two pages', async () => {
    const { rows } = paged({
      first: { items: ['a', 'b'], next: '2' },
      2: { items: ['b', 'c'], next: undefined },
    });
    await rows.rows();
    await rows.more();
    assert.deepEqual(shown(await rows.rows()), ['a', 'b', 'c']);
  });

  it('keep what is there when the next page fails, do not ask again by themselves, and try that page again', async () => {
    const { asked, rows, pages } = paged({
      first: { items: ['a'], next: '2' },
      2: new Failure('network', 'gone'),
    });
    await rows.rows();
    await rows.more();
    assert.deepEqual(shown(await rows.rows()), ['a', 'failed: network']);
    await rows.rows();
    assert.deepEqual(asked, ['first', '2']);
    pages['2'] = { items: ['b'], next: undefined };
    await rows.more();
    assert.deepEqual(shown(await rows.rows()), ['a', 'b']);
  });

  it('keep what is there when a refresh fails, and try the first page again', async () => {
    const { asked, rows, pages } = paged({ first: { items: ['a'], next: '2' } });
    await rows.rows();
    pages.first = new Failure('server', 'down');
    rows.markStale();
    assert.deepEqual(shown(await rows.rows()), ['a', 'failed: server']);
    pages.first = { items: ['b'], next: undefined };
    await rows.more();
    assert.deepEqual(shown(await rows.rows()), ['b']);
    assert.deepEqual(asked, ['first', 'first', 'first']);
  });

  it('give up a load that a refresh overtakes, and show only what came after it', async () => {
    const first = gate<Page<string>>();
    const signals: AbortSignal[] = [];
    const rows = new PagedRows(
      branch,
      (_cursor, signal) => {
        signals.push(signal);
        return signals.length === 1 ? first.promise : Promise.resolve({ items: ['new'], next: undefined });
      },
      (slugs) => slugs.map((slug) => organizationRow(session, slug)),
    );
    const pending = rows.rows();
    rows.markStale();
    first.open({ items: ['old'], next: undefined });
    assert.deepEqual(shown(await pending), ['new']);
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, false],
    );
  });

  it('are none once disposed, and the load stops', async () => {
    const first = gate<Page<string>>();
    let stopped = false;
    const rows = new PagedRows(
      branch,
      (_cursor, signal) => {
        signal.addEventListener('abort', () => (stopped = true));
        return first.promise;
      },
      (slugs) => slugs.map((slug) => organizationRow(session, slug)),
    );
    const pending = rows.rows();
    rows.dispose();
    first.open({ items: ['late'], next: undefined });
    assert.deepEqual(shown(await pending), []);
    assert.equal(stopped, true);
  });
});
