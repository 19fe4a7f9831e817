import assert from 'node:assert/strict';
import { tokenFor } from '../../../src/cli/accessToken.ts';
import { type Keychain, KeychainUnavailable } from '../../../src/cli/keychain.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';

const HUB = new URL('https://hub.example/acme/models');
const OTHER = new URL('https://other.example/');

/** What a keychain holds, by hub; `undefined` where none answers. */
function keychainOf(held: Readonly<Record<string, string>> | undefined): Keychain {
  return {
    read: (hub) =>
      held === undefined
        ? Promise.reject(new KeychainUnavailable('No keychain answers on this machine.'))
        : Promise.resolve(held[hub.href]),
    store: () => Promise.resolve(),
    remove: () => Promise.resolve(false),
  };
}

describe('the token for a hub', () => {
  const logged: string[] = [];
  const hidden: string[] = [];
  const nothing = (): void => undefined;
  const terminal: Terminal = {
    result: nothing,
    path: nothing,
    json: nothing,
    tell: nothing,
    hide: (secret) => void hidden.push(secret),
  };
  const log = { info: (message: string) => void logged.push(message) };
  const chosen = async (
    hub: URL,
    held: Readonly<Record<string, string>> | undefined,
    environment: Record<string, string>,
  ): Promise<string> => (await tokenFor(hub, environment, keychainOf(held), terminal, log)).reveal();
  beforeEach(() => {
    logged.length = 0;
    hidden.length = 0;
  });
  afterEach(() => {
    for (const line of logged) assert.doesNotMatch(line, /kept-secret|given-secret/);
  });

  const held = { [HUB.href]: 'kept-secret' };
  const given = { HF_TOKEN: ' given-secret\n' };

  it('is the one that is kept for it, though HF_TOKEN is set', async () => {
    assert.equal(await chosen(HUB, held, given), 'kept-secret');
    assert.deepEqual(hidden, ['kept-secret']);
    assert.match(logged.join('\n'), /keychain holds for https:\/\/hub\.example\/acme\/models, not HF_TOKEN/);
  });

  it('is that of HF_TOKEN where none is kept for this very hub', async () => {
    assert.equal(await chosen(OTHER, held, given), 'given-secret');
    assert.match(logged.join('\n'), /that of HF_TOKEN/);
  });

  it('is that of HF_TOKEN where no keychain answers, which is told', async () => {
    assert.equal(await chosen(HUB, undefined, given), 'given-secret');
    assert.match(logged.join('\n'), /in vain: No keychain answers[^]*that of HF_TOKEN/);
  });

  it('is missed with what to do', async () => {
    await assert.rejects(chosen(OTHER, held, {}), {
      kind: 'auth',
      message: /Set HF_TOKEN, or run: .* login/,
    });
    await assert.rejects(chosen(HUB, undefined, { HF_TOKEN: ' ' }), {
      ...{ kind: 'auth', message: /HF_TOKEN is not set\. No keychain answers/ },
    });
  });
});
