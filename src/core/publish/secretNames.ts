import { posix } from 'node:path';

/** Files that programs keep keys, passwords and tokens in. Templates of them hold none. */
const NAMES: readonly RegExp[] = [
  /^\.env(?:\.(?!example$|sample$|template$|dist$).+)?$/i,
  /^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/i,
  /\.(?:pem|key|p12|pfx|ppk|jks|keystore|kdbx)$/i,
  /^[._]netrc$/i,
  /^\.(?:pypirc|npmrc|htpasswd|git-credentials|dockercfg)$/i,
  /^(?:credentials|client_secrets?|service[-_]account.*)\.json$/i,
];

/**
 * Tokens of Buildkite (https://buildkite.com/docs/platform/security/tokens), Hugging Face, GitHub and AWS, and private keys. Stricter than
 * what logs are redacted by: here a wrong guess is a warning that nobody believes the next time.
 */
const CONTENTS: readonly RegExp[] = [
  /\bbk(?:ua|pt|tx|aa|aj|ct|ar|pat|ps)_[A-Za-z0-9_-]{20,}/,
  /\bhf_[A-Za-z0-9]{30,}\b/,
  /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})\b/,
  /\bAKIA[A-Z0-9]{16}\b/,
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/,
];

/** Whether a file of that path is likely to hold secrets, by its name alone. */
export function isSecretFile(path: string): boolean {
  const name = posix.basename(path);
  return NAMES.some((pattern) => pattern.test(name)) || /(?:^|\/)\.(?:ssh|aws|gnupg)\//.test(path);
}

/** Whether the text holds something that looks like a token or a private key. */
export function holdsSecret(text: string): boolean {
  return CONTENTS.some((pattern) => pattern.test(text));
}
