import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FailureKind } from '../../../src/core/failure.ts';
import { AccessToken } from '../../../src/core/accessToken.ts';
import { Interruption, type Progress } from '../../../src/core/http/interruptions.ts';
import {
  interruptionFailure,
  kindOfStatus,
  refusalFailure,
  type Asked,
} from '../../../src/core/http/failures.ts';
import { headersFor } from '../../../src/core/http/headers.ts';
import { redirectOf } from '../../../src/core/http/redirects.ts';

describe('the kind of failure', () => {
  const kinds: [FailureKind, number[]][] = [
    ['auth', [401]],
    ['quota', [402, 413, 507]],
    ['forbidden', [403]],
    ['notFound', [404, 410]],
    ['timeout', [408]],
    ['conflict', [409, 412]],
    ['rateLimit', [429]],
    ['refused', [400, 405, 415, 422, 451]],
    ['server', [500, 501, 502, 503, 504, 599]],
    ['protocol', [300, 304]],
  ];
  for (const [kind, statuses] of kinds) {
    it(`is ${kind} for ${statuses.join(', ')}`, () => {
      for (const status of statuses) assert.equal(kindOfStatus(status, 'repeatable'), kind);
    });
  }

  it('is an unknown outcome where a gateway lost the answer to a write', () => {
    assert.deepEqual(
      [502, 503, 504].map((status) => kindOfStatus(status, 'once')),
      ['unknownOutcome', 'server', 'unknownOutcome'],
    );
  });

  const asked: Asked = {
    method: 'GET',
    url: new URL('https://api.example.test/v2?api_key=secret'),
    subject: 'the registry acme/models',
    retry: 'idempotent',
    mostBytes: 1,
    idleTimeoutMs: 1,
    pace: { kind: 'question', limits: { graceMs: 1, bytesPerSecond: 1 } },
  };
  const progress: Progress = {
    ...{ connected: false, reused: false, sentWhole: false, answered: false },
    end: 'broken',
  };
  const codes: [string, FailureKind][] = [
    ['ECONNREFUSED', 'network'],
    ['ENOTFOUND', 'network'],
    ['EAI_AGAIN', 'network'],
    ['ECONNRESET', 'network'],
    ['EPIPE', 'network'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls'],
    ['EPROTO', 'tls'],
    ['HPE_INVALID_CONSTANT', 'protocol'],
  ];
  for (const [code, kind] of codes) {
    it(`is ${kind} for ${code}, also where several addresses were tried`, () => {
      const error = Object.assign(new Error('x'), { code });
      for (const cause of [error, new AggregateError([error]), new Error('wrapped', { cause: error })]) {
        const failure = interruptionFailure(asked, new Interruption(progress, cause));
        assert.equal(failure.kind, kind);
        assert.match(failure.message, /acme\/models/);
        assert.match(failure.message, new RegExp(code));
        assert.doesNotMatch(failure.message, /api_key|secret/);
      }
    });
  }
});

describe('the failure that a refusal stands for', () => {
  const asked: Asked = {
    method: 'GET',
    url: new URL('https://hub.example.test/api/models/acme/tiny'),
    subject: 'the model “acme/tiny”',
    retry: 'idempotent',
    mostBytes: 1,
    idleTimeoutMs: 1,
    pace: { kind: 'question', limits: { graceMs: 1, bytesPerSecond: 1 } },
  };
  const refused = (status: number, code?: string, isAnonymous = false) =>
    refusalFailure(
      { ...asked, isAnonymous },
      { status, headers: code === undefined ? {} : { 'x-error-code': code }, body: Buffer.alloc(0) },
      0,
    );

  it('is no verdict on a token where a model is gated', () => {
    for (const status of [401, 403]) {
      const failure = refused(status, 'GatedRepo');
      assert.equal(failure.kind, 'forbidden');
      assert.match(failure.message, /acme\/tiny.* is gated/);
    }
    assert.equal(refused(404, 'GatedRepo').kind, 'notFound');
  });

  it('asks nobody to sign in again who was not signed in', () => {
    assert.equal(refused(401).kind, 'auth');
    const failure = refused(401, undefined, true);
    assert.equal(failure.kind, 'notFound');
    assert.doesNotMatch(failure.message, /access token/);
    assert.equal(refused(403, undefined, true).kind, 'forbidden');
  });
});

describe('redirects', () => {
  const from = new URL('https://api.example.test/v2/one?x=1');
  const redirected = (method: string, status: number, location?: string, url = from) => {
    const redirect = redirectOf(method, url, status, location);
    return redirect?.kind === 'follow' ? redirect.url.href : redirect?.reason;
  };

  it('are resolved against the address that answered', () => {
    for (const status of [301, 302, 303, 307, 308]) {
      assert.equal(redirected('GET', status, '/two'), 'https://api.example.test/two');
      assert.equal(redirected('HEAD', status, '//cdn.test/a'), 'https://cdn.test/a');
    }
    for (const status of [200, 300, 304, 404]) assert.equal(redirected('GET', status, '/two'), undefined);
  });

  it('keep the method of a write', () => {
    for (const status of [301, 302, 303]) assert.equal(redirected('POST', status, '/two'), 'method');
    for (const status of [307, 308])
      assert.equal(redirected('PUT', status, '/two'), 'https://api.example.test/two');
  });

  it('stay encrypted and stay HTTP', () => {
    assert.equal(redirected('GET', 302, 'http://api.example.test/'), 'unsafe');
    assert.equal(redirected('GET', 302, 'file:///etc/passwd'), 'unsafe');
    assert.equal(redirected('GET', 302, 'data:,x'), 'unsafe');
    const plain = new URL('http://127.0.0.1:1/');
    assert.equal(redirected('GET', 302, '/x', plain), 'http://127.0.0.1:1/x');
    assert.equal(redirected('GET', 302, 'https://a.test/', plain), 'https://a.test/');
  });

  it('need a place to lead to', () => {
    assert.equal(redirected('GET', 302), 'location');
    assert.equal(redirected('GET', 302, 'http://['), 'location');
  });
});

describe('the headers of a request', () => {
  const firstUrl = new URL('https://api.example.test/v2');
  const token = new AccessToken('bkua_x', [firstUrl]);

  it('never frame the message otherwise, nor carry credentials elsewhere, whoever gave them', () => {
    const names = fc.constantFrom(
      'Transfer-Encoding',
      'content-length',
      'HOST',
      'Connection',
      'Expect',
      'Authorization',
      'cookie',
      'X-Amz-Meta',
    );
    const urls = fc.constantFrom(
      'https://api.example.test/other',
      'https://cdn.test/',
      'https://api.example.test:8443/',
    );
    fc.assert(
      fc.property(fc.dictionary(names, fc.constant('given')), urls, (given, address) => {
        const url = new URL(address);
        const headers = headersFor({
          url,
          firstUrl,
          method: 'PUT',
          userAgent: 'x',
          given,
          token,
          body: { length: 5, contentType: undefined },
        });
        assert.equal(headers['content-length'], 5);
        for (const name of ['transfer-encoding', 'host', 'connection', 'expect'])
          assert.equal(headers[name], undefined);
        const own = url.origin === firstUrl.origin;
        assert.equal(headers.authorization, own ? 'Bearer bkua_x' : undefined);
        if (!own) assert.equal(headers.cookie, undefined);
        if (given['X-Amz-Meta']) assert.equal(headers['x-amz-meta'], 'given');
      }),
    );
  });

  it('say that a write without content has none', () => {
    const length = (method: string) =>
      headersFor({
        url: firstUrl,
        firstUrl,
        method,
        userAgent: 'x',
        given: {},
        token: undefined,
        body: undefined,
      })['content-length'];
    assert.deepEqual(['POST', 'PUT', 'GET', 'HEAD', 'DELETE'].map(length), [
      0,
      0,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
