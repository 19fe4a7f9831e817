import * as z from 'zod/mini';

/** What may stand in an address as it is. */
export const segment = z.string().check(z.regex(/^[^\p{C}\p{Z}/\\?#%]+$/u));
const LONGEST_LABEL = 500;
/** For people to read: what is invisible or turns text around is left out, and what nobody would read to its end. */
export const label = z.pipe(
  z.string(),
  z.transform((value) => value.slice(0, LONGEST_LABEL).replace(/\p{C}/gu, '')),
);
/** The same, undefined where it is empty or none. */
export const text = z.catch(
  z.pipe(
    z.nullish(label),
    z.transform((value) => (value === '' || value === null ? undefined : value)),
  ),
  undefined,
);
export const flag = z.catch(
  z.pipe(
    z.nullish(z.boolean()),
    z.transform((value) => value ?? undefined),
  ),
  undefined,
);
/** ISO 8601, or `2025-07-16 06:07:42 UTC` as Buildkite has it in places. */
export const date = z.pipe(
  text,
  z.transform((value) => {
    const at = value === undefined ? Number.NaN : Date.parse(value);
    return Number.isNaN(at) ? undefined : new Date(at);
  }),
);
