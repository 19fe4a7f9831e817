import * as z from 'zod';

/** What may stand in an address as it is. */
export const segment = z.string().regex(/^[^\p{C}\p{Z}/\\?#%]+$/u);
const LONGEST_LABEL = 500;
/** For people to read: what is invisible or turns text around is left out, and what nobody would read to its end. */
export const label = z.string().transform((value) => value.slice(0, LONGEST_LABEL).replace(/\p{C}/gu, ''));
/** The same, undefined where it is empty or none. */
export const text = label
  .nullish()
  .transform((value) => (value === '' || value === null ? undefined : value))
  .catch(undefined);
export const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? undefined)
  .catch(undefined);
/** ISO 8601, or `2025-07-16 06:07:42 UTC` as Buildkite has it in places. */
export const date = text.transform((value) => {
  const at = value === undefined ? Number.NaN : Date.parse(value);
  return Number.isNaN(at) ? undefined : new Date(at);
});
