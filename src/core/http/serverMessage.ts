import type { IncomingHttpHeaders } from 'node:http';
import { redact } from '../log.ts';
import { headerText } from './headerText.ts';

const LONGEST_MESSAGE = 500;
const LONGEST_ID = 100;
const MOST_PARTS = 10;

/**
 * A server's own words about a refusal: one line of at most 500 characters, without control, bidirectional and
 * invisible characters, without anything that looks like a secret; undefined where it gave none that a person could
 * read.
 *
 * Understands `{message, errors}` of REST APIs, the Hub's `{error, error_description, errors}` and `X-Error-Message`, Git LFS's
 * `{message}`, and plain text. Markup is dropped.
 */
export function serverMessage(headers: IncomingHttpHeaders, body: Buffer): string | undefined {
  const encoding = headers['content-encoding'];
  const readable = !encoding || encoding === 'identity';
  const text = readable ? body.toString('utf8').trim() : '';
  const words = isMarkup(text, headers['content-type']) ? [] : wordsOf(text);
  const header = headerText(headers, 'x-error-message');
  const parts = words.length > 0 ? words : header === undefined ? [] : [header];
  const message = legible(redact(parts.map(oneLine).filter(Boolean).join('; ')), LONGEST_MESSAGE);
  return message || undefined;
}

/** The id a server gave the request, to quote to its operators. */
export function requestId(headers: IncomingHttpHeaders): string | undefined {
  for (const name of ['x-request-id', 'x-amzn-trace-id', 'x-amz-request-id', 'x-amz-cf-id']) {
    const id = legible(oneLine(headerText(headers, name) ?? ''), LONGEST_ID);
    if (id) return id;
  }
  return undefined;
}

function wordsOf(text: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [text];
  }
  const words = typeof value === 'object' ? wordsOfJson(value) : typeof value === 'string' ? [value] : [text];
  return [...new Set(words)].slice(0, MOST_PARTS);
}

function wordsOfJson(value: unknown): string[] {
  if (Array.isArray(value)) return value.slice(0, MOST_PARTS).flatMap(wordsOfItem);
  if (typeof value !== 'object' || value === null) return [];
  const { message, error, error_description: description, errors } = value as Record<string, unknown>;
  return [message, error, description, errors].flatMap(wordsOfItem);
}

/** A string, `{message}`, a list of either, or messages by field name as in `{"name": ["is taken"]}`. */
function wordsOfItem(item: unknown): string[] {
  if (typeof item === 'string') return [item];
  if (Array.isArray(item)) {
    return item
      .slice(0, MOST_PARTS)
      .flatMap((element) => (Array.isArray(element) ? [] : wordsOfItem(element)));
  }
  if (typeof item !== 'object' || item === null) return [];
  const { message, detail } = item as Record<string, unknown>;
  if (typeof message === 'string') return [message];
  if (typeof detail === 'string') return [detail];
  return Object.entries(item as Record<string, unknown>)
    .slice(0, MOST_PARTS)
    .flatMap(([field, value]) =>
      (Array.isArray(value) ? value.slice(0, MOST_PARTS) : [value])
        .filter((text) => typeof text === 'string')
        .map((text) => `${field} ${text}`),
    );
}

function isMarkup(text: string, contentType: string | undefined): boolean {
  return text.startsWith('<') || /\b(?:html|xml)\b/i.test(contentType ?? '');
}

/** White space and line ends become single spaces; other control, format and unpaired surrogate characters vanish. */
function oneLine(text: string): string {
  return text
    .slice(0, 8 * LONGEST_MESSAGE)
    .replace(/\s+/g, ' ')
    .replace(/\p{C}/gu, '')
    .trim();
}

function legible(text: string, longest: number): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
