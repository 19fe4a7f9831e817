import * as l10n from '@vscode/l10n';
import { allOf } from '../async/allOf.ts';
import { Failure } from '../failure.ts';
import { isWeightsFile } from '../localModels/fileNames.ts';
import { LONGEST_STAND_IN, type StandIn, standInOf } from '../snapshot/files/standIn.ts';
import type { SnapshotFile } from '../snapshot/snapshot.ts';
import { sampleOf } from './content.ts';
import { namedPaths } from './warningTexts.ts';

const READ_AT_ONCE = 16;

/**
 * Looks into the small ones of `files` that claim to be more: objects, weights, and whatever a client downloaded. A
 * pointer of Git LFS or the text of a link would be taken for the content by whoever gets it.
 *
 * @throws Failure `unpublishable` that names those; and the signal's reason when aborted.
 */
export async function refuseStandIns(files: readonly SnapshotFile[], signal: AbortSignal): Promise<void> {
  const small = files.filter(({ size }) => size > 0 && size <= LONGEST_STAND_IN).filter(isClaim);
  const found = new Map<StandIn, SnapshotFile[]>();
  await allOf(small, READ_AT_ONCE, signal, async (file, either) => {
    const standIn = await standInFor(file, either);
    if (standIn !== undefined) found.set(standIn, [...(found.get(standIn) ?? []), file]);
  });
  const pointers = found.get('lfsPointer');
  if (pointers !== undefined) throw pointersInstead(pointers);
  const links = found.get('link');
  if (links !== undefined) throw linksInstead(links);
}

function isClaim({ kind, origin, path }: SnapshotFile): boolean {
  return kind === 'lfs' || ['download', 'hub'].includes(origin.kind) || isWeightsFile(path);
}

async function standInFor(file: SnapshotFile, signal: AbortSignal): Promise<StandIn | undefined> {
  try {
    return standInOf(await sampleOf(file, file.size), file.size);
  } catch (error) {
    signal.throwIfAborted();
    // What is missing or damaged is told where it is to be sent, or need not be sent at all.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function pointersInstead(files: readonly SnapshotFile[]): Failure {
  const paths = files.map(({ path }) => path).sort();
  return new Failure(
    'unpublishable',
    files.some(({ origin }) => ['download', 'hub'].includes(origin.kind))
      ? l10n.t(
          'These files hold a Git LFS pointer in place of their content, as the server sent them: {0}. Nothing was published. Download them from where the contents are, then publish again.',
          namedPaths(paths),
        )
      : l10n.t(
          'What Git LFS keeps of these files is a pointer once more, in place of their content: {0}. Nothing was published. Put the files themselves there, commit, then publish again.',
          namedPaths(paths),
        ),
    { paths },
  );
}

function linksInstead(files: readonly SnapshotFile[]): Failure {
  const paths = files.map(({ path }) => path).sort();
  const [origin] = files.map((file) => file.origin);
  const renew = origin?.kind === 'download' ? origin.renew : undefined;
  return new Failure(
    'unpublishable',
    renew === undefined
      ? l10n.t(
          'These files hold the text of a link in place of their content, as if they had been copied without links: {0}. Nothing was published. Put the files themselves there, then publish again.',
          namedPaths(paths),
        )
      : l10n.t(
          'These files hold the text of a link in place of their content, as if they had been copied without links: {0}. Nothing was published. Get them again with “{1}”, then publish again.',
          ...[namedPaths(paths), renew],
        ),
    { paths },
  );
}
