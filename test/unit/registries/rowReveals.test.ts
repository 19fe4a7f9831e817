import assert from 'node:assert/strict';
import type { Registry } from '../../../src/core/hosts/host.ts';
import type { Session } from '../../../src/editor/accounts/sessions.ts';
import { RowReveals } from '../../../src/editor/registries/rowReveals.ts';
import { RowTree } from '../../../src/editor/registries/rowTree.ts';
import type { Row } from '../../../src/editor/rows.ts';
import { organizationRow, sessionWithout } from './sessions.ts';

const REGISTRY: Registry = {
  id: 'r',
  organization: 'acme',
  slug: 'models',
  name: 'models',
  ecosystem: 'huggingface',
  holdsModels: true,
  description: undefined,
  emoji: undefined,
  public: undefined,
  webUrl: undefined,
};

function treeOf(session: Session) {
  return new RowTree(
    {
      all: [session],
      isRejected: () => false,
      renewed: () => Promise.resolve(),
      loaded: true,
      awaitsLogins: false,
      onDidChange: () => ({ dispose: () => undefined }),
    },
    (branch) => ({
      hasMore: false,
      all: undefined,
      rows: () =>
        Promise.resolve<readonly Row[]>(
          branch.kind === 'account'
            ? [organizationRow(session, 'acme')]
            : [{ kind: 'registry', session, registry: REGISTRY }],
        ),
      more: () => Promise.resolve(),
      retry: () => Promise.resolve(),
      markStale: () => undefined,
      dispose: () => undefined,
    }),
    () => undefined,
  );
}

/** A view that does with each reveal what the script says, and notes which would take the focus. */
function scriptedView(
  onReveal: (attempt: number, view: { selection: readonly Row[]; visible: boolean }, row: Row) => void,
) {
  const focused: boolean[] = [];
  const view = {
    selection: [] as readonly Row[],
    visible: true,
    reveal: async (row: Row, options?: { readonly focus?: boolean }) => {
      focused.push(options?.focus === true);
      onReveal(focused.length, view, row);
      await Promise.resolve();
    },
  };
  return { view, focused };
}

describe('revealing a row', () => {
  const session = sessionWithout();
  const reveal = async (view: ReturnType<typeof scriptedView>['view']) => {
    const tree = treeOf(session);
    const refusals: unknown[] = [];
    const onRefused = (error: unknown) => void refusals.push(error);
    await new RowReveals(tree, view, () => undefined, onRefused).registry(session, REGISTRY);
    tree.dispose();
    return refusals;
  };

  it('is tried again where VS Code drops it, and takes the focus with it where that is at once', async () => {
    const { view, focused } = scriptedView((attempt, shown, row) => {
      if (attempt === 3) shown.selection = [row];
    });
    await reveal(view);
    assert.deepEqual(focused, [true, true, true]);
  });

  it('is tried again where VS Code refuses it, because rows come anew meanwhile', async () => {
    const refusal = new Error('Cannot resolve tree item for element 1/[]');
    const { view, focused } = scriptedView((attempt, shown, row) => {
      if (attempt === 1) throw refusal;
      shown.selection = [row];
    });
    assert.deepEqual(await reveal(view), [refusal]);
    assert.deepEqual(focused, [true, true]);
  });

  it('gives up once the person has selected something else, or left the view', async () => {
    const elsewhere = scriptedView((_attempt, shown) => {
      shown.selection = [organizationRow(session, 'other')];
    });
    await reveal(elsewhere.view);
    assert.deepEqual(elsewhere.focused, [true]);
    const left = scriptedView((_attempt, shown) => {
      shown.visible = false;
    });
    await reveal(left.view);
    assert.deepEqual(left.focused, [true]);
  });
});
