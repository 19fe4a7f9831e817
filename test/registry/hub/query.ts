/** `Link` with the address of the next page: the same with other parameters. */
export function nextLink(url: URL, parameters: Readonly<Record<string, string>>): string {
  const next = new URL(url);
  for (const [name, value] of Object.entries(parameters)) next.searchParams.set(name, value);
  return `<${next.href}>; rel="next"`;
}

/** Python says `True`, JavaScript `true`, people `1`. */
export function isTrue(value: string | null): boolean {
  return value !== null && /^(?:1|true)$/i.test(value);
}

/** A whole number, or the other where it is none. */
export function positive(value: string | null, otherwise: number): number {
  return value !== null && /^\d{1,9}$/.test(value) ? Number(value) : otherwise;
}
