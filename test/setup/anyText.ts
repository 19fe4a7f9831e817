import fc from 'fast-check';
import type { StringConstraints } from 'fast-check';

/** Code points of halves of pairs, which are no characters: the first of them, and how many there are. */
const HALVES = { first: 0xd800, count: 0x800 } as const;

/**
 * Any text at all: control characters, and characters of every plane. It is what fast-check calls `binary`, which takes seconds of a
 * processor in every process that asks for it: it makes a table of all characters there are.
 */
export function anyText(constraints: Omit<StringConstraints, 'unit'> = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: anyCharacter });
}

const anyCharacter = fc.integer({ min: 0, max: 0x10ffff - HALVES.count }).map(
  (index) => String.fromCodePoint(index < HALVES.first ? index : index + HALVES.count),
  (character) => indexOf(String(character)),
);

/** @throws Error where the text is not one character; so fast-check learns that it cannot have made it */
function indexOf(character: string): number {
  const codePoint = character.codePointAt(0) ?? 0;
  if (String.fromCodePoint(codePoint) !== character) throw new Error('This is not one character.');
  return codePoint < HALVES.first ? codePoint : codePoint - HALVES.count;
}
