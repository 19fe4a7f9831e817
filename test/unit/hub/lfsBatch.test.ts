import assert from 'node:assert/strict';
import { Failure } from '../../../src/core/failure.ts';
import { addressesOf } from '../../../src/core/hub/addresses.ts';
import { batchAnswer, readBatch } from '../../../src/core/hub/lfsBatch.ts';
import type { UploadInstructions } from '../../../src/core/hub/lfsBatch.ts';
import { asSha256 } from '../../../src/core/objectIds.ts';

const OID = asSha256('b'.repeat(64))!;
const OTHER = asSha256('c'.repeat(64))!;
const NOW = Date.parse('2026-01-01T00:00:00Z');
const addresses = addressesOf(new URL('https://packages.example/acme/models/huggingface'), 'acme/bert');

const read = (answer: unknown, size = 10) =>
  readBatch(batchAnswer.parse(answer), [{ oid: OID, size }], addresses, NOW);

const wanted = (answer: unknown, size = 10): UploadInstructions => {
  const object = read(answer, size).get(OID);
  assert.equal(object?.kind, 'wanted');
  return object.instructions;
};

const upload = (action: object, more: object = {}) => ({
  objects: [{ oid: OID, actions: { upload: { href: 'https://store.example/x?sig=1', ...action } }, ...more }],
});

describe('the answer to an LFS batch', () => {
  it('takes an object without an upload action for stored', () => {
    assert.deepEqual(read({ objects: [{ oid: OID }] }).get(OID), { kind: 'stored' });
    assert.deepEqual(read({ objects: [{ oid: OID, actions: {} }] }).get(OID), { kind: 'stored' });
    assert.deepEqual(read({ objects: [{ oid: OID.toUpperCase(), actions: null }] }).get(OID), {
      kind: 'stored',
    });
  });

  it('leaves out what was not asked for and what is not told', () => {
    assert.deepEqual([...read({ objects: [{ oid: OTHER }, { oid: 'nonsense' }] })], []);
  });

  it('keeps the words of a refused object', () => {
    assert.deepEqual(read({ objects: [{ oid: OID, error: { code: 413, message: 'too big' } }] }).get(OID), {
      kind: 'refused',
      code: 413,
      message: 'too big',
    });
  });

  it('keeps the headers of an action that can be sent', () => {
    const instructions = wanted(
      upload({
        header: { 'x-amz-meta': 'a', Authorization: 'Basic eA==', 'bad name': 'x', evil: 'a\r\nb: c' },
      }),
    );
    assert.equal(instructions.transfer, 'basic');
    assert.deepEqual(instructions.put.headers, { 'x-amz-meta': 'a', Authorization: 'Basic eA==' });
  });

  it('resolves relative addresses against the call', () => {
    const instructions = wanted(upload({ href: '/objects/1?sig=2' }));
    assert.equal(instructions.transfer, 'basic');
    assert.equal(instructions.put.url.href, 'https://packages.example/objects/1?sig=2');
  });

  for (const href of ['http://store.example/x', 'file:///etc/passwd', 'ftp://store.example/', 'https://[']) {
    it(`refuses ${href}`, () => {
      assert.throws(
        () => wanted(upload({ href })),
        (error) => error instanceof Failure && error.kind === 'protocol',
      );
    });
  }

  for (const [name, keys] of [
    ['plain', ['1', '2', '3']],
    ['padded', ['00001', '00002', '00003']],
    ['zero-based', ['0', '1', '2']],
    ['unordered, past nine', ['10', '9', '11']],
  ] as const) {
    it(`orders parts with ${name} keys by number`, () => {
      const sorted = [...keys].sort((a, b) => Number(a) - Number(b));
      const header = Object.fromEntries(keys.map((key) => [key, `https://store.example/part-${key}`]));
      const instructions = wanted(upload({ header: { chunk_size: '4', ...header, 'x-other': 'y' } }));
      assert.equal(instructions.transfer, 'multipart');
      assert.deepEqual(
        instructions.parts.map(({ pathname }) => pathname),
        sorted.map((key) => `/part-${key}`),
      );
      assert.equal(instructions.partBytes, 4);
      assert.deepEqual(instructions.headers, { 'x-other': 'y' });
    });
  }

  for (const header of [
    { chunk_size: '4', '1': 'https://store.example/1' },
    { chunk_size: '0', '1': 'https://store.example/1' },
    { chunk_size: 'many', '1': 'https://store.example/1' },
    { chunk_size: '2.5', '1': 'https://store.example/1', '2': 'https://store.example/2' },
  ]) {
    it(`refuses parts that do not add up: ${JSON.stringify(header)}`, () => {
      assert.throws(
        () => wanted(upload({ header })),
        (error) => error instanceof Failure && error.kind === 'protocol',
      );
    });
  }

  it('refuses a transfer that was not offered', () => {
    assert.throws(
      () => read({ transfer: 'xet', ...upload({}) }),
      (error) => error instanceof Failure && error.kind === 'protocol' && error.message.includes('xet'),
    );
  });

  it('does not mind an odd transfer where nothing is to be sent', () => {
    assert.deepEqual(read({ transfer: 'xet', objects: [{ oid: OID }] }).get(OID), { kind: 'stored' });
  });

  it('believes a lifetime only where it is credible', () => {
    assert.equal(wanted(upload({ expires_in: 900 })).expiresAt, NOW + 900_000);
    assert.equal(wanted(upload({ expires_at: '2026-01-01T00:01:00Z' })).expiresAt, NOW + 60_000);
    assert.equal(wanted(upload({ expires_at: '0001-01-01T00:00:00Z' })).expiresAt, undefined);
    assert.equal(wanted(upload({ expires_at: 'never', expires_in: -1 })).expiresAt, undefined);
    assert.equal(wanted(upload({})).expiresAt, undefined);
  });
});
