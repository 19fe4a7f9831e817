import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { createTerminal } from '../../../src/cli/terminal.ts';
import { logFor } from '../../../src/cli/context.ts';
import { redactedLog } from '../../../src/core/log.ts';

/** What moves a cursor, turns text around or breaks a line in another place. */
const STEERING = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

function terminal() {
  const out = new PassThrough({ encoding: 'utf8' });
  const error = new PassThrough({ encoding: 'utf8' });
  const text = (stream: PassThrough) => (stream.read() as string | null) ?? '';
  return { ...createTerminal(out, error), stdout: () => text(out), stderr: () => text(error) };
}

describe('What the terminal is given to show', () => {
  it('has marks for what servers and commits would steer it with', () => {
    const shown = terminal();
    shown.tell('HEAD 1a2b3c4 \u001b]0;title\u0007 fix\u202etxt.exe\n  next');
    shown.result('+ weights\r\n\u009b2K.bin');
    assert.equal(shown.stderr(), 'HEAD 1a2b3c4 ␛]0;title␇ fix<U+202E>txt.exe\n  next\n');
    assert.equal(shown.stdout(), '+ weights␍␊<U+009B>2K.bin\n');
  });

  it('never steers it, and JSON is exact', () => {
    const code = fc.oneof(fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0x2000, max: 0x206f }));
    fc.assert(
      fc.property(fc.array(code), (codes) => {
        const text = String.fromCodePoint(...codes);
        const shown = terminal();
        shown.tell(text);
        shown.result(text);
        assert.doesNotMatch(shown.stderr() + shown.stdout(), STEERING);
        shown.json({ text });
        assert.deepEqual(JSON.parse(shown.stdout()), { text });
      }),
    );
  });

  it('is so in logs, too', () => {
    const shown = terminal();
    const log = logFor(
      { terminal: shown, process, version: '1', signal: new AbortController().signal },
      true,
    );
    log.warn('files: \u001b[31m\u2067.txt');
    assert.match(shown.stderr(), /warn files: ␛\[31m<U\+2067>\.txt\n$/);

    const lines: string[] = [];
    const note = (line: string) => void lines.push(line);
    redactedLog({ trace: note, debug: note, info: note, warn: note, error: note }).error(
      'a\u0007\u202eb\nat c',
    );
    assert.deepEqual(lines, ['a␇<U+202E>b\nat c']);
  });
});
