import { allOf } from '../allOf.ts';
import { createHubClient, type HubClient, MAX_PER_CALL } from '../hub/client.ts';
import type { HttpClient } from '../http/client.ts';
import type { Log } from '../log.ts';
import type { LfsFile, Snapshot, SnapshotFile } from '../snapshot/snapshot.ts';
import { sampleOf } from './content.ts';
import type { PublishPlan } from './publishing.ts';
import { inChunks } from './run.ts';
import { holdsSecret } from './secrets.ts';
import {
  beginsAsPickle,
  cardOf,
  mayBePickle,
  PICKLE_SAMPLE,
  type PublishWarning,
  warningsOf,
} from './warnings.ts';

/** What a person is told of a plan before they agree. */
export interface Inspection {
  readonly warnings: readonly PublishWarning[];
  /** Bytes that travel. */
  readonly bytes: number;
  /** `atMost`: the registry was not asked about all of them. */
  readonly precision: 'exact' | 'atMost';
}

export interface InspectionServices {
  readonly http: HttpClient;
  readonly log: Log;
}

/** Texts longer than this hold data, and no configuration that somebody wrote a token into. Bytes. */
const LONGEST_TEXT = 64 * 1024;
const MOST_TEXTS = 500;
const MOST_BINARIES = 500;
const READ_AT_ONCE = 4;
const CALLS_AT_ONCE = 3;
/** Objects that the registry is asked about before a publish: a few requests. */
const MOST_ASKED = 4 * MAX_PER_CALL;

/**
 * Looks at what a plan would publish: reads the model card and small texts, and asks the registry which of the objects it has. What
 * cannot be looked at is not warned of; nothing fails but an abort.
 *
 * @param ahead Commits that the upstream of the branch lacks; undefined where that is not known.
 */
export async function inspect(
  plan: PublishPlan,
  { http, log }: InspectionServices,
  ahead: number | undefined,
  signal: AbortSignal,
): Promise<Inspection> {
  const { hub: target, model } = plan.target;
  const hub = createHubClient({ endpoint: target.endpoint, token: target.token, model, http });
  const [card, secrets, noPickles, travelling] = await Promise.all([
    readCard(plan.snapshot, log, signal),
    findSecrets(plan.changed, log, signal),
    findNoPickles(plan.changed, log, signal),
    countTravelling(plan, hub, log, signal),
  ]);
  const { snapshot, changed } = plan;
  return {
    warnings: warningsOf({ snapshot, changed, bytes: travelling.bytes, card, secrets, noPickles, ahead }),
    ...travelling,
  };
}

async function readCard(snapshot: Snapshot, log: Log, signal: AbortSignal): Promise<string | undefined> {
  const card = cardOf(snapshot);
  return card && readText(card, log, signal);
}

async function findSecrets(
  files: readonly SnapshotFile[],
  log: Log,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const small = files.filter(({ kind, size }) => kind === 'blob' && size > 0 && size <= LONGEST_TEXT);
  const looked = await allOf(small.slice(0, MOST_TEXTS), READ_AT_ONCE, signal, async (file) => {
    const text = await readText(file, log, signal);
    return text !== undefined && holdsSecret(text) ? [file.path] : [];
  });
  return looked.flat();
}

async function findNoPickles(
  files: readonly SnapshotFile[],
  log: Log,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const candidates = files.filter(mayBePickle).slice(0, MOST_BINARIES);
  const looked = await allOf(candidates, READ_AT_ONCE, signal, async (file) => {
    const sample = await readSample(file, PICKLE_SAMPLE, log, signal);
    return sample === undefined || beginsAsPickle(sample) ? [] : [file.path];
  });
  return looked.flat();
}

/** The beginning of a text that Git holds; undefined for what is no text, or cannot be read. */
async function readText(file: SnapshotFile, log: Log, signal: AbortSignal): Promise<string | undefined> {
  if (file.kind !== 'blob') return undefined;
  const bytes = await readSample(file, Math.min(file.size, LONGEST_TEXT), log, signal);
  return bytes === undefined || bytes.includes(0) ? undefined : bytes.toString('utf8');
}

/** The first bytes of a file, at most `bytes`; undefined for what cannot be read, such as an object that is not on this machine. */
async function readSample(
  file: SnapshotFile,
  bytes: number,
  log: Log,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  signal.throwIfAborted();
  try {
    return await sampleOf(file, Math.min(file.size, bytes));
  } catch (error) {
    signal.throwIfAborted();
    log.warn(`${file.path} could not be looked at: ${String(error)}`);
    return undefined;
  }
}

/**
 * The bytes that travel. Only objects can be there already, under another path or in another version; about a plain file that the
 * registry keeps as an object nothing is known before it is hashed.
 */
async function countTravelling(
  plan: PublishPlan,
  hub: HubClient,
  log: Log,
  signal: AbortSignal,
): Promise<Pick<Inspection, 'bytes' | 'precision'>> {
  const objects = new Map(
    plan.changed
      .filter((file): file is LfsFile => file.kind === 'lfs' && file.size > 0)
      .map(({ sha256, size }) => [sha256, { oid: sha256, size }]),
  );
  const blobs = plan.changed.filter(({ kind }) => kind === 'blob');
  const atMost = { bytes: sumOf(blobs) + sumOf([...objects.values()]), precision: 'atMost' } as const;
  // A model that does not exist cannot be asked; nor does that make it.
  if (plan.parentCommit === undefined || objects.size > MOST_ASKED) return atMost;
  try {
    const chunks = inChunks([...objects.values()], MAX_PER_CALL);
    const stored = await allOf(chunks, CALLS_AT_ONCE, signal, async (chunk) => {
      const answer = await hub.batch(plan.target.hub.revision, chunk, signal);
      return chunk.filter(({ oid }) => answer.get(oid)?.kind === 'stored');
    });
    const mayBeThere = blobs.some(
      ({ path, size }) => plan.remote.get(path)?.sha256 !== undefined || size > LONGEST_TEXT,
    );
    return {
      bytes: atMost.bytes - sumOf(stored.flat()),
      precision: mayBeThere ? 'atMost' : 'exact',
    };
  } catch (error) {
    signal.throwIfAborted();
    log.warn(`Which objects the registry has could not be asked: ${String(error)}`);
    return atMost;
  }
}

function sumOf(files: readonly { readonly size: number }[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
