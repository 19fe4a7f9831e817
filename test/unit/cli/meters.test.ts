import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import type { Context } from '../../../src/cli/context.ts';
import { meterFor } from '../../../src/cli/meters.ts';
import { createTerminal } from '../../../src/cli/terminal.ts';

const ESCAPE = '\u001B[';

/** What a terminal is sent to show that an upload goes on. */
async function shownOn(terminal: { readonly columns: number; readonly term: string }): Promise<string> {
  let shown = '';
  const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
    shown += chunk.toString();
    done();
  };
  const stderr = Object.assign(new Writable({ write }), { isTTY: true, columns: terminal.columns, rows: 24 });
  const process = { stderr, env: { TERM: terminal.term } };
  const context = { terminal: createTerminal(stderr, stderr), process } as unknown as Context;
  const meter = await meterFor(context, false);
  for (const part of [0, 0.5, 1]) meter.show({ label: 'Uploading', amount: { part, text: `${part} of 1` } });
  meter.clear();
  return shown;
}

describe('what goes on', () => {
  it('is a line that is written over where a terminal can', async () => {
    assert.ok((await shownOn({ columns: 80, term: 'xterm-256color' })).includes(ESCAPE));
  });

  for (const terminal of [
    { columns: 80, term: 'dumb' },
    { columns: 0, term: 'xterm' },
  ]) {
    it(`is plain lines on a terminal of ${terminal.columns} columns that calls itself ${terminal.term}`, async () => {
      const shown = await shownOn(terminal);
      assert.match(shown, /^Uploading/);
      assert.ok(!shown.includes(ESCAPE), JSON.stringify(shown));
    });
  }
});
