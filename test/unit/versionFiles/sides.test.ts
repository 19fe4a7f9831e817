import assert from 'node:assert/strict';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import {
  commitWithSubject,
  olderOf,
  titleOf,
  type VersionSide,
} from '../../../src/editor/versionFiles/sides.ts';

const id = (digit: string) => asGitObjectId(digit.repeat(40))!;
const [A, B, C] = [id('a'), id('b'), id('c')];

describe('the two sides of a comparison', () => {
  it('are named in its title by commit and subject, and by their models where they differ', () => {
    const before: VersionSide = { model: 'acme/phi', commit: A, subject: 'A first try' };
    const after: VersionSide = { model: 'acme/phi', commit: B, subject: undefined };
    assert.equal(titleOf(before, after), 'acme/phi: aaaaaaa “A first try” ↔ bbbbbbb');
    assert.equal(titleOf(before, { ...after, model: 'acme/psi' }), 'acme/phi@aaaaaaa ↔ acme/psi@bbbbbbb');
    const { length } = commitWithSubject({ commit: A, subject: 'x'.repeat(200) });
    assert(length < 50, String(length));
  });

  it('are put in order by their dates', () => {
    const one = { commit: A, createdAt: new Date(1) };
    const two = { commit: B, createdAt: new Date(2) };
    assert.equal(olderOf(one, two, []), one);
    assert.equal(olderOf(two, one, [A, B]), one);
  });

  it('are put in order by their places in the list where dates do not tell, and else not at all', () => {
    const [one, two] = [A, B].map((commit) => ({ commit, createdAt: undefined }));
    assert(one && two);
    assert.equal(olderOf(one, two, [B, C, A]), one);
    assert.equal(olderOf(two, one, [B, A]), one);
    assert.equal(olderOf(one, two, [A, C]), undefined);
    assert.equal(olderOf(one, two, []), undefined);
    const sameTime = [one, two].map((side) => ({ ...side, createdAt: new Date(3) }));
    assert.equal(olderOf(sameTime[0]!, sameTime[1]!, [A, B]), sameTime[1]);
  });
});
