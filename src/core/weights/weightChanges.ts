import type { DtypeShare } from './summary.ts';
import type { MetadataValue, StoredTensor, WeightTable } from './weightTable.ts';

/** How a tensor's numbers are stored. */
export type TensorForm = Pick<StoredTensor, 'dtype' | 'shape'>;

/** A tensor that differs. Which file holds it, and where, is no difference. */
export type TensorChange =
  | { readonly kind: 'new'; readonly name: string; readonly after: TensorForm }
  | { readonly kind: 'deleted'; readonly name: string; readonly before: TensorForm }
  | {
      /** `content`: of the same type and shape, but not of the same bytes. */
      readonly kind: 'type' | 'shape' | 'typeAndShape' | 'content';
      readonly name: string;
      readonly before: TensorForm;
      readonly after: TensorForm;
    };

/** A note of the header that differs; a side that has no such key is undefined. */
export interface MetadataChange {
  readonly key: string;
  readonly before: MetadataValue | undefined;
  readonly after: MetadataValue | undefined;
}

/** A tensor that has the same type and shape on both sides. */
export interface TensorPair {
  readonly before: StoredTensor;
  readonly after: StoredTensor;
}

/** What a set of weights comes to. */
export interface WeightTotals {
  readonly tensors: number;
  readonly parameters: number;
  /** How many parameters are stored as what, most first. */
  readonly dtypes: readonly DtypeShare[];
}

/** How two sets of weights differ, as far as their headers tell. */
export interface WeightChanges {
  readonly before: WeightTotals;
  readonly after: WeightTotals;
  /** By name, numbers in order. */
  readonly tensors: readonly TensorChange[];
  /** By key. */
  readonly metadata: readonly MetadataChange[];
  /** What has the same type and shape, in the order of the earlier set: headers do not tell whether its bytes differ. */
  readonly alike: readonly TensorPair[];
}

/** Reads nothing. */
export function weightChanges(before: WeightTable, after: WeightTable): WeightChanges {
  const earlier = byName(before.tensors);
  const later = byName(after.tensors);
  const changes: TensorChange[] = [];
  const alike: TensorPair[] = [];
  for (const [key, tensor] of earlier) {
    const other = later.get(key);
    const change = other ? formChange(tensor, other) : deletion(tensor);
    if (change) changes.push(change);
    else if (other) alike.push({ before: tensor, after: other });
  }
  for (const [key, { name, ...form }] of later) {
    if (!earlier.has(key)) changes.push({ kind: 'new', name, after: formOf(form) });
  }
  return {
    before: totalsOf(before),
    after: totalsOf(after),
    tensors: inOrder(changes),
    metadata: metadataChanges(before.metadata, after.metadata),
    alike,
  };
}

/** The same changes, and those tensors whose bytes differ. */
export function withContents(changes: WeightChanges, differing: readonly TensorPair[]): WeightChanges {
  const contents = differing.map(({ before, after }): TensorChange => ({
    kind: 'content',
    name: before.name,
    before: formOf(before),
    after: formOf(after),
  }));
  return { ...changes, tensors: inOrder([...changes.tensors, ...contents]) };
}

export function totalsOf({ tensors, parameters, dtypes }: WeightTable): WeightTotals {
  return { tensors: tensors.length, parameters, dtypes };
}

/** By the name, which a damaged set may have several times: the first of either side belong together, and so on. */
function byName(tensors: readonly StoredTensor[]): ReadonlyMap<string, StoredTensor> {
  const seen = new Map<string, number>();
  return new Map(
    tensors.map((tensor) => {
      const count = seen.get(tensor.name) ?? 0;
      seen.set(tensor.name, count + 1);
      return [`${count} ${tensor.name}`, tensor];
    }),
  );
}

function formChange(before: StoredTensor, after: StoredTensor): TensorChange | undefined {
  const isRetyped = before.dtype !== after.dtype;
  const isReshaped = !sameShape(before.shape, after.shape);
  if (!isRetyped && !isReshaped) return undefined;
  return {
    kind: isRetyped ? (isReshaped ? 'typeAndShape' : 'type') : 'shape',
    name: before.name,
    before: formOf(before),
    after: formOf(after),
  };
}

function deletion(tensor: StoredTensor): TensorChange {
  return { kind: 'deleted', name: tensor.name, before: formOf(tensor) };
}

function sameShape(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((length, at) => length === other[at]);
}

function formOf({ dtype, shape }: TensorForm): TensorForm {
  return { dtype, shape };
}

/** Of one language, so that the same changes are in the same order everywhere. */
const byNumbers = new Intl.Collator('en', { numeric: true });

function inOrder(changes: readonly TensorChange[]): readonly TensorChange[] {
  return changes.toSorted((a, b) => byNumbers.compare(a.name, b.name));
}

function metadataChanges(
  before: ReadonlyMap<string, MetadataValue>,
  after: ReadonlyMap<string, MetadataValue>,
): readonly MetadataChange[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => !ofSplitting(key))
    .sort()
    .map((key) => ({ key, before: before.get(key), after: after.get(key) }))
    .filter((change) => !sameValue(change.before, change.after));
}

/** What tells into how many files weights are split, and which of them this one is (`llama-gguf-split`). */
function ofSplitting(key: string): boolean {
  return key.startsWith('split.');
}

function sameValue(before: MetadataValue | undefined, after: MetadataValue | undefined): boolean {
  if (typeof before === 'object' && typeof after === 'object') {
    return before.length === after.length && before.digest === after.digest;
  }
  // A number is the same in however many bits.
  return isNumber(before) && isNumber(after) ? String(before) === String(after) : before === after;
}

function isNumber(value: MetadataValue | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}
