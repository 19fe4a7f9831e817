import assert from 'node:assert/strict';
import fc from 'fast-check';
import { requestId, serverMessage } from '../../../src/core/http/serverMessage.ts';
import { anyText } from '../../setup/anyText.ts';

const said = (body: string, headers: Record<string, string> = {}) =>
  serverMessage(headers, Buffer.from(body));

describe("a server's own words", () => {
  const cases: [string, Record<string, string>, string | undefined][] = [
    ['{"message":"No organization found"}', {}, 'No organization found'],
    [
      '{"message":"Validation Failed","errors":["Name is taken",{"message":"Slug is taken"}]}',
      {},
      'Validation Failed; Name is taken; Slug is taken',
    ],
    [
      '{"errors":{"name":["is taken","is short"],"slug":"is odd"}}',
      {},
      'name is taken; name is short; slug is odd',
    ],
    ['{"error":["first","second"],"errors":[{"message":"first"}]}', {}, 'first; second'],
    ['{"error":"invalid_client","error_description":"Unknown client"}', {}, 'invalid_client; Unknown client'],
    ['{"errors":[{"code":7}]}', {}, undefined],
    ['{}', { 'x-error-message': 'Repo is gone' }, 'Repo is gone'],
    ['"quoted"', {}, 'quoted'],
    ['Not allowed\r\n here', {}, 'Not allowed here'],
    ['<html><h1>Bad gateway</h1>', { 'content-type': 'text/html' }, undefined],
    ['Bad gateway', { 'content-type': 'text/html; charset=utf-8' }, undefined],
    ['<?xml version="1.0"?><Error/>', {}, undefined],
    ['\u001f\u008b\u0008', { 'content-encoding': 'gzip' }, undefined],
    ['', {}, undefined],
    ['null', {}, undefined],
    ['{"message":null,"error":17}', {}, undefined],
    [JSON.stringify({ message: 'pay \u202eevil\u2066 \u0000\u001b[31mnow\u200b' }), {}, 'pay evil [31mnow'],
    ['{"message":"the token bkua_0123abc is unknown"}', {}, 'the token [redacted] is unknown'],
  ];
  for (const [body, headers, expected] of cases) {
    it(`of ${JSON.stringify(body).slice(0, 60)} are ${expected ?? 'none'}`, () => {
      assert.equal(said(body, headers), expected);
    });
  }

  it('are one bounded line of whole characters, whatever the server sends', () => {
    const text = anyText({ maxLength: 1500 });
    const value = fc.oneof(
      text,
      fc.json(),
      fc.record({ message: text, errors: fc.array(text) }).map((v) => JSON.stringify(v)),
    );
    fc.assert(
      fc.property(value, text, (body, header) => {
        const message = said(body, { 'x-error-message': header });
        if (message === undefined) return;
        assert.ok(message.length > 0 && message.length <= 500);
        assert.doesNotMatch(message, /[\p{C}\n\r\u2028\u2029]/u);
      }),
    );
  });

  it('are read from bytes of any kind', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void serverMessage({}, Buffer.from(bytes))));
  });
});

describe('the id of a request', () => {
  it('is the first that the server names, made printable', () => {
    assert.equal(requestId({ 'x-request-id': 'r-1', 'x-amz-cf-id': 'c' }), 'r-1');
    assert.equal(requestId({ 'x-amz-cf-id': 'c\u001b' }), 'c');
    assert.equal(requestId({}), undefined);
    assert.equal(requestId({ 'x-request-id': 'x'.repeat(1000) })?.length, 100);
  });
});
