import * as l10n from '@vscode/l10n';
import { allOf } from '../async/allOf.ts';
import { Failure } from '../failure.ts';
import type { RemoteFile } from '../hub/remoteFile.ts';
import { readWeightTable, weightSetsAmong, type OpenReader } from './readWeights.ts';
import { pairSets, type SetPair } from './setPairs.ts';
import { type WeightChanges, weightChanges, type WeightTotals, totalsOf } from './weightChanges.ts';
import { isWeightsPath, type WeightSet } from './weightSets.ts';
import type { WeightTable } from './weightTable.ts';

/** What is compared: the files of a version, a commit or a folder, and the way to their headers. */
export interface WeightsSide {
  /** All files: an index may name any, and the configuration tells how weights are packed. */
  readonly files: readonly RemoteFile[];
  readonly open: OpenReader;
}

/** How weights differ that are in two versions, or in one of them. Each set is named by its index or its first file. */
export type SetComparison =
  | {
      readonly kind: 'changed';
      readonly before: WeightSet;
      readonly after: WeightSet;
      readonly changes: WeightChanges;
      /** Whether the bytes of tensors were compared that have the same type and shape. */
      readonly isByBytes: boolean;
    }
  | { readonly kind: 'new'; readonly after: WeightSet; readonly totals: WeightTotals }
  | { readonly kind: 'deleted'; readonly before: WeightSet; readonly totals: WeightTotals }
  /** Its headers were not read; `problem` is a sentence that says why. */
  | (SetPair & { readonly kind: 'unread'; readonly problem: string });

/** Of each two headers are read, of megabytes where a vocabulary is in them: more are quantizations of one model. */
const MOST_SETS = 8;
const SETS_AT_ONCE = 2;

/**
 * How the weights differ of two versions, as far as headers tell: nothing else of them is read. Weights whose files are
 * the same are left out, and so is reading them.
 *
 * @param changed Paths of the files whose contents differ, or that are on one side only.
 * @throws Failure where an index cannot be read, and the signal's reason when aborted. Why headers could not be read is in
 *   the comparison.
 */
export async function compareWeights(
  before: WeightsSide,
  after: WeightsSide,
  changed: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly SetComparison[]> {
  if (![...changed].some(isWeightsPath)) return [];
  const [earlier, later] = await allOf([before, after], 2, signal, ({ files, open }, either) =>
    weightSetsAmong(files, open, either),
  );
  const pairs = pairSets(earlier ?? [], later ?? []).filter((pair) =>
    pathsOf(pair).some((path) => changed.has(path)),
  );
  const read = await allOf(pairs.slice(0, MOST_SETS), SETS_AT_ONCE, signal, (pair, either) =>
    comparisonOf(pair, before, after, either),
  );
  return [...read, ...pairs.slice(MOST_SETS).map(leftOut)];
}

async function comparisonOf(
  pair: SetPair,
  before: WeightsSide,
  after: WeightsSide,
  signal: AbortSignal,
): Promise<SetComparison> {
  const tableOf = async ({ open }: WeightsSide, set: WeightSet | undefined, either: AbortSignal) =>
    set && readWeightTable(open(either), set, either);
  try {
    const [earlier, later] = await allOf(
      [[before, pair.before] as const, [after, pair.after] as const],
      2,
      signal,
      ([side, set], either) => tableOf(side, set, either),
    );
    return compared(earlier, later);
  } catch (error) {
    // What is known of other weights, and of the files, is not hidden by it.
    if (signal.aborted || !(error instanceof Failure)) throw error;
    return { kind: 'unread', ...pair, problem: error.message };
  }
}

function compared(before: WeightTable | undefined, after: WeightTable | undefined): SetComparison {
  if (before && after) {
    return {
      kind: 'changed',
      before: before.set,
      after: after.set,
      changes: weightChanges(before, after),
      isByBytes: false,
    };
  }
  if (after) return { kind: 'new', after: after.set, totals: totalsOf(after) };
  if (before) return { kind: 'deleted', before: before.set, totals: totalsOf(before) };
  throw new RangeError('A pair has a side.');
}

function leftOut(pair: SetPair): SetComparison {
  const problem = l10n.t(
    'Not read: of one comparison, the headers of {0} sets of weights are read.',
    MOST_SETS,
  );
  return { kind: 'unread', ...pair, problem };
}

function pathsOf({ before, after }: SetPair): readonly string[] {
  return [before, after].flatMap((set) =>
    set ? [set.entry, ...set.files.map(({ path }) => path), ...(set.indexed ?? [])] : [],
  );
}
