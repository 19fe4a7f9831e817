import { stat } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import prettyBytes from 'pretty-bytes';
import { allOf } from '../async/allOf.ts';
import { Lanes } from '../async/lanes.ts';
import { Failure } from '../failure.ts';
import type { HttpClient } from '../http/client.ts';
import { createHubClient } from '../hub/client.ts';
import { connectionTo } from '../hub/connection.ts';
import type { Log } from '../log.ts';
import { shortName } from '../objectIds.ts';
import { TransferMeter } from '../progress/meter.ts';
import type { HashMemory } from '../snapshot/hashMemory.ts';
import { cacheTaken } from './cacheOwners.ts';
import { bytesIn, PIECE_SIZES, type PieceSizes } from './byteRanges.ts';
import { asFailure, freeBytes } from './confinement.ts';
import { Connections } from './connections.ts';
import { MOST_CONNECTIONS } from './mostConnections.ts';
import { byContent, type SameContent } from './contents.ts';
import { layoutFor } from './destinations.ts';
import type {
  Downloader,
  DownloadOptions,
  DownloadOutcome,
  DownloadPlan,
  DownloadSource,
  WantedFile,
} from './downloading.ts';
import { FileHashThread } from './hashThread.ts';
import { rangeNotesOf, type Layout, type Standing } from './layout.ts';
import { obtain, type Run } from './obtaining.ts';
import { RangeSupport } from './rangedFetch.ts';
import { rangesLeft } from './rangedFile.ts';
import { versionFiles } from './versionFiles.ts';

/** So many are open: enough for every connection where all are small. */
const CONTENTS_AT_ONCE = MOST_CONNECTIONS;
const LOOKS_AT_ONCE = 4;

interface DownloaderServices {
  readonly http: HttpClient;
  /** Redacts already. */
  readonly log: Log;
  /** Spares reading large files again that are there already. */
  readonly hashes?: HashMemory | undefined;
  /** Of what size the ranges are that large contents are fetched in. */
  readonly pieceSizes?: PieceSizes;
}

interface RunServices extends DownloaderServices {
  readonly pieceSizes: PieceSizes;
  /** Two downloads may need the same content, and it gathers in one file. */
  readonly lanes: Lanes;
}

export function createDownloader(services: DownloaderServices): Downloader {
  const { http, hashes, pieceSizes = PIECE_SIZES } = services;
  const underWay = new Set<string>();
  const lanes = new Lanes(1);

  return {
    async plan(source, destination, { signal, paths }) {
      const all = await versionFiles(source, http, signal);
      const named = new Set(paths);
      const wanted = paths === undefined ? all : all.filter(({ path }) => named.has(path));
      if (wanted.length === 0) throw nothingThere(source, paths);
      const listing = new Map(all.map(({ path, size, id }) => [path, { size, id }]));
      const branch = destination.kind === 'cache' ? await branchOf(source, http, signal) : undefined;
      try {
        const layout = await layoutFor({ source, destination, listing, branch }, hashes);
        const standings = await allOf(wanted, LOOKS_AT_ONCE, signal, (file, either) =>
          layout.look(file, either),
        );
        const those = (...standing: Standing[]): WantedFile[] =>
          wanted.filter((_file, index) => standing.includes(standings[index] ?? 'missing'));
        return {
          source,
          destination,
          path: layout.path,
          listing,
          branch,
          missing: those('missing', 'stored'),
          stored: those('stored'),
          present: those('present'),
          differing: those('differing'),
          totalBytes: sum(wanted.map(({ size }) => size)),
          cacheConflict: await layout.conflict(signal),
          bytes: sum(
            await Promise.all(
              byContent(those('missing')).map((content) => lacking(content, layout, pieceSizes)),
            ),
          ),
        };
      } catch (error) {
        signal.throwIfAborted();
        throw asFailure(error);
      }
    },

    async download(plan, options) {
      if (underWay.has(plan.path)) {
        const failure = new Failure(
          'busy',
          l10n.t('Something is already being downloaded to “{0}”. Wait until that has ended.', plan.path),
        );
        return { kind: 'failed', failure, receivedBytes: 0 };
      }
      underWay.add(plan.path);
      try {
        return await outcomeOf(plan, options, { ...services, pieceSizes, lanes });
      } finally {
        underWay.delete(plan.path);
      }
    },
  };
}

async function outcomeOf(
  plan: DownloadPlan,
  options: DownloadOptions,
  services: RunServices,
): Promise<DownloadOutcome> {
  const { log } = services;
  const { signal, differing } = options;
  const what = `${plan.source.model} at ${plan.source.commit}`;
  let meter: TransferMeter | undefined;
  const hashing = new FileHashThread();
  const receivedBytes = (): number => meter?.doneBytes ?? 0;
  try {
    signal.throwIfAborted();
    const layout = await layoutFor(plan, services.hashes);
    await refuseConflict(plan, layout, options);
    await layout.begin();
    const contents = byContent(differing === 'keep' ? plan.missing : [...plan.missing, ...plan.differing]);
    meter = await begin(plan, contents, layout, options, services);
    const run: Run = {
      ...services,
      plan,
      layout,
      stored: new Set(plan.stored.map(({ path }) => path)),
      agreed: new Set(differing === 'replace' ? plan.differing.map(({ path }) => path) : []),
      meter,
      connections: new Connections(options.concurrency ?? MOST_CONNECTIONS, services.pieceSizes),
      support: new RangeSupport(),
      hashing,
    };
    await allOf([...contents.entries()], CONTENTS_AT_ONCE, signal, ([rank, content], either) =>
      obtain(run, rank, content, either),
    );
    // Hours may have passed, and other clients write to the cache.
    await refuseConflict(plan, layout, options);
    await layout.end(plan.present);
    log.info(`Downloaded ${what} to ${plan.path}.`);
    return {
      kind: 'downloaded',
      path: plan.path,
      files: contents.flat().length,
      kept: differing === 'keep' ? plan.differing.map(({ path }) => path) : [],
      receivedBytes: receivedBytes(),
    };
  } catch (thrown) {
    if (signal.aborted) {
      log.info(`The download of ${what} was cancelled.`);
      return { kind: 'cancelled', receivedBytes: receivedBytes() };
    }
    const failure = asFailure(thrown);
    if (!(failure instanceof Failure)) throw thrown;
    log.error(`The download of ${what} failed (${failure.kind}): ${failure.message}`);
    return { kind: 'failed', failure, receivedBytes: receivedBytes() };
  } finally {
    meter?.end();
    await hashing.close();
  }
}

async function refuseConflict(
  { source }: DownloadPlan,
  layout: Layout,
  { cacheConflict: agreed, signal }: DownloadOptions,
): Promise<void> {
  const conflict = agreed === 'replace' ? undefined : await layout.conflict(signal);
  if (conflict !== undefined) throw cacheTaken(source.model, conflict);
}

/** Looks how much is there and whether there is room for the rest, and begins to count. */
async function begin(
  plan: DownloadPlan,
  contents: readonly SameContent[],
  layout: Layout,
  { onProgress }: DownloadOptions,
  { pieceSizes }: RunServices,
): Promise<TransferMeter> {
  const stored = new Set(plan.stored.map(({ path }) => path));
  const fetched = contents.filter(([first]) => !stored.has(first.path));
  const lacks = sum(await Promise.all(fetched.map((content) => lacking(content, layout, pieceSizes))));
  const copies = layout.copies
    ? sum(
        contents.map(([first, ...others]) => first.size * (others.length + (stored.has(first.path) ? 1 : 0))),
      )
    : 0;
  const free = await freeBytes(layout.path);
  if (free !== undefined && lacks + copies > free) throw noRoom(plan.path, lacks + copies, free);
  const totalBytes = sum(fetched.map(([{ size }]) => size));
  const begun = { doneBytes: totalBytes - lacks, totalBytes, totalFiles: contents.flat().length };
  return new TransferMeter(
    ({ doneBytes, ...rest }) => onProgress({ receivedBytes: doneBytes, ...rest }),
    begun,
  );
}

/** Bytes of a content that no earlier download has left. */
async function lacking(
  [{ size, id }]: SameContent,
  layout: Layout,
  { worthwhile }: PieceSizes,
): Promise<number> {
  const path = layout.partialFile(id);
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  if (stats === undefined) return size;
  const file = { size: Number(stats.size), inode: stats.ino };
  if (size < worthwhile) return file.size > size ? size : size - file.size;
  const { ranges } = await rangesLeft(rangeNotesOf(path), { size, id }, file);
  return size - bytesIn(ranges);
}

async function branchOf(
  { hub, model, commit }: DownloadSource,
  http: HttpClient,
  signal: AbortSignal,
): Promise<string | undefined> {
  const client = createHubClient(connectionTo(hub, model, http));
  const head = await client.head(hub.revision, signal);
  return head?.commit === commit ? hub.revision : undefined;
}

function nothingThere({ model, commit }: DownloadSource, paths: readonly string[] | undefined): Failure {
  const version = shortName(commit);
  return new Failure(
    'notFound',
    paths === undefined
      ? l10n.t('The version {1} of “{0}” holds no files.', model, version)
      : l10n.t('The version {1} of “{0}” holds no file “{2}”.', model, version, paths.join(', ')),
  );
}

function noRoom(path: string, needed: number, free: number): Failure {
  return new Failure(
    'disk',
    l10n.t(
      'There is not enough room at “{0}”: {1} are needed, {2} are free. Free some, or choose another place.',
      path,
      prettyBytes(needed),
      prettyBytes(free),
    ),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
