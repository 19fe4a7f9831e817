import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { CONTEXT_WORDS } from '../../../src/editor/registries/contextWords.ts';
import type { Row } from '../../../src/editor/rows.ts';
import { shelfServices } from '../hosts/shelf.ts';
import { setting, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';

/** What takes more than a list and files. */
const ACTIONS = [
  'publishable',
  'buildable',
  'creatable',
  'describable',
  'deletable',
  'tokens',
  'web',
] as const;

describe('a kind of service that can only list', () => {
  let offer: { dispose(): void };
  before(async () => {
    await useLocalRegistry();
    await signOutOfAll();
    offer = (await testAccess()).offerServices(shelfServices);
    await setting('showOtherRegistries', false);
  });
  after(async () => {
    await signOutOfAll();
    offer.dispose();
    await setting('showOtherRegistries', undefined);
  });

  it('is signed in to, and browsed from organizations to versions, by one folder and one line', async () => {
    const { registries, sessions } = await testAccess();
    const { prompts } = await withPrompts({ input: { 'signIn.token': ['please'] } }, async () =>
      vscode.commands.executeCommand('modelRegistries.signIn', 'shelf'),
    );
    assert.deepEqual(prompts.of('signIn.token').length, 1);
    assert.deepEqual(
      sessions.all.map(({ label, service }) => [label, service.name]),
      [['Reader', 'Shelf']],
    );
    const labels: unknown[] = [];
    const words: string[] = [];
    let row: Row | undefined;
    for (let depth = 0; depth < 4; depth += 1) {
      const [first, ...others] = (await registries.provider.getChildren(row)) ?? [];
      assert(first && others.length === 0);
      row = first;
      const item = await registries.provider.getTreeItem(row);
      labels.push(item.label);
      words.push(...(item.contextValue?.split(';') ?? []));
    }
    assert.deepEqual(labels, ['The Shelf', 'Top', 'acme/bert', '5555555']);
    for (const action of ACTIONS) assert((CONTEXT_WORDS as readonly string[]).includes(action), action);
    assert.deepEqual(
      words.filter((word) => (ACTIONS as readonly string[]).includes(word)),
      [],
    );
  });

  it('is offered beside the others, and says what it has not where somebody asks for it', async () => {
    const [account] = (await testAccess()).sessions.all;
    assert(account);
    const offered = await withPrompts({}, async () =>
      vscode.commands.executeCommand('modelRegistries.signIn'),
    );
    assert.deepEqual(offered.prompts.of('signIn.way')[0]?.choices, [
      'Paste an access token',
      'Paste an access token',
    ]);
    const created = await withPrompts({}, async () =>
      vscode.commands.executeCommand('modelRegistries.createRegistry'),
    );
    assert.deepEqual(
      created.prompts.of('failure').map(({ text }) => text),
      ['Shelf does not offer this. Sign in to a service that does.'],
    );
  });
});
