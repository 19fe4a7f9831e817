import assert from 'node:assert/strict';
import fc from 'fast-check';
import { visibleLine, visibleText } from '../../../src/core/visibleText.ts';

/** As Unicode's own data has it: what controls, separates lines or turns directions. */
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

describe('Text of strangers, as a person sees it', () => {
  it('shows control characters as their pictures, and others that are not seen by number', () => {
    assert.equal(visibleText('a\u001b[2J\u0007b\u007f'), 'a␛[2J␇b␡');
    assert.equal(visibleText('\u0085\u009b31m'), '<U+0085><U+009B>31m');
    assert.equal(visibleText('safe\u202egpj.exe'), 'safe<U+202E>gpj.exe');
    assert.equal(visibleText('x\u2066y\u2069\u200fz\u{E0041}'), 'x<U+2066>y<U+2069><U+200F>z<U+E0041>');
    assert.equal(visibleText('one\r\ntwo\tthree'), 'one␍\ntwo\tthree');
    assert.equal(visibleLine('one\r\ntwo\tthree'), 'one␍␊two␉three');
  });

  it('leaves what people write', () => {
    for (const text of ['Größe 日本語 🤗', 'می‌خواهم', '👩‍👩‍👧', 'שלום', 'a — b “c”', 'é']) {
      assert.equal(visibleLine(text), text);
    }
  });

  it('holds nothing that steers, whatever it was made of, and stays the same', () => {
    const code = fc.oneof(
      fc.integer({ min: 0, max: 0x2fff }),
      fc.integer({ min: 0xe0000, max: 0xe0fff }),
      fc.integer({ min: 0xf900, max: 0xffff }),
    );
    fc.assert(
      fc.property(fc.array(code), (codes) => {
        const text = String.fromCodePoint(...codes);
        assert.doesNotMatch(visibleLine(text), STEERING);
        assert.doesNotMatch(visibleText(text).replace(/[\t\n]/g, ''), STEERING);
        assert.equal(visibleLine(visibleText(text)), visibleLine(text));
        assert.equal(visibleLine(visibleLine(text)), visibleLine(text));
      }),
    );
  });
});
