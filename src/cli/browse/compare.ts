import { resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { blobSha256 } from '../../core/publish/blobSha256.ts';
import { changesBetween, changesToSnapshot, filesToHash } from '../../core/publish/fileChanges.ts';
import type { RemoteFile } from '../../core/hub/remoteFile.ts';
import { type Sha256, shortName } from '../../core/objectIds.ts';
import { openSnapshot } from '../../core/snapshot/openSnapshot.ts';
import { weightLines } from '../../core/weights/changesText.ts';
import { compareWeights, type SetComparison, type WeightsSide } from '../../core/weights/compareWeights.ts';
import { snapshotSide, versionSide } from '../../core/weights/weightsSides.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exitCodes.ts';
import { connectionOf, filesOf, headOf, type HubAccess, readHub, type Reading } from '../hubAccess.ts';
import { rememberedHashes } from '../rememberedHashes.ts';
import { bytes } from '../texts.ts';
import { weightEvents } from './weightEvents.ts';

export type Side =
  | { readonly kind: 'version'; readonly model: string; readonly revision: string | undefined }
  /** HEAD of a repository, or a snapshot of the Hugging Face cache. */
  | {
      readonly kind: 'folder';
      /** As it was given: absolute, or relative to the working directory. */
      readonly path: string;
    };

export interface CompareRequest extends Reading {
  readonly before: Side;
  readonly after: Side;
}

/** What `compare --json` writes: the changes by path, one a line, what changed in weights, and {@link Compared} last. */
interface Change {
  readonly kind: 'file';
  readonly change: 'new' | 'changed' | 'deleted';
  /** Forward slashes. */
  readonly path: string;
  /** Bytes before and after; absent where there is no such file, or the server does not tell. */
  readonly before?: number;
  readonly after?: number;
}

interface Compared {
  readonly kind: 'compared';
  /** Names of the commits. */
  readonly before: string;
  readonly after: string;
  readonly new: number;
  readonly changed: number;
  readonly deleted: number;
}

interface Comparison {
  readonly changes: readonly Change[];
  readonly weights: readonly SetComparison[];
  readonly compared: Compared;
}

/** A version or a commit, read. */
interface Read extends WeightsSide {
  readonly commit: string;
}

/** What is there before and after of a path that differs. */
interface Difference {
  readonly path: string;
  readonly before: Pick<RemoteFile, 'size'> | undefined;
  readonly after: Pick<RemoteFile, 'size'> | undefined;
}

/** Writes what differs, and says why where it cannot be told. That something differs is no failure. */
export function carryOutCompare(request: CompareRequest, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  return readHub(request, context, async (access) => {
    const { changes, weights, compared } = await comparison(request, access, context);
    if (request.json) {
      for (const change of changes) terminal.json(change);
      for (const event of weights.flatMap(weightEvents)) terminal.json(event);
      terminal.json(compared);
      return;
    }
    for (const change of changes) terminal.result(lineOf(change));
    terminal.result(
      l10n.t(
        '{0} new, {1} changed, {2} deleted files from {3} to {4}',
        ...[compared.new, compared.changed, compared.deleted],
        ...[shortName(compared.before), shortName(compared.after)],
      ),
    );
    if (weights.length > 0) for (const line of ['', ...weightLines(weights)]) terminal.result(line);
  });
}

async function comparison(
  { before, after }: CompareRequest,
  access: HubAccess,
  context: Context,
): Promise<Comparison> {
  const { signal } = context;
  if (before.kind === 'version' && after.kind === 'version') {
    const [earlier, later] = await Promise.all([
      readVersion(before, access, signal),
      readVersion(after, access, signal),
    ]);
    return compared(earlier, later, changesBetween(earlier.files, later.files), signal);
  }
  if (before.kind === 'version' && after.kind === 'folder') {
    return withFolder(before, after.path, access, context, ({ version, head, differences }) =>
      compared(version, head, differences, signal),
    );
  }
  if (before.kind === 'folder' && after.kind === 'version') {
    return withFolder(after, before.path, access, context, ({ version, head, differences }) => {
      const reversed = differences.map((one) => ({ path: one.path, before: one.after, after: one.before }));
      return compared(head, version, reversed, signal);
    });
  }
  throw new RangeError('One side is a version.');
}

/** What publishing a folder would change in a version; good until `use` resolves. */
interface FolderReading {
  readonly version: Read;
  readonly head: Read;
  readonly differences: readonly Difference[];
}

async function withFolder<T>(
  version: Extract<Side, { kind: 'version' }>,
  folder: string,
  access: HubAccess,
  { process, signal }: Context,
  use: (reading: FolderReading) => Promise<T>,
): Promise<T> {
  const { log } = access;
  const hashes = rememberedHashes(process, log);
  const opening = openSnapshot(resolve(folder), { signal, log, hashes });
  // Told below, where the version can be read.
  opening.catch(() => undefined);
  try {
    const read = await readVersion(version, access, signal);
    const { files, commit } = await opening;
    const known = new Map<string, Sha256>();
    for (const file of filesToHash(read.files, files)) {
      known.set(file.path, await blobSha256(file, hashes, signal));
    }
    return await use({
      version: read,
      head: { commit, ...snapshotSide(files) },
      differences: changesToSnapshot(read.files, files, known),
    });
  } finally {
    await opening.then(
      (snapshot) => snapshot.dispose(),
      () => undefined,
    );
  }
}

async function readVersion(
  { model, revision = 'main' }: Extract<Side, { kind: 'version' }>,
  access: HubAccess,
  signal: AbortSignal,
): Promise<Read> {
  const connection = connectionOf(access, model);
  const { commit } = await headOf(connection, revision, signal);
  const files = await filesOf(connection, commit, signal);
  return { commit, ...versionSide(connection, commit, files) };
}

async function compared(
  before: Read,
  after: Read,
  differences: readonly Difference[],
  signal: AbortSignal,
): Promise<Comparison> {
  const changes = differences.map((one): Change => ({
    kind: 'file',
    change: one.before === undefined ? 'new' : one.after === undefined ? 'deleted' : 'changed',
    path: one.path,
    ...(one.before?.size !== undefined && { before: one.before.size }),
    ...(one.after?.size !== undefined && { after: one.after.size }),
  }));
  const count = (kind: Change['change']): number => changes.filter(({ change }) => change === kind).length;
  const counts = { new: count('new'), changed: count('changed'), deleted: count('deleted') };
  return {
    changes,
    weights: await compareWeights(before, after, new Set(changes.map(({ path }) => path)), signal),
    compared: { kind: 'compared', before: before.commit, after: after.commit, ...counts },
  };
}

const marks: Record<Change['change'], string> = { new: '+', changed: '~', deleted: '-' };

/** "~ model.safetensors (98 MB → 99 MB)". */
function lineOf({ change, path, before, after }: Change): string {
  const sizes = [before, after].filter((size) => size !== undefined).map(bytes);
  return `${marks[change]} ${path}${sizes.length === 0 ? '' : ` (${sizes.join(' → ')})`}`;
}
