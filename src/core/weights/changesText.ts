import * as l10n from '@vscode/l10n';
import { visibleLine } from '../visibleText.ts';
import type { SetComparison } from './compareWeights.ts';
import { groupedNames, rangeNames } from './nameRanges.ts';
import type { DtypeShare } from './summary.ts';
import type {
  MetadataChange,
  TensorChange,
  TensorForm,
  WeightChanges,
  WeightTotals,
} from './weightChanges.ts';
import type { WeightSet } from './weightSets.ts';
import type { MetadataValue } from './weightTable.ts';

/** Lines about tensors of one set, and about its metadata; more are counted. `--json` of the terminal has all. */
const MOST_LINES = 2000;
/** Characters of a name, and of a value. */
const LONGEST_NAME = 200;
const LONGEST_VALUE = 80;

/**
 * What differs, as lines for people: `+` came, `-` went, `~` is another one. Short for thousands of tensors: ranges
 * stand for the numbers of layers. Every text of a stranger is cut, and shows what would not be seen.
 */
export function weightLines(comparisons: readonly SetComparison[]): readonly string[] {
  return comparisons
    .flatMap((comparison, at) => [...(at > 0 ? [''] : []), ...linesOf(comparison)])
    .map(visibleLine);
}

function linesOf(comparison: SetComparison): readonly string[] {
  switch (comparison.kind) {
    case 'new':
      return [l10n.t('New weights: {0}', setText(comparison.after)), ...totalsLines(comparison.totals)];
    case 'deleted':
      return [l10n.t('Deleted weights: {0}', setText(comparison.before)), ...totalsLines(comparison.totals)];
    case 'unread':
      return [titleOf(comparison.before, comparison.after), comparison.problem];
    case 'changed': {
      const { before, after, changes, isByBytes } = comparison;
      return [
        titleOf(before, after),
        ...changedTotals(changes),
        ...countLines(changes, isByBytes),
        ...section(l10n.t('Tensors'), tensorLines(changes.tensors)),
        ...section(l10n.t('Metadata'), changes.metadata.map(metadataLine)),
      ];
    }
  }
}

function titleOf(before: WeightSet | undefined, after: WeightSet | undefined): string {
  const texts = [before, after].flatMap((set) => (set ? [setText(set)] : []));
  return [...new Set(texts)].join(' → ');
}

/** "model.safetensors.index.json (4 files)". */
function setText({ entry, files }: WeightSet): string {
  const name = cut(entry, LONGEST_NAME);
  return files.length === 1 ? name : l10n.t('{0} ({1} files)', name, files.length);
}

function totalsLines({ parameters, tensors, dtypes }: WeightTotals): readonly string[] {
  return [
    l10n.t('Parameters: {0}', number(parameters)),
    l10n.t('Tensors: {0}', number(tensors)),
    l10n.t('Types: {0}', sharesText(dtypes)),
  ];
}

function changedTotals({ before, after }: WeightChanges): readonly string[] {
  return [
    l10n.t('Parameters: {0}', fromTo(before.parameters, after.parameters)),
    l10n.t('Tensors: {0}', fromTo(before.tensors, after.tensors)),
    l10n.t('Types: {0}', arrow(sharesText(before.dtypes), sharesText(after.dtypes))),
  ];
}

function countLines({ tensors, alike }: WeightChanges, isByBytes: boolean): readonly string[] {
  const count = (kind: TensorChange['kind']): number =>
    tensors.filter((change) => change.kind === kind).length;
  const differing = count('content');
  const counted: readonly (readonly [number, string])[] = [
    [count('new'), l10n.t('{0} new', number(count('new')))],
    [count('deleted'), l10n.t('{0} deleted', number(count('deleted')))],
    [count('type'), l10n.t('{0} of another type', number(count('type')))],
    [count('shape'), l10n.t('{0} of another shape', number(count('shape')))],
    [count('typeAndShape'), l10n.t('{0} of another type and shape', number(count('typeAndShape')))],
    [differing, l10n.t('{0} with other values', number(differing))],
  ];
  const facts = counted.filter(([amount]) => amount > 0).map(([, text]) => text);
  return [
    ...(facts.length > 0 ? [l10n.t('Changed: {0}', facts.join(', '))] : []),
    alikeText(alike.length, differing, isByBytes),
  ];
}

/** What is to be known of the tensors that headers do not tell apart. */
function alikeText(alike: number, differing: number, isByBytes: boolean): string {
  if (isByBytes) return l10n.t('The same to the byte: {0}', number(alike - differing));
  return l10n.t(
    'Of the same type and shape: {0}. Whether their values differ, headers do not tell.',
    number(alike),
  );
}

function section(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const more = lines.length - MOST_LINES;
  return [
    '',
    title,
    ...lines.slice(0, MOST_LINES),
    ...(more > 0 ? [l10n.t('… and {0} more lines', number(more))] : []),
  ];
}

const MARKS: Readonly<Record<TensorChange['kind'], string>> = {
  new: '+',
  deleted: '-',
  type: '~',
  shape: '~',
  typeAndShape: '~',
  content: '~',
};

/** A line for all tensors that changed alike and differ in the numbers of their names alone. */
function tensorLines(changes: readonly TensorChange[]): readonly string[] {
  const groups = groupedNames(
    changes,
    ({ name }) => name,
    (change) => `${change.kind} ${changeText(change)}`,
  );
  return groups.flatMap(({ parts, numbers, items: [first] }) =>
    first === undefined
      ? []
      : rangeNames({ parts, numbers }).map(({ text, count }) => {
          const line = `${MARKS[first.kind]} ${cut(text, LONGEST_NAME)}  ${changeText(first)}`;
          return count === 1 ? line : l10n.t('{0}  ({1} tensors)', line, number(count));
        }),
  );
}

function changeText(change: TensorChange): string {
  switch (change.kind) {
    case 'new':
      return formText(change.after);
    case 'deleted':
      return formText(change.before);
    case 'content':
      return l10n.t('{0}, other values', formText(change.after));
    case 'type':
      return `${dtypeText(change.before)} → ${formText(change.after)}`;
    case 'shape':
      return `${formText(change.before)} → ${shapeText(change.after)}`;
    case 'typeAndShape':
      return `${formText(change.before)} → ${formText(change.after)}`;
  }
}

/** "BF16 [768, 3072]". */
function formText(form: TensorForm): string {
  return `${dtypeText(form)} ${shapeText(form)}`;
}

function dtypeText({ dtype }: TensorForm): string {
  return cut(dtype, LONGEST_VALUE);
}

function shapeText({ shape }: TensorForm): string {
  return cut(`[${shape.join(', ')}]`, LONGEST_VALUE);
}

/** "F16 124,439,808, F32 768". */
function sharesText(dtypes: readonly DtypeShare[]): string {
  return dtypes.map(({ dtype, parameters }) => `${dtype} ${number(parameters)}`).join(' + ');
}

function metadataLine({ key, before, after }: MetadataChange): string {
  const name = cut(key, LONGEST_NAME);
  if (before === undefined) return `+ ${name}: ${valueText(after, 0)}`;
  if (after === undefined) return `- ${name}: ${valueText(before, 0)}`;
  const at = firstDifference(before, after);
  const [from, to] = [valueText(before, at), valueText(after, at)];
  return `~ ${name}: ${from === to ? l10n.t('{0} → others', from) : `${from} → ${to}`}`;
}

/** Where two long texts begin to differ: what comes before says nothing. Else 0. */
function firstDifference(before: MetadataValue, after: MetadataValue): number {
  if (typeof before !== 'string' || typeof after !== 'string') return 0;
  if (Math.max(before.length, after.length) <= LONGEST_VALUE) return 0;
  let at = 0;
  while (at < before.length && before[at] === after[at]) at += 1;
  return Math.max(0, at - LONGEST_VALUE / 4);
}

/** @param from Of a text, the first character that is shown. */
function valueText(value: MetadataValue | undefined, from: number): string {
  if (typeof value === 'string') {
    return `“${from > 0 ? '…' : ''}${cut(value.slice(from), LONGEST_VALUE)}”`;
  }
  if (typeof value === 'object') return l10n.t('{0} values', number(value.length));
  return String(value);
}

/** "124,439,808 → 124,440,576 (+768)". */
function fromTo(before: number, after: number): string {
  if (before === after) return number(after);
  const sign = after > before ? '+' : '−';
  return `${number(before)} → ${number(after)} (${sign}${number(Math.abs(after - before))})`;
}

function arrow(before: string, after: string): string {
  return before === after ? after : `${before} → ${after}`;
}

function number(count: number): string {
  return count.toLocaleString('en');
}

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
