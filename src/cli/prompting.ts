import type { Readable } from 'node:stream';

/**
 * The answer to a prompt of Clack's. Where the input ends before there is one, as by Ctrl-D, Clack waits for it all the same,
 * and the process ends with nothing told and the cursor hidden: here that cancels the prompt, as Ctrl-C does.
 *
 * @param input What the prompt reads.
 * @param ask Gives what Clack gives; cancels where its signal is aborted.
 */
export async function answerTo<T>(
  input: Readable,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  let isAnswered = false;
  const stopped = (): void => {
    // It is not read after an answer either, which is known a moment later.
    setImmediate(() => {
      if (!isAnswered) ended.abort();
    });
  };
  const events = ['pause', 'end', 'close'] as const;
  for (const event of events) input.on(event, stopped);
  try {
    return await ask(AbortSignal.any([signal, ended.signal]));
  } finally {
    isAnswered = true;
    for (const event of events) input.off(event, stopped);
  }
}
