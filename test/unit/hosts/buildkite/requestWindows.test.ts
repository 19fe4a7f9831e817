import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createRequestWindows } from '../../../../src/core/hosts/buildkite/requestWindows.ts';
import { rateLimitHeaders, RateLimiter } from '../../../registry/buildkite/rateLimit.ts';

const START = Date.UTC(2026, 10, 23, 12);

/** What an answer says about both windows. */
function headers(organization: readonly [number, number], user: readonly [number, number]) {
  return {
    'ratelimit-limit': '200',
    'ratelimit-remaining': String(organization[0]),
    'ratelimit-reset': String(organization[1]),
    'ratelimit-user-limit': '50',
    'ratelimit-user-remaining': String(user[0]),
    'ratelimit-user-reset': String(user[1]),
  };
}

describe("Buildkite's windows of requests", () => {
  function windows() {
    let now = START;
    return {
      ...createRequestWindows(() => now),
      pass: (seconds: number) => (now += seconds * 1000),
      after: (seconds: number) => new Date(START + seconds * 1000),
    };
  }

  it('are open until an answer tells of them', () => {
    const { claim, observe } = windows();
    for (let n = 0; n < 100; n += 1) assert.equal(claim('acme'), undefined);
    observe('acme', {});
    observe('acme', { 'ratelimit-remaining': 'none', 'ratelimit-reset': '-1' });
    assert.equal(claim('acme'), undefined);
  });

  it('keep five requests back, and open when they end', () => {
    const { claim, observe, pass, after } = windows();
    observe('acme', headers([150, 60], [6, 42]));
    assert.equal(claim('acme'), undefined);
    assert.deepEqual(claim('acme'), after(42));
    assert.deepEqual(claim(undefined), after(42), 'the user is the same in every organization');
    pass(41.9);
    assert.deepEqual(claim('acme'), after(42));
    pass(0.1);
    assert.equal(claim('acme'), undefined);
  });

  it('are both looked at, and each organization has one of its own', () => {
    const { claim, observe, after } = windows();
    observe('acme', headers([5, 30], [40, 10]));
    observe('other', headers([90, 50], [39, 10]));
    assert.deepEqual(claim('acme'), after(30));
    assert.equal(claim('other'), undefined);
    observe('acme', headers([5, 30], [5, 10]));
    assert.deepEqual(claim('acme'), after(30), 'the later of both');
    assert.deepEqual(claim('other'), after(10));
  });

  it('count requests under way, whatever an answer says that left before them', () => {
    const { claim, observe, after } = windows();
    observe('acme', headers([100, 60], [8, 60]));
    for (let n = 0; n < 3; n += 1) assert.equal(claim('acme'), undefined);
    observe('acme', headers([99, 60], [7, 59]));
    assert.deepEqual(claim('acme'), after(60));
  });

  it('of other tools are believed', () => {
    const { claim, observe, after } = windows();
    observe('acme', headers([100, 60], [40, 60]));
    observe('acme', headers([99, 60], [2, 60]));
    assert.deepEqual(claim('acme'), after(60));
  });

  it('that were refused without a word about them stay closed as long as the refusal says', () => {
    const { claim, refused, pass, after } = windows();
    refused('acme', after(20));
    assert.deepEqual(claim('acme'), after(20));
    assert.equal(claim('other'), undefined);
    pass(20);
    assert.equal(claim('acme'), undefined);
  });

  it('are never overrun by one that asks them first, in whatever order answers come', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('ask' as const), organization: fc.constantFrom('acme', 'other') }),
      fc.record({ kind: fc.constant('answer' as const), which: fc.nat(20) }),
      fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(20_000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        let now = START;
        const { claim, observe } = createRequestWindows(() => now);
        const limiter = new RateLimiter({ organization: 60, user: 50, windowSeconds: 60 }, () => now);
        let underWay: { readonly organization: string; readonly headers: Record<string, string> }[] = [];
        const answer = (which: number) => {
          const [one] = underWay.splice(which % underWay.length, 1);
          if (one) observe(one.organization, one.headers);
        };
        for (const one of steps) {
          if (one.kind === 'ask') {
            if (claim(one.organization)) continue;
            const usages = limiter.count(one.organization, 'user');
            assert.ok(usages.every(({ current, limit }) => current <= limit));
            const sent = Object.entries(rateLimitHeaders(usages)).map(([name, value]) => [
              name.toLowerCase(),
              String(value),
            ]);
            underWay.push({
              organization: one.organization,
              headers: Object.fromEntries(sent) as Record<string, string>,
            });
            // Six at a time, and none for as long as a window is.
            if (underWay.length > 5) answer(0);
          } else if (one.kind === 'answer') {
            if (underWay.length > 0) answer(one.which);
          } else {
            while (underWay.length > 0) answer(0);
            underWay = [];
            now += one.ms;
          }
        }
      }),
    );
  });
});
