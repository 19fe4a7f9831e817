import type { IncomingHttpHeaders } from 'node:http';

/** The first value of a header, or undefined where it is absent. `name` is in lower case. */
export function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Where an answer leads. Some servers write the letters of a path as they are, in UTF-8, which Node reads as Latin-1. */
export function locationText(headers: IncomingHttpHeaders): string | undefined {
  const text = headerText(headers, 'location');
  const decoded = text && Buffer.from(text, 'latin1').toString('utf8');
  return decoded?.includes('\uFFFD') ? text : decoded;
}
