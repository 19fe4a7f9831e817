import type { Git } from '../snapshot/git/git.ts';

/** The output of a command of Git that reads `input`. Rejects as `Git.bytes` does. */
export async function fed(git: Git, input: string | Buffer, ...args: string[]): Promise<Buffer> {
  const running = git.start(...args);
  const chunks: Buffer[] = [];
  running.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  running.stdin.end(input);
  await running.ended;
  return Buffer.concat(chunks);
}

/** Items that Git reads with `-z`. */
export function zeroEnded(items: readonly string[]): string {
  return items.map((item) => `${item}\0`).join('');
}
