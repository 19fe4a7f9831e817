import assert from 'node:assert/strict';
import { UnfoldedRows } from '../../../src/editor/registries/unfoldedRows.ts';
import type { RegistryRow, Row } from '../../../src/editor/rows.ts';
import { organizationRow, sessionWithout } from './sessions.ts';

const session = sessionWithout();
const [acme, other] = [organizationRow(session, 'acme'), organizationRow(session, 'other')];
const signIn: Row = { kind: 'signIn', session };

function registryRow(slug: string): RegistryRow {
  const { organization } = acme;
  return {
    kind: 'registry',
    session,
    registry: {
      ...{ organization: organization.slug, slug, id: slug, name: slug, holdsModels: true },
      ...{
        description: undefined,
        ecosystem: 'huggingface',
        emoji: undefined,
        public: undefined,
        webUrl: undefined,
      },
    },
  };
}

/** Draws rows as the view does. Gives those that are unfolded then. */
function drawing(unfolded: UnfoldedRows) {
  return (parent: Row | undefined, rows: readonly Row[]) => {
    unfolded.start(parent, unfolded.drawn(parent, rows));
    return rows.filter((row) => unfolded.starts(row));
  };
}

describe('unfolded rows', () => {
  it('come back unfolded, with those below them', () => {
    const unfolded = new UnfoldedRows(() => true);
    const draw = drawing(unfolded);
    const [models, folded] = [registryRow('models'), registryRow('folded')];
    draw(undefined, [acme, other]);
    unfolded.changed(acme, true);
    draw(acme, [models, folded]);
    unfolded.changed(models, true);
    unfolded.changed(folded, true);
    unfolded.changed(folded, false);
    assert.deepEqual(draw(undefined, [signIn]), []);
    assert.deepEqual(draw(undefined, [acme, other]), [acme]);
    assert.deepEqual(draw(acme, [models, folded]), [models]);
  });

  it('stay as they are drawn while they stay', () => {
    const unfolded = new UnfoldedRows(() => true);
    const draw = drawing(unfolded);
    draw(undefined, [acme]);
    unfolded.changed(acme, true);
    assert.deepEqual(draw(undefined, [acme, other]), []);
    draw(undefined, [other]);
    assert.deepEqual(draw(undefined, [acme, other]), [acme]);
    unfolded.changed(acme, false);
    assert.deepEqual(draw(undefined, [acme, other]), [acme]);
    draw(undefined, [other]);
    assert.deepEqual(draw(undefined, [acme, other]), []);
  });

  it('are found by what they stand for, once: a new token makes another account', () => {
    const unfolded = new UnfoldedRows(() => true);
    const draw = drawing(unfolded);
    const [renewed, second] = ['renewed', 'second'].map((id) => organizationRow(sessionWithout(id), 'acme'));
    assert(renewed && second);
    draw(undefined, [acme]);
    unfolded.changed(acme, true);
    assert.deepEqual(draw(undefined, [renewed]), [renewed]);
    assert.deepEqual(draw(undefined, [renewed, second]), [renewed]);
  });

  it('are folded for whoever signs in after a person has signed out', () => {
    let isSignedIn = true;
    const unfolded = new UnfoldedRows(() => isSignedIn);
    const draw = drawing(unfolded);
    draw(undefined, [acme]);
    unfolded.changed(acme, true);
    draw(undefined, [signIn]);
    isSignedIn = false;
    draw(undefined, []);
    isSignedIn = true;
    assert.deepEqual(draw(undefined, [acme]), []);
  });

  it('are not started once they are gone', () => {
    const unfolded = new UnfoldedRows(() => true);
    unfolded.drawn(undefined, [acme]);
    unfolded.changed(acme, true);
    unfolded.drawn(undefined, []);
    const returning = unfolded.drawn(undefined, [acme]);
    assert.deepEqual(returning, [acme]);
    unfolded.drawn(undefined, []);
    unfolded.start(undefined, returning);
    assert.equal(unfolded.starts(acme), false);
  });
});
