import assert from 'node:assert/strict';
import { exceeded, RateLimiter } from '../../registry/buildkite/rateLimit.ts';

describe('local registry: windows of the rate limit', () => {
  it('open anew when they end', () => {
    let now = 1_000;
    const limiter = new RateLimiter({ organization: 10, user: 1, windowSeconds: 60 }, () => now);
    const count = () => limiter.count('organization', 'user');
    assert.equal(exceeded(count()), undefined);
    now += 20_500;
    assert.deepEqual(exceeded(count()), { scope: 'rest_user', limit: 1, current: 2, reset: 40 });
    now += 39_499;
    assert.equal(exceeded(count())?.reset, 1);
    now += 1;
    assert.equal(exceeded(count()), undefined);
  });
});
