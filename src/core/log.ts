import { SERVICE_TOKEN_BEGINNING } from './hosts/tokenForms.ts';
import { visibleText } from './visibleText.ts';

/** Where the engine writes what it does: the shape of VS Code's LogOutputChannel, which can be passed as it is. */
export interface Log {
  trace(message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Tokens of the services of registries and of GitHub, and authorization headers. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [
    new RegExp(String.raw`\b(?:${SERVICE_TOKEN_BEGINNING}|ghp_|github_pat_)[A-Za-z0-9_-]+`, 'g'),
    '[redacted]',
  ],
  [/\b(authorization["']?\s*[:=]\s*["']?)(?:(?:bearer|basic)\s+)?[^\s"',}]+/gi, '$1[redacted]'],
  [/\b(bearer\s+)[^\s"',}]+/gi, '$1[redacted]'],
];

/**
 * `text` with everything that looks like a secret replaced: tokens, JSON Web Tokens, authorization headers, and of any
 * URL the user information and the query, where signed upload URLs carry their authority. The only place where logs are
 * redacted. Takes time in proportion to the text, whatever is in it.
 */
export function redact(text: string): string {
  const withoutTokens = text.replace(/[A-Za-z0-9_.-]+/g, withoutWebTokens);
  const withoutSecrets = SECRETS.reduce(
    (redacted, [pattern, replacement]) => redacted.replace(pattern, replacement),
    withoutTokens,
  );
  return withoutSecrets.replace(/:\/\/[^\s"']+/g, withoutAuthority);
}

/** Three parts, the first of which is JSON in base64 (RFC 7519): what begins with `{"` begins with `eyJ` there. */
function withoutWebTokens(run: string): string {
  if (!run.includes('eyJ')) return run;
  const parts = run.split('.');
  const redacted: string[] = [];
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] ?? '';
    const start = part.startsWith('eyJ') ? 0 : part.indexOf('-eyJ') + 1;
    const isHeader = part.startsWith('eyJ', start) && part.length >= start + SHORTEST_HEADER;
    if (isHeader && parts[index + 1] && parts[index + 2] !== undefined) {
      redacted.push(`${part.slice(0, start)}[redacted]`);
      index += 2;
    } else {
      redacted.push(part);
    }
  }
  return redacted.join('.');
}

const SHORTEST_HEADER = 'eyJ'.length + 8;

/** @param run what follows a scheme up to white space or a quote, and perhaps more URLs. */
function withoutAuthority(run: string): string {
  const withoutUsers = run.split('://').map((url) => {
    const end = url.search(/\/|$/);
    const at = url.lastIndexOf('@', end);
    return at > 0 ? `[redacted]${url.slice(at)}` : url;
  });
  return withoutUsers.join('://').replace(/\?[^<>]+/g, '?[redacted]');
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
