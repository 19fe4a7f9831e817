/**
 * What loading bytes as a pickle comes to, by the opcodes of every protocol
 * (https://github.com/python/cpython/blob/main/Lib/pickletools.py): `runs`: an opcode that imports or calls something
 * is reached; `fails`: the loader stops at what is no pickle before anything of the kind; `undecided`: it is a pickle
 * as far as it was seen.
 */
type PickleVerdict = 'runs' | 'fails' | 'undecided';

/** What follows an opcode: so many bytes, a length of so many bytes and then that many, or lines of text. */
type Argument =
  | { readonly kind: 'bytes'; readonly count: number }
  | { readonly kind: 'counted'; readonly width: 1 | 4 | 8 }
  | { readonly kind: 'lines'; readonly count: 1 | 2; readonly accepts: (line: Uint8Array) => boolean };

/** What an opcode takes from the stack and puts onto it; `toMark`: down to the last mark, and so many below. */
interface Effect {
  readonly kind: 'stack' | 'toMark' | 'mark' | 'stop';
  readonly takes: number;
  readonly puts: number;
  /** Whether it imports or calls. */
  readonly runs: boolean;
}

interface Opcode {
  readonly argument: Argument;
  readonly effect: Effect;
}

const bytes = (count: number): Argument => ({ kind: 'bytes', count });
const counted = (width: 1 | 4 | 8): Argument => ({ kind: 'counted', width });
const ANY_LINE: Argument = { kind: 'lines', count: 1, accepts: () => true };
const NUMBER: Argument = { kind: 'lines', count: 1, accepts: isNumberText };
const NAMES: Argument = { kind: 'lines', count: 2, accepts: isUtf8 };

const stack = (takes: number, puts: number): Effect => ({ kind: 'stack', takes, puts, runs: false });
const toMark = (takes: number, puts: number): Effect => ({ kind: 'toMark', takes, puts, runs: false });
const running = (takes: number): Effect => ({ kind: 'stack', takes, puts: 1, runs: true });

/**
 * Opcodes by groups that work alike. `EXT1`, `EXT2` and `EXT4` are left out: they name what a program registered
 * beforehand, and Python registers nothing.
 */
const GROUPS: readonly (readonly [codes: string, argument: Argument, effect: Effect])[] = [
  ['(', bytes(0), { ...stack(0, 0), kind: 'mark' }],
  ['.', bytes(0), { ...stack(0, 0), kind: 'stop' }],
  // GLOBAL and INST import a module of any name before they look at the stack.
  ['ci', NAMES, running(0)],
  ['o', bytes(0), { ...toMark(0, 1), runs: true }],
  ['Rb\x81\x93', bytes(0), running(2)],
  ['\x92', bytes(0), running(3)],
  ['N)]}\x88\x89\x8f\x97', bytes(0), stack(0, 1)],
  ['Kh', bytes(1), stack(0, 1)],
  ['M', bytes(2), stack(0, 1)],
  ['Jj', bytes(4), stack(0, 1)],
  ['G', bytes(8), stack(0, 1)],
  ['UC\x8a\x8c', counted(1), stack(0, 1)],
  ['TXB\x8b', counted(4), stack(0, 1)],
  ['\x8d\x8e\x96', counted(8), stack(0, 1)],
  ['FILg', NUMBER, stack(0, 1)],
  ['SVP', ANY_LINE, stack(0, 1)],
  ['0', bytes(0), stack(1, 0)],
  ['2', bytes(0), stack(1, 2)],
  ['Q\x85\x94\x98', bytes(0), stack(1, 1)],
  ['q', bytes(1), stack(1, 1)],
  ['r', bytes(4), stack(1, 1)],
  ['p', NUMBER, stack(1, 1)],
  ['a\x86', bytes(0), stack(2, 1)],
  ['s\x87', bytes(0), stack(3, 1)],
  ['1', bytes(0), toMark(0, 0)],
  ['dlt\x91', bytes(0), toMark(0, 1)],
  ['eu\x90', bytes(0), toMark(1, 1)],
  ['\x80', bytes(1), stack(0, 0)],
  ['\x95', bytes(8), stack(0, 0)],
];

const OPCODES: ReadonlyMap<number, Opcode> = new Map(
  GROUPS.flatMap(([codes, argument, effect]) =>
    Array.from(Buffer.from(codes, 'latin1'), (code) => [code, { argument, effect }] as const),
  ),
);

/**
 * How a loader of pickles would fare with a file, by its first bytes. Where this cannot be known it errs towards
 * `runs` and `undecided`.
 *
 * @param size of the whole file, in bytes.
 */
export function pickleVerdict(beginning: Uint8Array, size: number): PickleVerdict {
  // Values above each mark; the first number is those at the bottom of the stack.
  const depths: number[] = [0];
  for (let at = 0; at < beginning.length;) {
    const opcode = OPCODES.get(beginning[at] ?? -1);
    if (opcode === undefined) return 'fails';
    const next = endOf(opcode.argument, beginning, at + 1, size);
    if (next === 'malformed' || !apply(opcode.effect, depths)) return 'fails';
    if (opcode.effect.runs) return 'runs';
    if (next === 'unseen' || opcode.effect.kind === 'stop') return 'undecided';
    at = next;
  }
  return 'undecided';
}

/** Where an argument ends; `unseen` where that lies beyond what was read. */
function endOf(
  argument: Argument,
  beginning: Uint8Array,
  start: number,
  size: number,
): number | 'malformed' | 'unseen' {
  if (argument.kind === 'lines') return endOfLines(argument, beginning, start);
  const head = argument.kind === 'bytes' ? argument.count : argument.width;
  const length = argument.kind === 'bytes' ? 0 : lengthAt(beginning, start, head);
  const end = start + head + (length ?? 0);
  // What is longer than the file is cut off for a loader, too.
  if (end > size) return 'malformed';
  return length === undefined || end > beginning.length ? 'unseen' : end;
}

/** A little-endian number; undefined where it lies beyond what was read. */
function lengthAt(beginning: Uint8Array, start: number, width: number): number | undefined {
  if (start + width > beginning.length) return undefined;
  return beginning.subarray(start, start + width).reduceRight((length, byte) => length * 256 + byte, 0);
}

function endOfLines(
  { count, accepts }: Extract<Argument, { kind: 'lines' }>,
  beginning: Uint8Array,
  start: number,
): number | 'malformed' | 'unseen' {
  let at = start;
  for (let line = 0; line < count; line++) {
    const end = beginning.indexOf(0x0a, at);
    if (end === -1) return 'unseen';
    if (!accepts(beginning.subarray(at, end))) return 'malformed';
    at = end + 1;
  }
  return at;
}

/** Whether the stack has what it takes. */
function apply({ kind, takes, puts }: Effect, depths: number[]): boolean {
  const [last] = depths.slice(-1);
  if (kind === 'mark') depths.push(0);
  // POP takes a mark, too.
  else if (kind === 'toMark' || (takes === 1 && puts === 0 && last === 0)) {
    if (depths.length === 1) return false;
    depths.pop();
    if (kind === 'stack') return true;
  }
  if (kind === 'mark' || kind === 'stop') return true;
  const top = depths.length - 1;
  const depth = depths[top] ?? 0;
  depths[top] = depth - takes + puts;
  return depth >= takes;
}

/** Python takes white space and underscores in numbers, and refuses everything that is not printable. */
function isNumberText(line: Uint8Array): boolean {
  return line.every((byte) => (byte >= 0x09 && byte <= 0x0d) || (byte >= 0x20 && byte < 0x7f));
}

function isUtf8(line: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(line);
    return true;
  } catch {
    return false;
  }
}
