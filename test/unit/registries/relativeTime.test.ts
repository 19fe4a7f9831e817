import assert from 'node:assert/strict';
import { relativeTime } from '../../../src/editor/relativeTime.ts';

describe('relative time', () => {
  const now = new Date('2026-11-23T12:00:00Z');
  const ago = (date: string, locale = 'en') => relativeTime(new Date(date), now, locale);

  it('names the largest unit that fits', () => {
    assert.equal(ago('2026-11-23T11:57:00Z'), '3 minutes ago');
    assert.equal(ago('2026-11-23T09:01:00Z'), '2 hours ago');
    assert.equal(ago('2026-11-22T11:00:00Z'), 'yesterday');
    assert.equal(ago('2026-11-10T12:00:00Z'), 'last week');
    assert.equal(ago('2026-08-20T12:00:00Z'), '3 months ago');
    assert.equal(ago('2024-08-20T12:00:00Z'), '2 years ago');
  });

  it('calls the last minute now, and takes a server whose clock is ahead', () => {
    assert.equal(ago('2026-11-23T11:59:31Z'), 'now');
    assert.equal(ago('2026-11-23T12:00:05Z'), 'now');
    assert.equal(ago('2026-11-23T12:05:00Z'), 'in 5 minutes');
  });

  it('speaks the language of the editor', () => {
    assert.equal(ago('2026-11-23T09:00:00Z', 'de'), 'vor 3 Stunden');
  });
});
