/** Asks for the picture where a character is also a letter-like sign. */
const AS_PICTURE = '\uFE0F';
const NAMED = /^:([\w+-]+):$/;

/** Every emoji that Unicode recommends. Made when it is first needed, which takes milliseconds. */
let everyEmoji: RegExp | undefined;
let emojiByName: ReadonlyMap<string, string> | undefined;

/**
 * The emoji that a server names, as `:name:` or as itself; undefined where it is none that Unicode has, and for names before they were
 * learned. They are those of iamcal's emoji data, which a service may make its own from: https://github.com/iamcal/emoji-data
 */
export function emojiOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const name = NAMED.exec(text)?.[1];
  if (name !== undefined) return emojiByName?.get(name);
  return isEmoji(text) ? text : undefined;
}

/** TypeScript knows the flag `v` only with a newer library than Node.js 20 has. */
function isEmoji(text: string): boolean {
  everyEmoji ??= new RegExp('^\\p{RGI_Emoji}$', 'v');
  return everyEmoji.test(text);
}

/** Loads the names of emoji, where one of `texts` is such a name. */
export async function learnEmojiNames(texts: readonly (string | undefined)[]): Promise<void> {
  if (emojiByName !== undefined || !texts.some((text) => text !== undefined && NAMED.test(text))) return;
  const { default: shortcodes } = await import('emojibase-data/en/shortcodes/iamcal.json', {
    with: { type: 'json' },
  });
  const names = new Map<string, string>();
  for (const [codes, aliases] of Object.entries(shortcodes)) {
    const text = String.fromCodePoint(...codes.split('-').map((code) => Number.parseInt(code, 16)));
    const emoji = isEmoji(text) ? text : `${text}${AS_PICTURE}`;
    for (const name of [aliases].flat()) names.set(name, emoji);
  }
  emojiByName = names;
}
