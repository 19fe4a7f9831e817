import { visibleLine } from '../visibleText.ts';

/**
 * What a shell, Markdown or a chat would obey in a sentence that is pasted: punctuation of ASCII, the slashes that make
 * a link, and underscores that are not inside a word.
 */
const OBEYED = /[!"#$%&'()*;<>?@[\\\]^`{|}~]|\/(?=\/)|(?<=\/)\/|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/** How far a character of ASCII is from its wide twin, which looks like it and means nothing to a program. */
const TO_WIDE = 0xfee0;

/** Characters, at most. */
const LONGEST = 100;

/**
 * The first line of what a stranger wrote, for a sentence of a text that people paste: it reads the same, and what could
 * be obeyed in it is written with the characters' wide twins.
 */
export function inProse(text: string): string {
  const [first = ''] = text.trim().split('\n');
  const characters = Array.from(visibleLine(first).trim());
  const line = characters.slice(0, LONGEST).join('') + (characters.length > LONGEST ? '…' : '');
  return line.replace(OBEYED, (character) =>
    character === "'" ? '\u2019' : String.fromCodePoint((character.codePointAt(0) ?? 0) + TO_WIDE),
  );
}

/** The address of a page, without its query, in characters that nothing but a browser obeys. */
export function pageInProse({ origin, pathname }: URL): string {
  return `${origin}${pathname.replace(/[^A-Za-z0-9./%-]/g, encoded)}`;
}

function encoded(character: string): string {
  return character === '_' || character === ':' || character === '+'
    ? character
    : `%${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}`;
}
