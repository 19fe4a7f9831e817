import type { OutgoingHttpHeaders } from 'node:http';
import type { AccessToken } from '../accessToken.ts';

/** How a message is framed and where it goes is this client's business, whoever gave the headers (RFC 9110, 7.6.1). */
const OURS = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
]);

/** What vouches for a person, and therefore stays at the origin it was meant for. */
const CREDENTIALS = new Set(['authorization', 'cookie']);

interface Heading {
  readonly url: URL;
  /** The address the request was made for, before redirects. */
  readonly firstUrl: URL;
  readonly method: string;
  readonly userAgent: string;
  readonly given: Readonly<Record<string, string>>;
  readonly token: AccessToken | undefined;
  readonly body: { readonly length: number; readonly contentType: string | undefined } | undefined;
}

/** The headers of one exchange, in lower case. */
export function headersFor(heading: Heading): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = { accept: 'application/json, */*;q=0.1' };
  if (heading.body?.contentType) headers['content-type'] = heading.body.contentType;
  const sameOrigin = heading.url.origin === heading.firstUrl.origin;
  for (const [name, value] of Object.entries(heading.given)) {
    const key = name.toLowerCase();
    if (OURS.has(key) || (CREDENTIALS.has(key) && !sameOrigin)) continue;
    headers[key] = value;
  }
  const authorization = heading.token?.authorizationFor(heading.url);
  if (authorization !== undefined) headers.authorization = authorization;
  else if (headers.authorization === undefined) {
    const basic = basicAuthorization(heading.url);
    if (basic !== undefined) headers.authorization = basic;
  }
  // Compressed answers would need a limit of their own.
  headers['accept-encoding'] = 'identity';
  headers['user-agent'] = heading.userAgent;
  if (heading.body) headers['content-length'] = heading.body.length;
  else if (heading.method === 'POST' || heading.method === 'PUT' || heading.method === 'PATCH') {
    headers['content-length'] = 0;
  }
  return headers;
}

/**
 * The user information of an address as a header (RFC 7617); undefined where it has none. Servers name stores by such
 * addresses, as Git LFS and curl understand them, and people their proxies; our own have none.
 */
export function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const user = Buffer.from(`${decoded(username)}:${decoded(password)}`, 'utf8');
  return `Basic ${user.toString('base64')}`;
}

/** What is no escape of UTF-8 stands for itself. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => {
    try {
      return decodeURIComponent(escaped);
    } catch {
      return escaped;
    }
  });
}
