import { en } from 'zod/locales';
import * as z from 'zod/mini';

/**
 * For `safeParse` where people read what is wrong: zod's small build brings no sentences by itself.
 * https://zod.dev/packages/mini#no-default-locale
 */
export const inWords = { error: en().localeError };

/** Text that `read` makes something of. Where that is undefined, `problem` is what is wrong with it. */
export function textAs<T>(read: (text: string) => T | undefined, problem: string) {
  return z.pipe(
    z.string(),
    z.transform((text, context) => {
      const value = read(text);
      if (value !== undefined) return value;
      context.issues.push({ code: 'custom', input: text, message: problem });
      return z.NEVER;
    }),
  );
}
