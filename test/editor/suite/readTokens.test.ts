import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { createHttpClient } from '../../../src/core/http/nodeClient.ts';
import { PanelConversation } from '../../../src/editor/instructions/conversation.ts';
import type { MessageToPanel } from '../../../src/editor/instructions/messages.ts';
import { panelWork } from '../../../src/editor/instructions/panelWork.ts';
import type { RegistryRow } from '../../../src/editor/rows.ts';
import { watchMemory } from '../../../src/editor/watchedMemory.ts';
import { silent } from '../../unit/snapshot/repositories.ts';
import { localRegistry } from '../localRegistry.ts';
import { type Script, scriptedPrompts } from '../scriptedPrompts.ts';
import { signIn, signOutOfAll, testAccess, useLocalRegistry, withPrompts } from '../testAccess.ts';

const READ = ['read_organizations', 'read_registries', 'read_packages'] as const;
const { signal } = new AbortController();

describe('read tokens', () => {
  const organization = 'read-tokens';
  let slug: string;
  let count = 0;

  before(async () => {
    await useLocalRegistry();
    localRegistry().addOrganization(organization, 'Read Tokens');
  });
  beforeEach(async () => {
    await signOutOfAll();
    count += 1;
    slug = localRegistry().addRegistry(organization, `Lab ${count}`, 'huggingface').slug;
  });
  after(signOutOfAll);

  const signInWith = (scopes: readonly string[] = [...READ, 'write_registries']) =>
    signIn(localRegistry().addToken({ scopes, organizations: [organization] }));
  const row = async (): Promise<RegistryRow> => {
    const [session] = (await testAccess()).sessions.all;
    assert(session);
    return {
      kind: 'registry',
      session,
      registry: await session.host.listing.registry(organization, slug, signal),
    };
  };
  const run = async (script: Script, argument?: unknown) =>
    (
      await withPrompts(script, async () => {
        await vscode.commands.executeCommand('modelRegistries.readTokens', argument);
      })
    ).prompts;
  const create = async (description: string) =>
    run(
      {
        pick: { readTokens: 'Create a Read Token…' },
        input: { 'readTokens.description': [' ', description] },
      },
      await row(),
    );
  const read = (token: string) =>
    fetch(`${localRegistry().packagesUrl}/${organization}/${slug}/huggingface/api/models`, {
      headers: { authorization: `Bearer ${token}` },
    });
  const descriptions = async () => {
    const { session, registry } = await row();
    return ((await session.host.readTokens?.list(registry, signal)) ?? []).map((one) => one.description);
  };

  it('are created with a description and copied once, listed with their age, and revoked @oldest', async () => {
    await signInWith();
    const created = await create(' Ada’s laptop ');
    assert.match(created.of('readTokens.description')[0]?.refusals[0] ?? '', /who or what/);
    const [token = '', ...more] = created.copied;
    assert.match(token, /^bkpt_/);
    assert.deepEqual(more, []);
    assert.match(
      created.of('readTokens.copied')[0]?.text ?? '',
      /“Ada’s laptop” of read-tokens\/lab-1 is in the/,
    );
    assert(!JSON.stringify(created.asked).includes(token));
    assert.equal((await read(token)).status, 200);
    await create('Build machine');

    const looked = await run({}, await row());
    const choices = ['Create a Read Token…', 'Ada’s laptop', 'Build machine'];
    assert.deepEqual(looked.of('readTokens')[0]?.choices, choices);
    assert.deepEqual(looked.copied, []);

    const kept = await run({ pick: { readTokens: 'Ada’s laptop' } }, await row());
    assert.match(kept.of('readTokens.revoke')[0]?.text ?? '', /can no longer read read-tokens\/lab-1\./);
    assert.equal((await descriptions()).length, 2);
    await run({ pick: { readTokens: 'Ada’s laptop' }, confirm: { 'readTokens.revoke': true } }, await row());
    assert.deepEqual(await descriptions(), ['Build machine']);
    assert.equal((await read(token)).status, 401);
  });

  it('are offered on the row and from the palette, as far as the account may', async () => {
    await signInWith();
    const tree = (await testAccess()).registries;
    const words = async () => {
      const item = tree.provider.getTreeItem(await row()) as vscode.TreeItem;
      return item.contextValue?.split(';') ?? [];
    };
    assert((await words()).includes('tokens'));
    const asked = await run({ pick: { 'readTokens.registry': `Lab ${count}` } });
    assert.deepEqual(asked.of('readTokens')[0]?.choices, ['Create a Read Token…']);
    await create('Build machine');

    await signOutOfAll();
    await signInWith(READ);
    assert.deepEqual((await run({}, await row())).of('readTokens')[0]?.choices, ['Build machine']);
    const refused = await run({ pick: { readTokens: 'Build machine' } }, await row());
    assert.match(refused.of('failure')[0]?.text ?? '', /scope write_registries/);

    const open = localRegistry().addRegistry(organization, `Open ${count}`, 'huggingface', { public: true });
    slug = open.slug;
    assert(!(await words()).includes('tokens'));
  });

  it('have the box stay open while the server refuses one', async () => {
    await signInWith();
    localRegistry().inject({
      method: 'POST',
      path: /\/tokens$/,
      fault: { kind: 'status', status: 422, body: '{"message":"Too many tokens"}' },
    });
    const prompts = await run(
      {
        pick: { readTokens: 'Create a Read Token…' },
        input: { 'readTokens.description': ['One', 'Another'] },
      },
      await row(),
    );
    assert.match(prompts.of('readTokens.description')[0]?.refusals[0] ?? '', /Too many tokens/);
    assert.deepEqual(await descriptions(), ['Another']);
  });

  it('are created from the install instructions, whose page gets no token', async () => {
    const talk = async (input: Script['input']) => {
      const { session, registry } = await row();
      const posted: MessageToPanel[] = [];
      const http = createHttpClient({ userAgent: 'test', log: silent });
      const prompts = scriptedPrompts({ input });
      const { sessions, registryServices } = await testAccess();
      const subject = {
        accountId: session.accountId,
        registry,
        endpoint: session.host.hub(registry).endpoint,
        model: 'acme/bert',
        commit: undefined,
      };
      const host = new PanelConversation(
        { globalMemory: watchMemory(globalMemory), log: silent },
        panelWork({ http, sessions, prompts, registryServices }, subject),
        { subject },
        (message) => Promise.resolve(posted.push(message)),
      );
      await host.receive({ kind: 'tab', tab: 'install' });
      const state = posted.findLast((message) => message.kind === 'state');
      await host.receive({ kind: 'createReadToken' });
      host.dispose();
      http.dispose();
      const offer = state?.kind === 'state' && state.state.tabs.find(({ id }) => id === 'install')?.readToken;
      return { posted, prompts, offer };
    };
    const globalMemory: vscode.Memento = {
      keys: () => [],
      get: (_key: string, otherwise?: unknown) => otherwise,
      update: () => Promise.resolve(),
    };

    await signInWith();
    const { posted, prompts, offer } = await talk({ 'readTokens.description': ['A colleague'] });
    assert(offer);
    assert.deepEqual(posted.at(-1), {
      kind: 'notice',
      about: { kind: 'readToken' },
      outcome: 'done',
      sentence: 'The read token “A colleague” is in the clipboard.',
    });
    const [token = ''] = prompts.copied;
    assert.equal((await read(token)).status, 200);
    assert(!JSON.stringify(posted).includes(token));

    await signOutOfAll();
    await signInWith(READ);
    const refused = await talk({ 'readTokens.description': ['A colleague'] });
    assert.equal(refused.offer, undefined);
    const last = refused.posted.at(-1);
    assert(last?.kind === 'notice' && last.outcome === 'failed');
    assert.match(last.sentence, /scope write_registries/);
    assert.deepEqual(refused.prompts.copied, []);
  });
});
