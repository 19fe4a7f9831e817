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
import { asFailure, freeBytes } from './confinement.ts';
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
import { fetchContent } from './fetchContent.ts';
import type { Layout, Standing } from './layout.ts';
import { discard, openPartialFile } from './partialFile.ts';
import { versionFiles } from './versionFiles.ts';

/** As many as huggingface_hub fetches. */
const CONTENTS_AT_ONCE = 8;
const LOOKS_AT_ONCE = 4;

interface DownloaderServices {
  readonly http: HttpClient;
  /** Redacts already. */
  readonly log: Log;
  /** Spares reading large files again that are there already. */
  readonly hashes?: HashMemory | undefined;
}

interface RunServices extends DownloaderServices {
  /** Two downloads may need the same content, and it gathers in one file. */
  readonly lanes: Lanes;
}

export function createDownloader(services: DownloaderServices): Downloader {
  const { http, hashes } = services;
  const underWay = new Set<string>();
  const lanes = new Lanes(1);

  return {
    async plan(source, destination, { signal, paths }) {
      const all = await versionFiles(source, http, signal);
      const wanted = paths === undefined ? all : all.filter(({ path }) => paths.includes(path));
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
            await Promise.all(byContent(those('missing')).map((content) => lacking(content, layout))),
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
          l10n.t('“{0}” is being downloaded to already. Wait until that has ended.', plan.path),
        );
        return { kind: 'failed', failure, receivedBytes: 0 };
      }
      underWay.add(plan.path);
      try {
        return await outcomeOf(plan, options, { ...services, lanes });
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
  const receivedBytes = (): number => meter?.doneBytes ?? 0;
  try {
    signal.throwIfAborted();
    const layout = await layoutFor(plan, services.hashes);
    await refuseConflict(plan, layout, options);
    await layout.begin();
    const contents = byContent(differing === 'keep' ? plan.missing : [...plan.missing, ...plan.differing]);
    const run = await begin(plan, contents, layout, options, services);
    meter = run.meter;
    await allOf(contents, CONTENTS_AT_ONCE, signal, (content, either) => obtain(run, content, either));
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

/** What every content of one download is fetched with. */
interface Run {
  readonly plan: DownloadPlan;
  readonly layout: Layout;
  readonly stored: ReadonlySet<string>;
  readonly agreed: ReadonlySet<string>;
  readonly meter: TransferMeter;
  readonly http: HttpClient;
  readonly log: Log;
  readonly lanes: Lanes;
}

/** Looks how much is there and whether there is room for the rest. */
async function begin(
  plan: DownloadPlan,
  contents: readonly SameContent[],
  layout: Layout,
  { differing, onProgress }: DownloadOptions,
  { http, log, lanes }: RunServices,
): Promise<Run> {
  const stored = new Set(plan.stored.map(({ path }) => path));
  const fetched = contents.filter(([first]) => !stored.has(first.path));
  const lacks = sum(await Promise.all(fetched.map((content) => lacking(content, layout))));
  const copies = layout.copies
    ? sum(contents.map((content) => content[0].size * (content.length - (fetched.includes(content) ? 1 : 0))))
    : 0;
  const free = await freeBytes(layout.path);
  if (free !== undefined && lacks + copies > free) throw noRoom(plan.path, lacks + copies, free);
  const totalBytes = sum(fetched.map(([{ size }]) => size));
  const begun = { doneBytes: totalBytes - lacks, totalBytes, totalFiles: contents.flat().length };
  return {
    plan,
    layout,
    stored,
    agreed: new Set(differing === 'replace' ? plan.differing.map(({ path }) => path) : []),
    meter: new TransferMeter(
      ({ doneBytes, ...rest }) => onProgress({ receivedBytes: doneBytes, ...rest }),
      begun,
    ),
    http,
    log,
    lanes,
  };
}

/** Bytes of a content that no earlier download has left. */
async function lacking([{ size, id }]: SameContent, layout: Layout): Promise<number> {
  const left = await stat(layout.partialFile(id)).catch(() => undefined);
  return left === undefined || left.size > size ? size : size - left.size;
}

async function obtain(run: Run, content: SameContent, signal: AbortSignal): Promise<void> {
  const { layout, stored, agreed, meter, lanes } = run;
  const [first] = content;
  if (stored.has(first.path)) await layout.place(content, 'stored', agreed);
  else {
    const partialFile = layout.partialFile(first.id);
    const waits = lanes.isFull(partialFile);
    await lanes.run(partialFile, signal, async () => {
      const isStored = waits && (await layout.look(first, signal)) === 'stored';
      if (isStored) meter.moved(first.size);
      else await fetched(run, first, signal);
      await layout.place(content, isStored ? 'stored' : 'partial', agreed);
    });
  }
  meter.filesDone(content.length);
}

/** Leaves the content of `file` whole and proved in its partial file. */
async function fetched(
  { layout, plan: { source }, meter, http, log }: Run,
  file: WantedFile,
  signal: AbortSignal,
): Promise<void> {
  const path = layout.partialFile(file.id);
  const partial = await openPartialFile(path, file, signal);
  let isProved: boolean;
  try {
    const fetch = async (): Promise<void> => {
      if (partial.length < file.size) {
        await fetchContent(file, partial, {
          connection: connectionTo(source.hub, source.model, http),
          commit: source.commit,
          onReceived: (bytes) => meter.moved(bytes),
          signal,
        });
      }
    };
    const begunWith = partial.length;
    await fetch();
    if (!partial.isWhole() && begunWith > 0) {
      log.warn(`What was left of ${file.path} is not of that content; it is fetched anew.`);
      meter.moved(-partial.length);
      await partial.restart();
      await fetch();
    }
    isProved = partial.isWhole();
  } finally {
    await partial.close();
  }
  if (isProved) return;
  meter.moved(-file.size);
  await discard(path);
  throw new Failure(
    'corrupt',
    l10n.t(
      '{1} sends other bytes for “{0}” than the version names, so the file was thrown away. Try again, or report it to its operators.',
      file.path,
      source.hub.endpoint.host,
    ),
    { paths: [file.path] },
  );
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
