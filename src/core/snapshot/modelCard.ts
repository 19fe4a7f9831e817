/**
 * As much of a model card is read as holds its front matter: cards with the results of benchmarks have half a million
 * characters of it. Bytes of the file, and characters of the text.
 */
export const LONGEST_CARD = 1024 * 1024;

/** A model card, taken apart. */
interface ModelCard {
  /** The YAML between the `---` lines at the top; undefined where there are none. */
  readonly frontMatter: string | undefined;
  /** What follows. */
  readonly text: string;
}

const OPENING = /^\s*---[ \t]*(?:\r\n|\r|\n)/;
const CLOSING = /(?:\r\n|\r|\n)---[ \t]*(?:\r\n|\r|\n|$)/g;

/**
 * The Hub's own pattern (`REGEX_YAML_BLOCK` of `huggingface_hub/repocard.py`) and more: blank lines, spaces or a byte
 * order mark may come before it, and lines may end with CR alone.
 */
export function splitModelCard(source: string): ModelCard {
  const beginning = source.slice(0, LONGEST_CARD);
  const [opening] = OPENING.exec(beginning) ?? [];
  if (opening === undefined) return { frontMatter: undefined, text: source };
  // The end of the first line may be the beginning of the last.
  const closing = new RegExp(CLOSING);
  closing.lastIndex = opening.length - (opening.endsWith('\r\n') ? 2 : 1);
  const found = closing.exec(beginning);
  if (!found) return { frontMatter: undefined, text: source };
  return {
    frontMatter: beginning.slice(opening.length, found.index),
    text: source.slice(found.index + found[0].length),
  };
}

/** The front matter of a card of which only the beginning is there: all lines that are whole. */
export function beginningOfFrontMatter(beginning: string): string | undefined {
  const { frontMatter } = splitModelCard(beginning);
  const [opening] = OPENING.exec(beginning) ?? [];
  if (frontMatter !== undefined || opening === undefined) return frontMatter;
  const end = Math.max(beginning.lastIndexOf('\n'), beginning.lastIndexOf('\r'));
  return beginning.slice(opening.length, Math.max(opening.length, end));
}
