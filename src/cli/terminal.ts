import type { Writable } from 'node:stream';
import { visibleLine, visibleText } from '../core/visibleText.ts';

/** Where a command writes. What it made goes to standard output, what happens meanwhile to standard error. */
export interface Terminal {
  /** A line of standard output. */
  result(line: string): void;
  /** A line of standard output that holds a value as JSON. */
  json(value: unknown): void;
  /** A line of standard error, or several. */
  tell(text: string): void;
  /** From now on `secret` is written nowhere, whoever sends it back. */
  hide(secret: string): void;
}

/** Shorter ones would make other text unreadable, and are no secrets. Characters. */
const SHORTEST_SECRET = 8;

/** For a person, who sees all of it: names and messages come from strangers. JSON holds them as they are. */
export function createTerminal(stdout: Writable, stderr: Writable): Terminal {
  const secrets: string[] = [];
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Nobody reads any more, as with `| head`. What was begun is finished all the same; the exit code tells how.
      if (error.code !== 'EPIPE') throw error;
    });
  }
  const withoutSecrets = (text: string): string =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  return {
    result: (line) => void stdout.write(`${visibleLine(withoutSecrets(line))}\n`),
    json: (value) => {
      const line = JSON.stringify(value, (_key, inner: unknown) =>
        typeof inner === 'string' ? withoutSecrets(inner) : inner,
      );
      stdout.write(`${line}\n`);
    },
    tell: (text) => void stderr.write(`${visibleText(withoutSecrets(text))}\n`),
    hide: (secret) => {
      if (secret.length >= SHORTEST_SECRET) secrets.push(secret);
    },
  };
}
