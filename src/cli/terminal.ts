import type { Writable } from 'node:stream';
import { visibleLine, visibleText } from '../core/visibleText.ts';

/** Where a command writes. What it made goes to standard output, what happens meanwhile to standard error. */
export interface Terminal {
  /** A line of standard output. */
  result(line: string): void;
  /** A path of this machine as a line of standard output: letter for letter where a program reads it. */
  path(path: string): void;
  /** A line of standard output that holds a value as JSON. */
  json(value: unknown): void;
  /** A line of standard error, or several. */
  tell(text: string): void;
  /** From now on `secret` is written nowhere, whoever sends it back. */
  hide(secret: string): void;
}

/** Shorter ones would make other text unreadable, and are no secrets. Characters. */
const SHORTEST_SECRET = 8;

/**
 * For a person, who sees all of it: names and messages come from strangers. JSON holds them as they are.
 *
 * @param onLost Told of what standard output did not take, such as on a full disk; perhaps more than once.
 */
export function createTerminal(
  stdout: Writable & { readonly isTTY?: boolean },
  stderr: Writable,
  onLost: (error: NodeJS.ErrnoException) => void = () => undefined,
): Terminal {
  const secrets: string[] = [];
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Nobody reads any more, as with `| head`, or when a terminal was closed (EIO). What was begun is finished all the
      // same, and tidied up; the exit code tells how.
      if (stream === stdout && error.code !== 'EPIPE' && error.code !== 'EIO') onLost(error);
    });
  }
  const withoutSecrets = (text: string): string =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  const result = (line: string) => void stdout.write(`${visibleLine(withoutSecrets(line))}\n`);
  return {
    result,
    path: stdout.isTTY === true ? result : (path) => void stdout.write(`${withoutSecrets(path)}\n`),
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
