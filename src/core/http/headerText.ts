import type { IncomingHttpHeaders } from 'node:http';

/** The first value of a header, or undefined where it is absent. `name` is in lower case. */
export function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
