import { type Log, redactedLog } from '../core/log.ts';
import type { Terminal } from './terminal.ts';

/** What a command is run with. */
export interface Context {
  readonly terminal: Terminal;
  readonly process: NodeJS.Process;
  /** Version of this program. */
  readonly version: string;
  /** Aborted when the person cancels. */
  readonly signal: AbortSignal;
}

export function userAgent({ version }: Context): string {
  return `model-registries-cli/${version}`;
}

/** To standard error, redacted, or nowhere. */
export function logFor({ terminal }: Context, verbose: boolean): Log {
  const at = (level: keyof Log) => (message: string) => {
    if (verbose) terminal.tell(`${new Date().toISOString()} ${level} ${message}`);
  };
  return redactedLog({
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  });
}
