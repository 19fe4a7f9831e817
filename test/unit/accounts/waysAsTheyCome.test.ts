import assert from 'node:assert/strict';
import type { Lender, Login } from '../../../src/core/hosts/service.ts';
import { waysAsTheyCome, type Way } from '../../../src/editor/accounts/waysAsTheyCome.ts';
import { gate } from '../registries/gate.ts';
import { sessionWithout } from '../registries/sessions.ts';

const { service } = sessionWithout();
const token: Way = { kind: 'token', service };
const anonymous: Way = { kind: 'anonymous', service };
const login = (name: string): Login => ({ name, selected: false });

function lent(id: string) {
  const answer = gate<readonly Login[]>();
  const way: Way = { kind: 'lent', service, lender: { id } as Lender, logins: answer.promise };
  return { way, answer: (...names: readonly string[]) => answer.open(names.map(login)) };
}

describe('the ways to sign in', () => {
  const shown = async (lists: ReturnType<typeof waysAsTheyCome>) => {
    const next = await lists.next();
    if (next.done === true) return undefined;
    return next.value.map(({ way, logins }) =>
      way.kind === 'lent' ? `${way.lender.id}: ${logins.map(({ name }) => name).join()}` : way.kind,
    );
  };

  it('are there at once but for those of lenders that have not answered, and come as they answer', async () => {
    const [slow, quick] = [lent('slow'), lent('quick')];
    const lists = waysAsTheyCome([token, slow.way, quick.way, anonymous]);
    assert.deepEqual(await shown(lists), ['token', 'anonymous']);
    quick.answer('acme', 'beta');
    assert.deepEqual(await shown(lists), ['token', 'quick: acme,beta', 'anonymous']);
    slow.answer('ada');
    assert.deepEqual(await shown(lists), ['token', 'slow: ada', 'quick: acme,beta', 'anonymous']);
    assert.equal(await shown(lists), undefined);
  });

  it('are none of a lender without logins', async () => {
    const none = lent('none');
    const lists = waysAsTheyCome([token, none.way]);
    assert.deepEqual(await shown(lists), ['token']);
    none.answer();
    assert.equal(await shown(lists), undefined);
  });
});
