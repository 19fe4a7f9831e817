import assert from 'node:assert/strict';
import { asCommitName } from '../../../src/core/objectIds.ts';
import { messageFromPage } from '../../../src/editor/modelPage/messages.ts';

describe('a message of the model page', () => {
  const read = (commit: string) => messageFromPage.safeParse({ kind: 'chooseVersion', commit }).data;

  it('chooses a version by whatever name its registry gives the commit', () => {
    for (const name of ['a'.repeat(40), 'b'.repeat(64), 'v1.0.0', longestName()]) {
      assert.deepEqual(read(name), { kind: 'chooseVersion', commit: name });
    }
  });

  it('chooses nothing by a name that no commit has', () => {
    for (const name of ['', `${longestName()}x`]) assert.equal(read(name), undefined, name);
  });
});

function longestName(): string {
  let name = 'x';
  while (asCommitName(`${name}x`) !== undefined) name += 'x';
  return name;
}
