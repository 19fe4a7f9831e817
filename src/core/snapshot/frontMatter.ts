import { parseDocument } from 'yaml';
import { beginningOfFrontMatter, splitModelCard } from './modelCard.ts';

/** Uses of what an anchor holds: more than cards need; the parser's bound against texts that grow without end. */
const MOST_ALIASES = 100;

/**
 * The YAML mapping at the top of a model card (https://huggingface.co/docs/hub/model-cards#model-card-metadata); empty
 * where there is none or it cannot be read. The text is a stranger's: aliases are followed within a bound, custom tags
 * not resolved, and nothing throws.
 */
export function readFrontMatter(card: string): ReadonlyMap<string, unknown> {
  return mappingOf(splitModelCard(card).frontMatter);
}

/** As {@link readFrontMatter}, of a card of which only the beginning was read. */
export function readBeginningOfFrontMatter(beginning: string): ReadonlyMap<string, unknown> {
  return mappingOf(beginningOfFrontMatter(beginning));
}

function mappingOf(yaml: string | undefined): ReadonlyMap<string, unknown> {
  if (yaml === undefined) return new Map();
  try {
    // YAML ends lines with CR alone; the parser does not.
    const document = parseDocument(yaml.replace(/\r\n?/g, '\n'), {
      schema: 'failsafe',
      logLevel: 'silent',
      prettyErrors: false,
      uniqueKeys: false,
    });
    const value: unknown = document.toJS({ mapAsMap: true, maxAliasCount: MOST_ALIASES });
    return value instanceof Map ? new Map([...value].filter(hasTextKey)) : new Map();
  } catch {
    // Aliases without end, or nesting deeper than the stack: a card like that proposes no name, and nothing else hangs
    // on it.
    return new Map();
  }
}

function hasTextKey(entry: [unknown, unknown]): entry is [string, unknown] {
  return typeof entry[0] === 'string';
}
