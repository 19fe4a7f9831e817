/**
 * Makes the check of what a menu passes to a command: a row of a view, or anything else.
 *
 * @param kinds Every kind of row that the view has.
 */
export function rowAmong<Row extends { readonly kind: string }>(
  kinds: Readonly<Record<Row['kind'], true>>,
): (value: unknown) => Row | undefined {
  return (value) => {
    if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined;
    return typeof value.kind === 'string' && Object.hasOwn(kinds, value.kind) ? (value as Row) : undefined;
  };
}
