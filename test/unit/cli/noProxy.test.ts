import assert from 'node:assert/strict';
import { goesPastProxies } from '../../../src/cli/noProxy.ts';

const HUB = 'https://hub.example.com/acme';

describe('what NO_PROXY names', () => {
  for (const [list, address] of [
    ['hub.example.com', HUB],
    ['example.com', HUB],
    ['.example.com', HUB],
    ['.example.com', 'https://example.com'],
    ['*.example.com', HUB],
    ['EXAMPLE.com', HUB],
    ['example.com.', HUB],
    ['example.com', 'https://hub.example.com./acme'],
    ['*', HUB],
    ['localhost, example.com', HUB],
    ['localhost example.com', HUB],
    [',,example.com,', HUB],
    ['example.com:443', HUB],
    ['hub.example.com:8443', 'https://hub.example.com:8443'],
    ['localhost', 'http://localhost:3000'],
    ['127.0.0.1', 'http://127.0.0.1:3000'],
    ['10.0.0.0/8', 'https://10.20.30.40'],
    ['10.20.30.0/24:443', 'https://10.20.30.40'],
    ['::1', 'http://[::1]:3000'],
    ['[::1]', 'http://[::1]:3000'],
    ['[::1]:3000', 'http://[::1]:3000'],
    ['0:0:0:0:0:0:0:1', 'http://[::1]:3000'],
    ['fd00::/8', 'https://[fd12:3456::1]'],
  ] as const) {
    it(`goes past the proxies: ${address} by ${list}`, () => {
      assert.equal(goesPastProxies(new URL(address), list), true);
    });
  }

  for (const [list, address] of [
    ['', HUB],
    ['ample.com', HUB],
    ['hub.example.com.evil.net', HUB],
    ['www.hub.example.com', HUB],
    ['com:80', HUB],
    ['example.com:8443', HUB],
    ['.', HUB],
    ['*.', HUB],
    ['4', 'https://10.20.30.4'],
    ['10.0.0.0/33', 'https://10.20.30.40'],
    ['10.0.0.0/x', 'https://10.20.30.40'],
    ['10.0.0.0/8', 'https://11.0.0.1'],
    ['10.0.0.0/8', HUB],
    ['::1', 'http://[::2]:3000'],
    ['::1', 'http://127.0.0.1'],
    ['http://hub.example.com', HUB],
  ] as const) {
    it(`no others: not ${address} by ${JSON.stringify(list)}`, () => {
      assert.equal(goesPastProxies(new URL(address), list), false);
    });
  }
});
