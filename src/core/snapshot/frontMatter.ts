import { parseDocument } from 'yaml';

/** Longer front matter is not looked at: no model card comes near it. Characters. */
const LONGEST_FRONT_MATTER = 16 * 1024;

/**
 * The YAML mapping between the `---` lines at the top of a model card
 * (https://huggingface.co/docs/hub/model-cards#model-card-metadata); empty where there is none or it cannot be read. The text is a
 * stranger's: aliases are not expanded, custom tags not resolved, and nothing throws.
 */
export function readFrontMatter(text: string): ReadonlyMap<string, unknown> {
  const [, yaml] = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(
    text.slice(0, LONGEST_FRONT_MATTER),
  ) ?? [undefined, undefined];
  if (yaml === undefined) {
    return new Map();
  }
  try {
    const document = parseDocument(yaml, {
      schema: 'failsafe',
      logLevel: 'silent',
      prettyErrors: false,
      uniqueKeys: false,
    });
    const value: unknown = document.toJS({ mapAsMap: true, maxAliasCount: 0 });
    return value instanceof Map ? new Map([...value].filter(hasTextKey)) : new Map();
  } catch {
    // Aliases, or nesting deeper than the stack: a card like that proposes no name, and nothing else hangs on it.
    return new Map();
  }
}

function hasTextKey(entry: [unknown, unknown]): entry is [string, unknown] {
  return typeof entry[0] === 'string';
}
