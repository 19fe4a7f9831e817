import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseEndpoint } from '../../../src/core/endpoint.ts';

describe('an endpoint of the settings', () => {
  it('is an https address without a trailing slash', () => {
    assert.equal(parseEndpoint('https://api.buildkite.com/v2/')?.pathname, '/v2');
    assert.equal(parseEndpoint(' https://api.buildkite.com/v2 ')?.href, 'https://api.buildkite.com/v2');
  });

  it('may be plain http on this machine only', () => {
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      assert(parseEndpoint(`http://${host}:8080/v2`), host);
    }
    assert.equal(parseEndpoint('http://api.buildkite.com/v2'), undefined);
    assert.equal(parseEndpoint('http://127.0.0.1.example.com/v2'), undefined);
  });

  it('holds no credentials, query or fragment, and is of no other kind', () => {
    for (const text of [
      'https://me@api.buildkite.com/v2',
      'https://me:secret@api.buildkite.com/v2',
      'https://api.buildkite.com/v2?api_key=1',
      'https://api.buildkite.com/v2#fragment',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'api.buildkite.com/v2',
      '',
    ]) {
      assert.equal(parseEndpoint(text), undefined, text);
    }
  });

  it('never throws, and what it takes is always safe to send a token to', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true })), (text) => {
        const url = parseEndpoint(text);
        if (url) assert.match(url.href, /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/])/);
      }),
    );
  });
});
