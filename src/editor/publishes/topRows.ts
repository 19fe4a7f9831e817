import type { UnfinishedPublish } from '../../core/publish/journals.ts';
import type { PublishTarget } from '../../core/publish/publishing.ts';
import type { OngoingPublish, PublishedRecord, PublishingBuild } from '../publishService.ts';
import type { InterruptedPublish } from './interruptions.ts';
import type { BuildRow, InterruptedRow, OlderRow, OngoingRow, RecordRow } from './rows.ts';

/** Records that the view shows; the others are searched. */
export const SHOWN_RECORDS = 50;

interface TopRowsOf {
  /** In the order they were agreed to. */
  readonly ongoing: readonly OngoingPublish[];
  /** Newest first, as are all others. */
  readonly builds: readonly PublishingBuild[];
  readonly interrupted: readonly InterruptedPublish[];
  readonly records: readonly PublishedRecord[];
}

/** What a top row is made of. */
type TopRow = OngoingRow | BuildRow | InterruptedRow | RecordRow | OlderRow;

/** The top rows of the Publishes view: what is under way, what waits to be resumed, and what came to its end. */
export function topRows({ ongoing, builds, interrupted, records }: TopRowsOf): readonly TopRow[] {
  // One that ends is in the history a moment before it goes.
  const ended = records.filter(({ id }) => !ongoing.some((publish) => publish.id === id));
  const older = ended.length - SHOWN_RECORDS;
  return [
    ...ongoing.map((publish): OngoingRow => ({ kind: 'ongoing', publish })),
    ...builds.filter(({ isWatched }) => isWatched).map(buildRow),
    ...interrupted
      .filter((one) => !ongoing.some(({ plan }) => isSamePlace(one, plan.target)))
      .map((publish): InterruptedRow => ({ kind: 'interrupted', publish })),
    ...historyRows(
      ended.slice(0, SHOWN_RECORDS),
      builds.filter(({ isWatched }) => !isWatched),
    ),
    ...(older > 0 ? [{ kind: 'older', count: older } as const] : []),
  ];
}

function buildRow(build: PublishingBuild): BuildRow {
  return { kind: 'build', build };
}

/** Builds among the records by when they began; each list keeps its order. */
function historyRows(
  records: readonly PublishedRecord[],
  builds: readonly PublishingBuild[],
): readonly (BuildRow | RecordRow)[] {
  const left = [...builds];
  const rows = records.flatMap((record): readonly (BuildRow | RecordRow)[] => {
    const at = left.findIndex(({ since }) => since < record.startedAt);
    const newer = left.splice(0, at < 0 ? left.length : at);
    return [...newer.map(buildRow), { kind: 'record', record }];
  });
  return [...rows, ...left.map(buildRow)];
}

/** A publish to the same place takes the place of what was interrupted. */
function isSamePlace(
  { endpoint, model, revision }: UnfinishedPublish,
  { hub, model: other }: PublishTarget,
): boolean {
  return endpoint === hub.endpoint.href && model === other && revision === hub.revision;
}
