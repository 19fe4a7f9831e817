import shortcodes from 'emojibase-data/en/shortcodes/iamcal.json' with { type: 'json' };

/** Every emoji that Unicode recommends; TypeScript knows the flag `v` only with a newer library than Node.js 20 has. */
const EMOJI = new RegExp('^\\p{RGI_Emoji}$', 'v');
/** Asks for the picture where a character is also a letter-like sign. */
const AS_PICTURE = '\uFE0F';

let emojiByName: ReadonlyMap<string, string> | undefined;

/**
 * The emoji that a server names, as `:name:` or as itself; undefined where it is none that Unicode has. The names are
 * those of iamcal's emoji data, which Buildkite's own are made from: https://github.com/buildkite/emojis
 */
export function emojiOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const name = /^:([\w+-]+):$/.exec(text)?.[1];
  if (name !== undefined) return (emojiByName ??= readNames()).get(name);
  return EMOJI.test(text) ? text : undefined;
}

function readNames(): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [codes, aliases] of Object.entries(shortcodes)) {
    const text = String.fromCodePoint(...codes.split('-').map((code) => Number.parseInt(code, 16)));
    const emoji = EMOJI.test(text) ? text : `${text}${AS_PICTURE}`;
    for (const name of [aliases].flat()) names.set(name, emoji);
  }
  return names;
}
