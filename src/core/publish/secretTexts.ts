import { posix } from 'node:path';
import { SERVICE_TOKENS } from '../hosts/tokenForms.ts';
import type { SecretLintRuleContext, SecretLintRuleCreator, SecretLintSourceCode } from '@secretlint/types';
import { rules } from '@secretlint/secretlint-rule-preset-recommend';

/**
 * Tokens and keys beside those that secretlint knows, or told more strictly than by it, as their makers write them:
 * the services of registries, GitHub, AWS, Google, and what trains and serves models.
 */
const TOKENS: readonly RegExp[] = [
  ...SERVICE_TOKENS,
  /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})\b/g,
  /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g,
  /\b(?:AIza[\w-]{35}|GOCSPX-[\w-]{28}|ya29\.[\w-]{50,})/g,
  /\bsk-(?:proj-|svcacct-|admin-|or-v1-|ant-)?[A-Za-z0-9_-]{40,}/g,
  /\b(?:xai-[A-Za-z0-9]{60,}|pplx-[A-Za-z0-9]{40,}|nvapi-[\w-]{50,}|r8_[A-Za-z0-9]{37}|pcsk_[\w-]{40,})/g,
  /\b(?:lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}|dop_v1_[0-9a-f]{64}|pypi-AgE[\w-]{50,}|ATATT3[\w=-]{50,})/g,
  /\bAccountKey=[A-Za-z0-9+/]{86}==/g,
  /\bdiscord(?:app)?\.com\/api\/webhooks\/\d{15,}\/[\w-]{60,}/g,
  /\b\d{8,10}:AA[\w-]{33}\b/g,
  /\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{20,}/g,
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/g,
  /\bPuTTY-User-Key-File-\d:/g,
  /\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/g,
  /\bmachine\s+\S+\s+login\s+\S+\s+password\s+(\S{8,})/g,
  /\bwandb[\w.\s"'=(]{1,40}\b([0-9a-f]{40})\b/gi,
  /"username"\s*:\s*"[^"]{1,60}"\s*,\s*"key"\s*:\s*"[0-9a-f]{32}"/g,
  /\bAuthorization\\?["']?\s*[:=]\s*\\?["']?(?:Bearer|Basic)\s+([A-Za-z0-9+/_.=-]{20,})/gi,
];

const KEYS = String.raw`(?:access|auth|api|secret|refresh|bearer)_?token|(?:secret|access|private|api)_?key`;
const NAMED = `(?:${KEYS}|secret|passw(?:or)?d|passphrase)`;

/** What is called a key or a password, and looks random. The value is the first group. */
const ASSIGNMENTS: readonly RegExp[] = [
  new RegExp(
    String.raw`${NAMED.replaceAll('_?', '[_-]?')}\\?["']?\s*[:=]\s*\\?["']([^\s"'\\]{12,200})\\?["']`,
    'gi',
  ),
  new RegExp(
    String.raw`^[ \t]*(?:(?:export|set|env|arg)[ \t]+)?[A-Z0-9_]*${NAMED}\s*[:=]\s*([^\s"'<{$]{16,200})[ \t\r]*$`,
    'gim',
  ),
  /^[ \t]*(?:(?:export|set|env|arg)[ \t]+)?[A-Z][A-Z0-9_]*_TOKEN\s*=\s*["']?([^\s"'<{$]{20,200})["']?[ \t\r]*$/gm,
];

/** What stands for a secret in documents and templates. */
const PLACEHOLDER =
  /example|placeholder|your|dummy|redacted|change[-_]?me|insert|replace|([x0*._-])\1{5}|\.\.\.|…|[<{}[\]()$]|\*\*\*/i;

/** Of secretlint's findings these are no secrets: the number of an account is on every invoice. */
const NO_SECRETS = new Set(['AWSAccountID']);
/** These rules read files by themselves, or let a comment in a file hide what stands in it. */
const LEFT_OUT = /-rule-(?:filter-comments|gcp)$/;

/** Of secretlint; `secretHints` knows something that each of them looks for. */
export const RULES: readonly SecretLintRuleCreator[] = rules.filter(({ meta }) => !LEFT_OUT.test(meta.id));

/** Whether a text holds what looks like a token, a password or a private key, and not like a stand-in for one. */
export function holdsSecret(text: string, path = ''): boolean {
  return (
    TOKENS.some((pattern) => matches(text, pattern).some((found) => !PLACEHOLDER.test(found))) ||
    ASSIGNMENTS.some((pattern) => matches(text, pattern).some(isRandom)) ||
    RULES.some((rule) => findings(rule, text, path).some((found) => !PLACEHOLDER.test(found)))
  );
}

/** The first group of each match; without groups the match. */
function matches(text: string, pattern: RegExp): readonly string[] {
  return Array.from(text.matchAll(pattern), ([whole, group]) => group ?? whole);
}

/**
 * What a rule of secretlint finds (https://github.com/secretlint/secretlint/blob/master/docs/secretlint-rule.md). Its
 * runner would measure and log, and tell lines that nobody is shown.
 */
function findings(rule: SecretLintRuleCreator, content: string, path: string): readonly string[] {
  const found: string[] = [];
  const context: SecretLintRuleContext = {
    sharedOptions: {},
    createTranslator: () => (messageId) => ({ message: '', messageId: String(messageId), data: undefined }),
    ignore: () => undefined,
    report: ({ message: { messageId }, range }) => {
      if (!NO_SECRETS.has(messageId)) found.push(content.slice(...range));
    },
  };
  // All of them end before they return.
  void rule.create(context, {}).file?.(sourceOf(content, posix.basename(path) || 'text'));
  return found;
}

function sourceOf(content: string, name: string): SecretLintSourceCode {
  const position = (column: number) => ({ line: 1, column });
  return {
    hasBOM: false,
    content,
    filePath: name,
    physicalFilePath: undefined,
    contentType: 'text',
    ext: posix.extname(name),
    getFilePath: () => name,
    getPhysicalFilePath: () => undefined,
    locationToRange: ({ start, end }) => [start.column, end.column],
    rangeToLocation: ([start, end]) => ({ start: position(start), end: position(end) }),
    positionToIndex: ({ column }) => column,
    indexToPosition: position,
  };
}

/** Letters and digits mixed, in no order that people think of, and no path, address, version or call. */
function isRandom(value: string): boolean {
  if (PLACEHOLDER.test(value) || /^(?:\/|\.|https?:|[\w-]+\.(?:json|py|txt|env)$)/.test(value)) return false;
  return /[a-z]/i.test(value) && /\d/.test(value) && entropy(value) >= 3;
}

/** Bits for each character (https://en.wikipedia.org/wiki/Entropy_(information_theory)). */
function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  const shares = [...counts.values()].map((count) => count / value.length);
  return -shares.reduce((sum, share) => sum + share * Math.log2(share), 0);
}
