import assert from 'node:assert/strict';
import fc from 'fast-check';
import { replacementOf, type Reach } from '../../../src/editor/accounts/replacement.ts';

const reach = (scopes: readonly string[], organizations?: readonly string[]): Reach => ({
  scopes: new Set(scopes),
  organizations: organizations && new Set(organizations),
});

describe('a second token of the same user', () => {
  it('takes the place of what it does all of', () => {
    const before = reach(['read'], ['acme']);
    assert.deepEqual(replacementOf(before, reach(['read', 'write'], ['acme', 'beta'])), { kind: 'replace' });
    assert.deepEqual(replacementOf(before, before), { kind: 'replace' });
    assert.deepEqual(replacementOf(reach(['read'], []), reach(['read'], [])), { kind: 'replace' });
  });

  it('stands beside one of other organizations', () => {
    assert.deepEqual(replacementOf(reach(['read', 'write'], ['acme']), reach(['read'], ['beta'])), {
      kind: 'keep',
    });
  });

  it('is asked about where something would be lost; the same organizations are never kept twice', () => {
    assert.deepEqual(replacementOf(reach(['read', 'write'], ['acme']), reach(['read'], ['acme'])), {
      kind: 'ask',
      lost: { scopes: ['write'], organizations: [] },
      mayKeep: false,
    });
    assert.deepEqual(replacementOf(reach(['read'], ['acme', 'beta']), reach(['read'], ['acme'])), {
      kind: 'ask',
      lost: { scopes: [], organizations: ['beta'] },
      mayKeep: true,
    });
    assert.equal(replacementOf(reach(['read']), reach(['read'], ['acme'])).kind, 'ask');
  });

  it('never loses anything unasked, and never shows an organization twice unasked', () => {
    const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'));
    fc.assert(
      fc.property(names, names, names, names, (scopes, slugs, newScopes, newSlugs) => {
        const { kind } = replacementOf(reach(scopes, slugs), reach(newScopes, newSlugs));
        if (kind === 'replace') {
          assert(scopes.every((one) => newScopes.includes(one)));
          assert(slugs.every((one) => newSlugs.includes(one)));
        }
        if (kind === 'keep') assert(!slugs.some((one) => newSlugs.includes(one)));
      }),
    );
  });
});
