import * as l10n from '@vscode/l10n';
import type { Lanes } from '../async/lanes.ts';
import { Failure } from '../failure.ts';
import type { HttpClient } from '../http/client.ts';
import { connectionTo } from '../hub/connection.ts';
import type { Log } from '../log.ts';
import type { TransferMeter } from '../progress/meter.ts';
import type { PieceSizes } from './byteRanges.ts';
import type { Connections } from './connections.ts';
import type { SameContent } from './contents.ts';
import type { DownloadPlan, WantedFile } from './downloading.ts';
import { fetchContent } from './fetchContent.ts';
import type { FileHashThread } from './hashThread.ts';
import { rangeNotesOf, type Layout, type ProvedContent } from './layout.ts';
import { discard, openPartialFile, type PartialFile } from './partialFile.ts';
import { RangedFetch, type RangeSupport } from './rangedFetch.ts';
import { RangedFile } from './rangedFile.ts';

/** What every content of one download is fetched with. */
export interface Run {
  readonly plan: DownloadPlan;
  readonly layout: Layout;
  /** Paths whose content is kept at the destination already. */
  readonly stored: ReadonlySet<string>;
  /** Paths at which a person agreed to lose what is there. */
  readonly agreed: ReadonlySet<string>;
  readonly meter: TransferMeter;
  readonly http: HttpClient;
  readonly log: Log;
  /** Two downloads may need the same content, and it gathers in one file. */
  readonly lanes: Lanes;
  readonly connections: Connections;
  readonly pieceSizes: PieceSizes;
  readonly support: RangeSupport;
  readonly hashing: FileHashThread;
}

/** Gives a content its place. @param rank Its place among the contents: the lowest is fetched first. */
export async function obtain(
  run: Run,
  rank: number,
  content: SameContent,
  signal: AbortSignal,
): Promise<void> {
  const { layout, stored, agreed, meter, lanes } = run;
  const [first] = content;
  const place = (from: ProvedContent | 'stored'): Promise<void> =>
    layout.place(content, from, { agreed, signal });
  if (stored.has(first.path)) await place('stored');
  else {
    const partialFile = layout.partialFile(first.id);
    const waits = lanes.isFull(partialFile);
    await lanes.run(partialFile, signal, async () => {
      if (waits && (await layout.look(first, signal)) === 'stored') {
        meter.moved(first.size);
        await place('stored');
      } else if (first.size < run.pieceSizes.worthwhile) await fetchWhole(run, rank, first, signal, place);
      else await fetchInRanges(run, rank, first, signal, place);
    });
  }
  meter.filesDone(content.length);
}

type Place = (content: ProvedContent) => Promise<void>;

/** Gathers a small content in its partial file, and places it once it is whole and proved. */
async function fetchWhole(
  run: Run,
  rank: number,
  file: WantedFile,
  signal: AbortSignal,
  place: Place,
): Promise<void> {
  const path = run.layout.partialFile(file.id);
  const partial = await openPartialFile(path, file, signal);
  let isProved: boolean;
  try {
    isProved = await proved(run, file, partial, signal, () => fetchRest(run, rank, file, partial, signal));
    if (isProved) await place(partial);
  } finally {
    await partial.close();
  }
  if (isProved) return;
  await discard(path);
  throw giveUp(run, file);
}

/** The same for a large one, in ranges side by side where the server sends them. */
async function fetchInRanges(
  run: Run,
  rank: number,
  file: WantedFile,
  signal: AbortSignal,
  place: Place,
): Promise<void> {
  const { layout, hashing, plan, http, connections, support } = run;
  const path = layout.partialFile(file.id);
  const partial = await RangedFile.open(path, rangeNotesOf(path), file, hashing);
  const fetch = async (): Promise<void> => {
    const ranged = support.isIgnored
      ? 'unranged'
      : await new RangedFetch(file, partial, {
          ...{ rank, connections, support, signal },
          connection: connectionTo(plan.source.hub, plan.source.model, http),
          commit: plan.source.commit,
          onReceived: (bytes) => received(run, bytes),
        }).run();
    if (ranged === 'fetched') return;
    if (partial.bytes > partial.length) await restart(run, partial);
    await fetchRest(run, rank, file, partial, signal);
  };
  let isProved: boolean;
  try {
    isProved = await proved(run, file, partial, signal, fetch);
    await partial.forget();
    if (isProved) await place(partial);
  } finally {
    await partial.close();
  }
  if (isProved) return;
  await discard(path);
  throw giveUp(run, file);
}

/** Fetches what a content lacks, from the end of what is there, in one connection. */
async function fetchRest(
  run: Run,
  rank: number,
  file: WantedFile,
  partial: PartialFile,
  signal: AbortSignal,
): Promise<void> {
  const lacks = file.size - partial.length;
  if (lacks === 0) return;
  const { source } = run.plan;
  await run.connections.alone(rank, lacks, signal, () =>
    fetchContent(file, partial, {
      connection: connectionTo(source.hub, source.model, run.http),
      commit: source.commit,
      onReceived: (bytes) => received(run, bytes),
      signal,
    }),
  );
}

/** Whether the content is what its id says, once it is fetched: anew where an earlier download left something else. */
async function proved(
  run: Run,
  file: WantedFile,
  partial: PartialFile,
  signal: AbortSignal,
  fetch: () => Promise<void>,
): Promise<boolean> {
  const begunWith = partial.bytes;
  await fetch();
  if (await partial.isWhole(signal)) return true;
  if (begunWith === 0) return false;
  run.log.warn(`What was left of ${file.path} is not of that content; it is fetched anew.`);
  await restart(run, partial);
  await fetch();
  return partial.isWhole(signal);
}

async function restart(run: Run, partial: PartialFile): Promise<void> {
  run.meter.moved(-partial.bytes);
  await partial.restart();
}

function received({ meter, connections }: Run, bytes: number): void {
  meter.moved(bytes);
  connections.moved(bytes);
}

function giveUp({ meter, plan: { source } }: Run, file: WantedFile): Failure {
  meter.moved(-file.size);
  return new Failure(
    'corrupt',
    l10n.t(
      '{1} sends other bytes for “{0}” than the version names, so the file was thrown away. Try again, or report it to its operators.',
      file.path,
      source.hub.endpoint.host,
    ),
    { paths: [file.path] },
  );
}
