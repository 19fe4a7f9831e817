import assert from 'node:assert/strict';
import { once } from 'node:events';
import { EventEmitter } from 'node:events';
import { Failure } from '../../../src/core/failure.ts';
import type { Branch, FailedRow } from '../../../src/editor/rows.ts';
import { TimedRetries } from '../../../src/editor/registries/timedRetries.ts';
import { organizationRow, sessionWithout } from './sessions.ts';

describe('pages that a server asks to wait for', () => {
  const session = sessionWithout();
  const branch = (slug: string): Branch => organizationRow(session, slug);
  const failed = (slug: string, wait: number): FailedRow => ({
    kind: 'failed',
    parent: branch(slug),
    failure: new Failure('rateLimit', 'wait', { retryAt: new Date(Date.now() + wait) }),
  });
  const tried: string[] = [];
  const events = new EventEmitter();
  let visible = true;
  let retries: TimedRetries;

  beforeEach(() => {
    tried.length = 0;
    visible = true;
    retries = new TimedRetries(
      () => visible,
      (parent) => {
        if (parent.kind === 'organization') tried.push(parent.organization.slug);
        events.emit('tried');
      },
      1,
    );
  });
  afterEach(() => {
    retries.dispose();
  });

  it('are tried again once, when the time has come', async () => {
    const row = failed('later', 30);
    retries.plan([row]);
    retries.plan([row, failed('sooner', 1)]);
    await once(events, 'tried');
    await once(events, 'tried');
    assert.deepEqual(tried, ['sooner', 'later']);
    retries.resume();
    assert.deepEqual(tried, ['sooner', 'later']);
  });

  it('wait further until somebody looks', async () => {
    visible = false;
    retries.plan([failed('hidden', 1)]);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.deepEqual(tried, []);
    visible = true;
    retries.resume();
    assert.deepEqual(tried, ['hidden']);
  });

  it('are not tried before their time because somebody looks', () => {
    retries.plan([failed('later', 60_000)]);
    retries.resume();
    assert.deepEqual(tried, []);
  });

  it('are left alone where no time is known, or something else failed', async () => {
    const parent = branch('other');
    retries.plan([
      { kind: 'failed', parent, failure: new Failure('rateLimit', 'wait') },
      {
        kind: 'failed',
        parent: branch('down'),
        failure: new Failure('server', 'down', { retryAt: new Date() }),
      },
      failed('known', 1),
    ]);
    await once(events, 'tried');
    assert.deepEqual(tried, ['known']);
  });
});
