import type { SetComparison } from '../../core/weights/compareWeights.ts';
import type {
  MetadataChange,
  TensorChange,
  TensorForm,
  WeightTotals,
} from '../../core/weights/weightChanges.ts';
import type { WeightSet } from '../../core/weights/weightSets.ts';
import type { MetadataValue } from '../../core/weights/weightTable.ts';

/** What `compare --json` writes of weights that differ, one a line: for each set its changes, and itself last. */
type WeightEvent = TensorEvent | MetadataEvent | WeightsEvent;

interface TensorEvent {
  readonly kind: 'tensor';
  /** Names the set. */
  readonly weights: string;
  readonly change: TensorChange['kind'];
  readonly name: string;
  readonly before?: TensorForm;
  readonly after?: TensorForm;
}

/** A number beyond those that are exact in JSON is a text; a list is its length. */
type JsonValue = string | number | boolean | { readonly length: number };

interface MetadataEvent {
  readonly kind: 'metadata';
  readonly weights: string;
  readonly change: 'new' | 'changed' | 'deleted';
  readonly key: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
}

interface WeightsEvent {
  readonly kind: 'weights';
  readonly weights: string;
  /** `unread`: `problem` says why. */
  readonly change: SetComparison['kind'];
  readonly before?: WeightsOfSide;
  readonly after?: WeightsOfSide;
  /** How many tensors have the same type and shape, those of other content among them. */
  readonly alike?: number;
  /** What of them was compared. */
  readonly compared?: 'headers' | 'bytes';
  readonly problem?: string;
}

interface WeightsOfSide extends Partial<WeightTotals> {
  /** What names the set: its index, or its first file. */
  readonly path: string;
  readonly format: string;
  readonly files: number;
}

export function weightEvents(comparison: SetComparison): readonly WeightEvent[] {
  const weights = nameOf(comparison);
  const common = { kind: 'weights', weights, change: comparison.kind } as const;
  switch (comparison.kind) {
    case 'new':
      return [{ ...common, after: sideOf(comparison.after, comparison.totals) }];
    case 'deleted':
      return [{ ...common, before: sideOf(comparison.before, comparison.totals) }];
    case 'unread': {
      const { before, after, problem } = comparison;
      return [
        {
          ...common,
          ...(before && { before: sideOf(before) }),
          ...(after && { after: sideOf(after) }),
          problem,
        },
      ];
    }
    case 'changed': {
      const { before, after, changes, isByBytes } = comparison;
      return [
        ...changes.tensors.map((change) => tensorEvent(weights, change)),
        ...changes.metadata.map((change) => metadataEvent(weights, change)),
        {
          ...common,
          before: sideOf(before, changes.before),
          after: sideOf(after, changes.after),
          alike: changes.alike.length,
          compared: isByBytes ? 'bytes' : 'headers',
        },
      ];
    }
  }
}

function nameOf(comparison: SetComparison): string {
  const { after } = comparison.kind === 'deleted' ? { after: undefined } : comparison;
  const { before } = comparison.kind === 'new' ? { before: undefined } : comparison;
  return (after ?? before)?.entry ?? '';
}

function sideOf({ entry, format, files }: WeightSet, totals?: WeightTotals): WeightsOfSide {
  return { path: entry, format, files: files.length, ...totals };
}

function tensorEvent(weights: string, { kind, ...change }: TensorChange): TensorEvent {
  return { kind: 'tensor', weights, change: kind, ...change };
}

function metadataEvent(weights: string, { key, before, after }: MetadataChange): MetadataEvent {
  return {
    kind: 'metadata',
    weights,
    change: before === undefined ? 'new' : after === undefined ? 'deleted' : 'changed',
    key,
    ...(before !== undefined && { before: jsonOf(before) }),
    ...(after !== undefined && { after: jsonOf(after) }),
  };
}

function jsonOf(value: MetadataValue): JsonValue {
  if (typeof value === 'object') return { length: value.length };
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
