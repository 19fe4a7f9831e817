/**
 * Characters that steer a terminal, turn the direction of what follows, or take no room, so that a text reads as
 * something else than it is (https://www.unicode.org/reports/tr36/, https://trojansource.codes): control characters but
 * tab and line feed, line and paragraph separators, marks and overrides of direction, other invisible formatting, and
 * tags. The joiners U+200C and U+200D are left: scripts and emoji are written with them.
 */
export const UNSEEN =
  /(?![\t\n])\p{Cc}|[\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;

/**
 * `text` of a server, a commit or a folder as a person may see it: whatever would not be seen stands there as a mark,
 * `␛` for ESC or `<U+202E>` for an override of direction. Tabs and line feeds stay. What was made visible stays as it
 * is when it is made so again.
 */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, markOf);
}

/** {@link visibleText} for a single line: tabs and line feeds are marks, too. */
export function visibleLine(text: string): string {
  return visibleText(text).replace(/[\t\n]/g, markOf);
}

/** Characters of a stranger's text that a line shows. */
const LONGEST_LINE = 72;

/** A stranger's text in one line, cut where it is too long. */
export function shortLine(text: string): string {
  const line = visibleLine(text).trim();
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…` : line;
}

/** Of a character that is not seen, its picture (https://www.unicode.org/charts/PDF/U2400.pdf) or its number. */
function markOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
