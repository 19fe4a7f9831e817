import assert from 'node:assert/strict';
import fc from 'fast-check';
import { redact } from '../../../src/core/log.ts';

const TOKEN = 'hf_AbCdEfGhIjKlMnOp';
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P';

describe('what is redacted', () => {
  for (const [text, redacted] of [
    [`the token ${TOKEN} is unknown`, 'the token [redacted] is unknown'],
    [`Authorization: Bearer ${JWT}`, 'Authorization: [redacted]'],
    [`"authorization":"Basic dXNlcjpwYXNz"`, '"authorization":"[redacted]"'],
    [`jwt=${JWT}.more, x-${JWT}`, 'jwt=[redacted].more, x-[redacted]'],
    ['eyJ.eyJ.eyJ is none', 'eyJ.eyJ.eyJ is none'],
    ['https://ada:pa/ss@host/a', 'https://ada:pa/ss@host/a'],
    ['git+ssh://ada:p@ss@host/a?b', 'git+ssh://[redacted]@host/a?[redacted]'],
    [
      '<https://hub/a?cursor=1>; rel="next", <https://u:p@hub/b?c>',
      '<https://hub/a?[redacted]>; rel="next", <https://[redacted]@hub/b?[redacted]>',
    ],
    [
      'https://proxy/https://u:p@hub/?X-Amz-Signature=abc',
      'https://proxy/https://[redacted]@hub/?[redacted]',
    ],
    ['HTTPS://store/o?sig=1&x=https://a/?b', 'HTTPS://store/o?[redacted]'],
    ['is it https://hub/a? yes', 'is it https://hub/a? yes'],
    ['nobody@example.com asks: why?', 'nobody@example.com asks: why?'],
  ] as const) {
    it(`leaves “${redacted}”`, () => {
      assert.equal(redact(text), redacted);
      assert.equal(redact(redact(text)), redact(text), 'and nothing is redacted twice');
    });
  }

  it('is every secret, whatever stands around it', () => {
    const noise = fc.stringMatching(/^[ -~]{0,30}$/);
    const secret = fc.constantFrom(
      ` ${TOKEN} `,
      ` ${JWT} `,
      ' Bearer qwertyuiop ',
      ' https://user:qwertyuiop@host/ ',
      ' https://host/path?X-Amz-Signature=qwertyuiop ',
    );
    fc.assert(
      fc.property(noise, secret, noise, (before, held, after) => {
        assert.doesNotMatch(redact(before + held + after), /AbCdEfGhIj|dozjgNryP4|qwertyuiop/);
      }),
    );
  });

  // Each of these took hours when it took time in proportion to the square of the text.
  for (const piece of [
    'a.',
    'a+',
    'a-',
    'a://',
    'a://b.',
    'eyJ-',
    'eyJaaaaaaaa-',
    'a://x?',
    'bearer ',
    'authorization ',
    'hf_-',
  ]) {
    it(`is found in a long text of “${piece}”`, () => {
      assert.ok(redact(piece.repeat(300_000) + ` ${TOKEN}`).endsWith('[redacted]'));
    });
  }
});
