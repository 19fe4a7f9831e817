import { resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { blobSha256 } from '../../core/publish/blobSha256.ts';
import { changesBetween, changesToSnapshot, filesToHash } from '../../core/publish/fileChanges.ts';
import type { RemoteFile } from '../../core/hub/remoteFile.ts';
import { type Sha256, shortName } from '../../core/objectIds.ts';
import { openSnapshot } from '../../core/snapshot/openSnapshot.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exitCodes.ts';
import { connectionOf, filesOf, headOf, type HubAccess, readHub, type Reading } from '../hubAccess.ts';
import { rememberedHashes } from '../rememberedHashes.ts';
import { bytes } from '../texts.ts';

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

/** What `compare --json` writes: the changes by path, one a line, and {@link Compared} last. */
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
    const { changes, compared } = await comparison(request, access, context);
    if (request.json) {
      for (const change of changes) terminal.json(change);
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
  });
}

async function comparison(
  { before, after }: CompareRequest,
  access: HubAccess,
  context: Context,
): Promise<{ readonly changes: readonly Change[]; readonly compared: Compared }> {
  const { signal } = context;
  if (before.kind === 'version' && after.kind === 'version') {
    const [earlier, later] = await Promise.all([
      versionFiles(before, access, signal),
      versionFiles(after, access, signal),
    ]);
    return told(changesBetween(earlier.files, later.files), earlier.commit, later.commit);
  }
  if (before.kind === 'version' && after.kind === 'folder') {
    const { differences, commit, head } = await toFolder(before, after.path, access, context);
    return told(differences, commit, head);
  }
  if (before.kind === 'folder' && after.kind === 'version') {
    const { differences, commit, head } = await toFolder(after, before.path, access, context);
    const reversed = differences.map((one) => ({ path: one.path, before: one.after, after: one.before }));
    return told(reversed, head, commit);
  }
  throw new RangeError('One side is a version.');
}

/** What publishing a folder would change in a version. */
async function toFolder(
  version: Extract<Side, { kind: 'version' }>,
  folder: string,
  access: HubAccess,
  { process, signal }: Context,
): Promise<{
  readonly differences: readonly Difference[];
  readonly commit: string;
  readonly head: string;
}> {
  const { log } = access;
  const hashes = rememberedHashes(process, log);
  const opening = openSnapshot(resolve(folder), { signal, log, hashes });
  // Told below, where the version can be read.
  opening.catch(() => undefined);
  try {
    const { files, commit } = await versionFiles(version, access, signal);
    const snapshot = await opening;
    const known = new Map<string, Sha256>();
    for (const file of filesToHash(files, snapshot.files)) {
      known.set(file.path, await blobSha256(file, hashes, signal));
    }
    return { differences: changesToSnapshot(files, snapshot.files, known), commit, head: snapshot.commit };
  } finally {
    await opening.then(
      (snapshot) => snapshot.dispose(),
      () => undefined,
    );
  }
}

async function versionFiles(
  { model, revision = 'main' }: Extract<Side, { kind: 'version' }>,
  access: HubAccess,
  signal: AbortSignal,
): Promise<{ readonly commit: string; readonly files: readonly RemoteFile[] }> {
  const connection = connectionOf(access, model);
  const { commit } = await headOf(connection, revision, signal);
  return { commit, files: await filesOf(connection, commit, signal) };
}

function told(
  differences: readonly Difference[],
  before: string,
  after: string,
): { readonly changes: readonly Change[]; readonly compared: Compared } {
  const changes = differences.map((one): Change => ({
    kind: 'file',
    change: one.before === undefined ? 'new' : one.after === undefined ? 'deleted' : 'changed',
    path: one.path,
    ...(one.before?.size !== undefined && { before: one.before.size }),
    ...(one.after?.size !== undefined && { after: one.after.size }),
  }));
  const count = (kind: Change['change']): number => changes.filter(({ change }) => change === kind).length;
  const counts = { new: count('new'), changed: count('changed'), deleted: count('deleted') };
  return { changes, compared: { kind: 'compared', before, after, ...counts } };
}

const marks: Record<Change['change'], string> = { new: '+', changed: '~', deleted: '-' };

/** "~ model.safetensors (98 MB → 99 MB)". */
function lineOf({ change, path, before, after }: Change): string {
  const sizes = [before, after].filter((size) => size !== undefined).map(bytes);
  return `${marks[change]} ${path}${sizes.length === 0 ? '' : ` (${sizes.join(' → ')})`}`;
}
