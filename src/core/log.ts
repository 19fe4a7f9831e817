import { visibleText } from './visibleText.ts';

/** Where the engine writes what it does. Has the shape of VS Code's LogOutputChannel, so that one can be passed as it is. */
export interface Log {
  trace(message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/**
 * Buildkite's token prefixes (https://buildkite.com/docs/platform/security/tokens), Hugging Face's `hf_`, JSON Web Tokens,
 * authorization headers, and the query of any URL (signed upload URLs carry their authority there).
 */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:bk(?:ua|pt|tx|aa|aj|ct|ar|pat|ps)|hf|ghp|github_pat)_[A-Za-z0-9_-]+/g, '[redacted]'],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, '[redacted]'],
  [/\b(authorization["']?\s*[:=]\s*["']?)(?:(?:bearer|basic)\s+)?[^\s"',}]+/gi, '$1[redacted]'],
  [/\b(bearer\s+)[^\s"',}]+/gi, '$1[redacted]'],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, '$1[redacted]@'],
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s?"'<>]+\?)[^\s"'<>]+/gi, '$1[redacted]'],
];

/** `text` with everything that looks like a secret replaced. The only place where logs are redacted. */
export function redact(text: string): string {
  return SECRETS.reduce((redacted, [pattern, replacement]) => redacted.replace(pattern, replacement), text);
}

/** A log that redacts every message before it reaches `sink`, and marks what would not be seen there. */
export function redactedLog(sink: Log): Log {
  const fit = (message: string): string => visibleText(redact(message));
  return {
    trace: (message) => sink.trace(fit(message)),
    debug: (message) => sink.debug(fit(message)),
    info: (message) => sink.info(fit(message)),
    warn: (message) => sink.warn(fit(message)),
    error: (message) => sink.error(fit(message)),
  };
}
