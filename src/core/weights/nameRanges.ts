/** Numbers in names, as those of layers and experts: `layers.0.mlp`, `blk.12`, `block_3`, but not the one of `conv1`. */
const NUMBER = /(?<![\p{L}\p{N}])(?:0|[1-9]\d{0,8})(?![\p{L}\p{N}])/gu;

/** Names that differ in numbers alone. */
interface NameGroup<T> {
  /** What stands between the numbers: one more than there are numbers. */
  readonly parts: readonly string[];
  /** The numbers of each name, in its order. */
  readonly numbers: readonly (readonly number[])[];
  readonly items: readonly T[];
}

/**
 * Puts those together whose names differ in numbers alone, and who have the same `kind`. In the order in which the first
 * of each comes.
 */
export function groupedNames<T>(
  items: Iterable<T>,
  nameOf: (item: T) => string,
  kindOf: (item: T) => string,
): readonly NameGroup<T>[] {
  const groups = new Map<string, { parts: string[]; numbers: number[][]; items: T[] }>();
  for (const item of items) {
    const { parts, numbers } = takenApart(nameOf(item));
    const key = JSON.stringify([kindOf(item), ...parts]);
    const group = groups.get(key);
    if (group) {
      group.numbers.push(numbers);
      group.items.push(item);
    } else groups.set(key, { parts, numbers: [numbers], items: [item] });
  }
  return [...groups.values()];
}

/** A name with more numbers, or a longer one, is a name by itself: it is a stranger's. */
const MOST_NUMBERS = 4;
const LONGEST = 500;

function takenApart(name: string): { readonly parts: string[]; readonly numbers: number[] } {
  const numbers = name.length > LONGEST ? [] : (name.match(NUMBER) ?? []).map(Number);
  if (numbers.length === 0 || numbers.length > MOST_NUMBERS) return { parts: [name], numbers: [] };
  return { parts: name.split(NUMBER), numbers };
}

/** A text in which ranges stand for numbers, and how many names it stands for. */
interface RangeName {
  readonly text: string;
  readonly count: number;
}

/**
 * The names of a group: `layers.0–31.mlp.experts.0–7.up`. One text where each number goes with each other, more where
 * some are missing.
 */
export function rangeNames({
  parts: [first = '', ...rest],
  numbers,
}: Pick<NameGroup<unknown>, 'parts' | 'numbers'>): readonly RangeName[] {
  return tails(rest, numbers).map(({ text, count }) => ({ text: first + text, count }));
}

/** What follows the part before the first number. */
function tails(parts: readonly string[], numbers: readonly (readonly number[])[]): readonly RangeName[] {
  const [part, ...rest] = parts;
  if (part === undefined) return [{ text: '', count: numbers.length }];
  const followers = new Map<number, (readonly number[])[]>();
  for (const [number = 0, ...others] of numbers) {
    const known = followers.get(number);
    if (known) known.push(others);
    else followers.set(number, [others]);
  }
  // Numbers that go with the same others stand together.
  const together = new Map<string, { numbers: number[]; count: number }>();
  for (const [number, others] of followers) {
    for (const { text, count } of tails(rest, others)) {
      const known = together.get(text) ?? { numbers: [], count: 0 };
      known.numbers.push(number);
      together.set(text, { ...known, count: known.count + count });
    }
  }
  return [...together].map(([text, one]) => ({
    text: `${rangesText(one.numbers)}${part}${text}`,
    count: one.count,
  }));
}

/** More stand there as an ellipsis. */
const MOST_RANGES = 8;

/** "0–3,7". */
function rangesText(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range && number === range[1] + 1) range[1] = number;
    else ranges.push([number, number]);
  }
  const texts = ranges
    .slice(0, MOST_RANGES)
    .map(([first, last]) =>
      first === last ? String(first) : `${first}${last === first + 1 ? ',' : '–'}${last}`,
    );
  return [...texts, ...(ranges.length > MOST_RANGES ? ['…'] : [])].join(',');
}
