import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { confirm, isCancel, password } from '@clack/prompts';
import { answerTo } from '../../../src/cli/prompting.ts';

const SHOWS_CURSOR = '\u001B[?25h';

describe('a prompt of the terminal', () => {
  /** Asks both kinds of questions, and types at once. What they answer, and all that they showed. */
  async function asked(type: (input: PassThrough) => void): Promise<readonly unknown[]> {
    const answers: unknown[] = [];
    let shown = '';
    for (const ask of [confirm, password]) {
      const [input, output] = [new PassThrough(), new PassThrough()];
      output.on('data', (chunk: Buffer) => (shown += chunk.toString()));
      const { signal } = new AbortController();
      const answer = answerTo<unknown>(input, signal, (either) =>
        ask({ message: 'Sure?', input, output, signal: either }),
      );
      type(input);
      answers.push(await answer);
      assert.ok(shown.endsWith(SHOWS_CURSOR), JSON.stringify(shown));
    }
    return answers;
  }

  for (const [how, type] of [
    ['by Ctrl-D', (input: PassThrough) => input.write('\u0004')],
    ['with nothing more to come', (input: PassThrough) => input.end()],
    ['as it is closed', (input: PassThrough) => input.destroy()],
  ] as const) {
    it(`is cancelled where its input ends, ${how}`, async () => {
      assert.ok((await asked(type)).every(isCancel));
    });
  }

  it('gives what was answered', async () => {
    assert.deepEqual(await asked((input) => input.write('s3cret\r')), [true, 's3cret']);
  });
});
