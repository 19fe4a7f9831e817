import assert from 'node:assert/strict';
import { sessionOf } from '../../../src/editor/accounts/sessions.ts';
import { sessionWithout } from '../registries/sessions.ts';

describe('the session of a remembered account', () => {
  const { id } = sessionWithout().service;
  const [old, fresh, other] = ['old', 'new', 'other'].map((token) => sessionWithout(`${id}#${token}`));
  assert(old && fresh && other);

  it('is its own, or the only one of its service that took its place', () => {
    assert.equal(sessionOf([fresh, old], old.accountId), old);
    assert.equal(sessionOf([fresh], old.accountId), fresh);
    assert.equal(sessionOf([fresh], `${id}@bk#acme`), fresh);
  });

  it('is none where it is not clear which, or nobody is signed in there', () => {
    assert.equal(sessionOf([fresh, other], old.accountId), undefined);
    assert.equal(sessionOf([fresh], `${id}.example.com#old`), undefined);
    assert.equal(sessionOf([], old.accountId), undefined);
  });
});
