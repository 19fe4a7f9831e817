import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { createTerminal } from '../../../src/cli/terminal.ts';

/** A stream that takes nothing, for a reason. */
const refusing = (code: string) =>
  new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })) });

const closed = (...streams: readonly Writable[]) =>
  Promise.all(streams.map((stream) => new Promise((resolve) => stream.once('close', resolve))));

describe('a terminal', () => {
  it('that was closed, and a reader that went away, end nothing', async () => {
    const lost: unknown[] = [];
    for (const code of ['EIO', 'EPIPE']) {
      const [stdout, stderr] = [refusing(code), refusing(code)];
      const terminal = createTerminal(stdout, stderr, (error) => lost.push(error));
      terminal.result('x');
      terminal.tell('x');
      await closed(stdout, stderr);
    }
    assert.deepEqual(lost, []);
  });

  it('tells what is lost of its output, and not what of what it tells', async () => {
    const lost: unknown[] = [];
    const [stdout, stderr] = [refusing('ENOSPC'), refusing('ENOSPC')];
    const terminal = createTerminal(stdout, stderr, ({ code }) => lost.push(code));
    terminal.result('x');
    terminal.tell('x');
    await closed(stdout, stderr);
    assert.deepEqual(lost, ['ENOSPC']);
  });
});
