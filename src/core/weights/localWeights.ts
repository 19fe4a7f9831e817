import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { allOf } from '../async/allOf.ts';
import { Failure } from '../failure.ts';
import type { RemoteFile } from '../hub/remoteFile.ts';
import { isGone, plainly } from '../snapshot/files/systemErrors.ts';
import type { SetComparison } from './compareWeights.ts';
import { createFolderReader } from './folderReader.ts';
import { CONFIG } from './safetensors.ts';
import { readWeightTable, weightSetsAmong } from './readWeights.ts';
import { bytesOf, differingPairs } from './differingPairs.ts';
import { weightChanges, withContents } from './weightChanges.ts';
import { isWeightsPath, type WeightSet } from './weightSets.ts';
import type { WeightTable } from './weightTable.ts';

/** How far a comparison is, in bytes of the earlier side. */
export interface ComparedBytes {
  readonly done: number;
  readonly total: number;
}

interface Comparing {
  readonly signal: AbortSignal;
  /** Called often. */
  readonly onProgress: (progress: ComparedBytes) => void;
}

/**
 * How two sets of weights on this machine differ, with the tensors whose bytes differ. Memory stays at some megabytes
 * beside the headers.
 *
 * @param before Path of a file, or of an index. What belongs to it lies in the same folder, and is read, too.
 * @throws Failure where one cannot be read, is damaged, or is in parts of which some are missing; `refused` where both
 *   are of the same weights; the signal's reason when aborted.
 */
export async function compareLocalWeights(
  before: string,
  after: string,
  { signal, onProgress }: Comparing,
): Promise<Extract<SetComparison, { kind: 'changed' }>> {
  const [earlier, later] = await allOf([before, after], 2, signal, readLocal);
  if (!earlier || !later) throw new RangeError('Two are read.');
  if (earlier.folder === later.folder && earlier.table.set.entry === later.table.set.entry) {
    throw sameWeights(before, after, earlier.table.set);
  }
  const changes = weightChanges(earlier.table, later.table);
  const total = bytesOf(changes.alike);
  let done = 0;
  const differing = await differingPairs(
    changes.alike,
    { before: earlier.folder, after: later.folder },
    {
      signal,
      onBytes: (bytes) => {
        done += bytes;
        onProgress({ done, total });
      },
    },
  );
  return {
    kind: 'changed',
    before: earlier.table.set,
    after: later.table.set,
    changes: withContents(changes, differing),
    isByBytes: true,
  };
}

/** What a file belongs to. */
interface LocalWeights {
  /** Absolute path. */
  readonly folder: string;
  readonly table: WeightTable;
}

async function readLocal(file: string, signal: AbortSignal): Promise<LocalWeights> {
  const folder = dirname(resolve(file));
  const files = await filesIn(folder, signal);
  const open = (reading: AbortSignal) => createFolderReader(folder, files, reading);
  const name = basename(file);
  const sets = await weightSetsAmong(files, open, signal);
  const set = sets.find(({ entry, files: own }) => entry === name || own.some(({ path }) => path === name));
  if (!set) throw noWeights(file);
  return { folder, table: await readWeightTable(open(signal), set, signal) };
}

const STATS_AT_ONCE = 16;

/** The weights of a folder, and what tells of them. */
async function filesIn(folder: string, signal: AbortSignal): Promise<readonly RemoteFile[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw plainly(error, folder);
  });
  const wanted = names.filter((name) => isWeightsPath(name) || name === CONFIG);
  const found = await allOf(wanted, STATS_AT_ONCE, signal, async (name): Promise<readonly RemoteFile[]> => {
    try {
      const stats = await stat(join(folder, name));
      return stats.isFile() ? [{ path: name, size: stats.size, gitSha1: undefined, sha256: undefined }] : [];
    } catch (error) {
      // Went away meanwhile, or is a link to nothing.
      if (isGone(error)) return [];
      throw plainly(error, join(folder, name));
    }
  });
  return found.flat();
}

function noWeights(file: string): Failure {
  return new Failure(
    'notFound',
    l10n.t(
      '“{0}” is not there, or is no weights. Name a file that ends with .safetensors, .gguf or .safetensors.index.json.',
      file,
    ),
  );
}

function sameWeights(before: string, after: string, { entry }: WeightSet): Failure {
  return new Failure(
    'refused',
    l10n.t(
      '“{0}” and “{1}” are both of the weights “{2}”. Name a file of other weights to compare with.',
      ...[basename(before), basename(after), entry],
    ),
  );
}
