import * as l10n from '@vscode/l10n';
import { allOf } from '../async/allOf.ts';
import { Failure } from '../failure.ts';
import type { HubClient } from '../hub/client.ts';
import { MAX_PER_CALL } from '../hub/connection.ts';
import type { LfsObject } from '../hub/lfsBatch.ts';
import type { Log } from '../log.ts';
import type { Sha256 } from '../objectIds.ts';
import type { LfsFile } from '../snapshot/snapshot.ts';
import { missingObjects, remedyFor } from './contentFailures.ts';
import type { PublishPlan } from './publishing.ts';
import { inChunks } from './run.ts';

const LOOKS_AT_ONCE = 16;
const CALLS_AT_ONCE = 3;

/** Whether the content of a file is on this machine; or why nobody can say so, or read it. */
export type Presence = 'here' | 'absent' | Failure;

/** Where a file may not be read, the registry may still have it: that is told, not thrown. Throws what is none of the file's business. */
export async function presenceOf(file: LfsFile): Promise<Presence> {
  try {
    return (await file.present()) ? 'here' : 'absent';
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/**
 * What a publish of the plan would end in, because the content of changed files is neither on this machine nor in the registry; undefined
 * where all of it is somewhere. The registry is asked only where something is not here, and nothing is sent. A model that does not exist
 * cannot be asked; nor does that make it.
 */
export async function missingContent(
  { changed, parentCommit, target }: Pick<PublishPlan, 'changed' | 'parentCommit' | 'target'>,
  hub: HubClient,
  log: Log,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const files = changed.filter((file): file is LfsFile => file.kind === 'lfs' && file.size > 0);
  const looked = await allOf(files, LOOKS_AT_ONCE, signal, async (file) => ({
    file,
    presence: await presenceOf(file),
  }));
  const here = new Set(looked.flatMap(({ file, presence }) => (presence === 'here' ? [file.sha256] : [])));
  const absent = looked.filter(({ file }) => !here.has(file.sha256));
  if (absent.length === 0) return undefined;
  const absentFiles = absent.map(({ file }) => file);
  const wanted =
    parentCommit === undefined ? undefined : await wantedBy(hub, target, absentFiles, log, signal);
  const lost = absent.filter(({ file }) => wanted?.has(file.sha256) ?? true);
  if (lost.length === 0) return undefined;
  return (
    refusalAmong(lost) ?? (wanted === undefined ? notHere : missingObjects)(lost.map(({ file }) => file))
  );
}

/** Why one of them may not be read, which tells more than that it is not here. */
export function refusalAmong(looked: readonly { readonly presence: Presence }[]): Failure | undefined {
  return looked.map(({ presence }) => presence).find((presence) => presence instanceof Failure);
}

/** The objects that the files stand for, each once. */
export function objectsOf(files: readonly LfsFile[]): readonly LfsObject[] {
  return [...new Map(files.map(({ sha256, size }) => [sha256, { oid: sha256, size }])).values()];
}

/** Those of `files` that the registry would want to be sent; undefined where it does not say. */
async function wantedBy(
  hub: HubClient,
  { hub: { revision } }: PublishPlan['target'],
  files: readonly LfsFile[],
  log: Log,
  signal: AbortSignal,
): Promise<ReadonlySet<Sha256> | undefined> {
  try {
    const chunks = inChunks(objectsOf(files), MAX_PER_CALL);
    const wanted = await allOf(chunks, CALLS_AT_ONCE, signal, async (chunk) => {
      const answer = await hub.batch(revision, chunk, signal);
      return chunk.map(({ oid }) => oid).filter((oid) => answer.get(oid)?.kind === 'wanted');
    });
    return new Set(wanted.flat());
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    log.warn(`Whether the registry has what is not here could not be asked: ${error.message}`);
    return undefined;
  }
}

/** The content of `files`, at least one, is not on this machine, and the registry cannot be asked. */
function notHere(files: readonly LfsFile[]): Failure {
  const paths = files.map(({ path }) => path);
  const { sentence, command } = remedyFor(files);
  return new Failure(
    'missingObject',
    paths.length === 1
      ? l10n.t('The content of “{0}” is not on this machine. {1}', paths[0] ?? '', sentence)
      : l10n.t(
          'The contents of “{0}” and {1} more are not on this machine. {2}',
          paths[0] ?? '',
          paths.length - 1,
          sentence,
        ),
    { paths, command },
  );
}
