import assert from 'node:assert/strict';
import fc from 'fast-check';
import { askedWait } from '../../../src/core/http/waiting.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const asked = (status: number, headers: Record<string, string>, body: unknown = '') =>
  askedWait(status, headers, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), NOW);

/** Buildkite sends its windows with every answer. */
const windows = {
  'ratelimit-remaining': '150',
  'ratelimit-reset': '10',
  'ratelimit-user-remaining': '0',
  'ratelimit-user-reset': '42',
};

describe('how long a server asks to wait', () => {
  const cases: [string, number, Record<string, string>, unknown, number | undefined][] = [
    ['Retry-After in seconds', 503, { 'retry-after': '7' }, '', 7000],
    ['Retry-After as a date', 429, { 'retry-after': 'Mon, 23 Nov 2026 12:00:30 GMT' }, '', 30_000],
    ['Retry-After as a date that has passed', 429, { 'retry-after': 'Mon, 23 Nov 2026 11:00:00 GMT' }, '', 0],
    ['Retry-After that says nothing', 429, { 'retry-after': '-5' }, '', undefined],
    ["the Hub's policy", 429, { ratelimit: '"api";r=0;t=55' }, '', 55_000],
    [
      'the longest of the used-up policies',
      429,
      { ratelimit: '"a";r=0;t=5, "b";r=0;t=9, "c";r=3;t=60' },
      '',
      9000,
    ],
    ["Buildkite's window per user", 429, windows, { scope: 'rest_user', reset: 42 }, 42_000],
    [
      "Buildkite's window per organization",
      429,
      { ...windows, 'ratelimit-user-remaining': '3' },
      { scope: 'rest' },
      10_000,
    ],
    [
      'both windows',
      429,
      { ...windows, 'ratelimit-remaining': '0', 'ratelimit-reset': '50' },
      { scope: 'rest_user', reset: 42 },
      50_000,
    ],
    [
      'a window that only its warning names',
      429,
      { 'ratelimit-reset': '3', 'ratelimit-warning': 'exceeded' },
      '',
      3000,
    ],
    ['the body alone', 429, {}, { message: 'wait', reset: 12 }, 12_000],
    ['windows of an answer that is about something else', 500, windows, '', undefined],
    ['nothing', 429, {}, '<html>', undefined],
    [
      'what no timer takes',
      429,
      { 'retry-after': '1764345600' },
      { reset: 1_764_345_600_000_000 },
      undefined,
    ],
    ['what of it makes sense', 429, { 'retry-after': '1764345600' }, { reset: 12 }, 12_000],
  ];
  for (const [name, status, headers, body, expected] of cases) {
    it(`is read from ${name}`, () => assert.equal(asked(status, headers, body), expected));
  }

  it('is a length of time or unknown, whatever the server sends', () => {
    const text = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.constant('"api";r=0;t='),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    const headers = fc.record({
      'retry-after': text,
      ratelimit: text,
      'ratelimit-reset': text,
      'ratelimit-remaining': fc.constantFrom('0', '1'),
    });
    fc.assert(
      fc.property(headers, fc.json(), (sent, body) => {
        const wait = asked(429, sent, body);
        assert.ok(wait === undefined || (wait >= 0 && wait < 2 ** 31), String(wait));
      }),
    );
  });
});
