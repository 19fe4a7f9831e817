import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RateWindow } from '../../../../src/core/hosts/hub/rateWindow.ts';

describe('the requests that a Hub still takes', () => {
  const policy = '"fixed window";"api";q=500;w=300';
  let now = 1_000_000;
  let window: RateWindow;
  const tell = (limit: string, withPolicy = policy) =>
    window.observe({ ratelimit: limit, 'ratelimit-policy': withPolicy });

  const opensAt = () => window.opensAt;

  beforeEach(() => {
    window = new RateWindow(() => now);
  });

  it('are unknown until it tells', () => {
    assert.equal(opensAt(), undefined);
    window.observe({});
    assert.equal(opensAt(), undefined);
  });

  it('are left alone when few are left, until the window ends', () => {
    tell('"api";r=11;t=60');
    assert.equal(opensAt(), undefined);
    tell('"api";r=10;t=60');
    assert.equal(opensAt()?.getTime(), now + 60_000);
    now += 60_000;
    assert.equal(opensAt(), undefined);
  });

  it('are used to the last tenth where there are few in all', () => {
    tell('"api";r=3;t=60', '"fixed window";"api";q=20;w=300');
    assert.equal(opensAt(), undefined);
    tell('"api";r=2;t=60', '"fixed window";"api";q=20;w=300');
    assert.ok(opensAt());
  });

  it('are those of the API, not of files and pages', () => {
    tell('"resolvers";r=0;t=60');
    assert.equal(opensAt(), undefined);
    tell('"pages";r=5;t=1, "api";r=0;t=60');
    assert.ok(opensAt());
  });

  it('are read from whatever a server sends', () => {
    const header = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(), fc.nat()).map(([r, t]) => `"api";r=${String(r)};t=${String(t)}`),
    );
    fc.assert(
      fc.property(header, header, (limit, withPolicy) => {
        tell(limit, withPolicy);
        const at = window.opensAt;
        assert.ok(at === undefined || !Number.isNaN(at.getTime()));
      }),
    );
  });
});
