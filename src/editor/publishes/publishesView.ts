import * as vscode from 'vscode';
import { STAGES, type Stage, type StageState } from '../../core/publish/activity.ts';
import { Failure } from '../../core/failure.ts';
import { usableSessions, whenLoaded } from '../accounts/usableSessions.ts';
import { setContextKey } from '../contextKeys.ts';
import { copyInstallCommands } from '../installCommand.ts';
import { reachDestination } from './reach.ts';
import type { Destination, OngoingPublish, PublishedRecord } from '../publishService.ts';
import { openVersionPage } from './versionPage.ts';
import type { PublishLogs } from './logs.ts';
import { registryName, shortSha } from '../wording.ts';
import type { Services } from '../services.ts';
import { createTreeView } from '../treeViews.ts';
import { publishesItem } from './publishesItem.ts';
import { createPublishLogDocuments } from './logDocuments.ts';
import { searchHistory } from './searchHistory.ts';
import { asPublishesRow, type OngoingRow, type PublishesRow, type RecordRow, type StageRow } from './rows.ts';

const PUBLISHES_VIEW_ID = 'modelRegistries.publishes';

/** Records that the view shows; the others are searched. */
const SHOWN_RECORDS = 50;

/** The view, as its tests see it. */
export interface PublishesTree {
  readonly provider: vscode.TreeDataProvider<PublishesRow>;
  readonly view: vscode.TreeView<PublishesRow>;
}

/** The Publishes view: what is under way, and below it what came to its end; with the commands of its rows. */
export function registerPublishesView(
  services: Services,
  logs: Pick<PublishLogs, 'read'>,
): PublishesTree & { dispose(): void } {
  const { publishes, history, commands, log, prompts } = services;
  const changed = new vscode.EventEmitter<PublishesRow | PublishesRow[] | undefined>();
  const { rowOf, stagesOf, childrenOf } = createOngoingRows();
  const itemOf = (row: PublishesRow): vscode.TreeItem => publishesItem(row, new Date(), vscode.env.language);
  const provider: vscode.TreeDataProvider<PublishesRow> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: itemOf,
    getChildren: (row) => (row ? childrenOf(row) : topRows()),
    getParent: (row) => (row.kind === 'stage' || row.kind === 'fileInFlight' ? row.parent : undefined),
  };
  const topRows = (): PublishesRow[] => {
    const { ongoing } = publishes;
    // One that ends is in the history a moment before it goes.
    const records = history.records.filter(({ id }) => !ongoing.some((publish) => publish.id === id));
    const older = records.length - SHOWN_RECORDS;
    return [
      ...ongoing.map(rowOf),
      ...records.slice(0, SHOWN_RECORDS).map((record): RecordRow => ({ kind: 'record', record })),
      ...(older > 0 ? [{ kind: 'older', count: older } as const] : []),
    ];
  };
  const view = createTreeView(PUBLISHES_VIEW_ID, { treeDataProvider: provider });
  const documents = createPublishLogDocuments(logs);

  const tellState = (): void => {
    const { length } = publishes.ongoing;
    view.badge =
      length === 0
        ? undefined
        : {
            value: length,
            tooltip:
              length === 1
                ? vscode.l10n.t('One publish is under way')
                : vscode.l10n.t('{0} publishes are under way', length),
          };
    setContextKey('modelRegistries.hasPublishHistory', history.records.length > 0).catch((error: unknown) =>
      log.error(`publishes: ${String(error)}`),
    );
  };
  tellState();
  const redraw = (): void => {
    tellState();
    changed.fire(undefined);
  };
  /** What the row of a publish, and those below it, showed last but for numbers. */
  const shown = new WeakMap<OngoingRow, string>();
  const redrawPublish = (row: OngoingRow): void => {
    const outline = JSON.stringify([itemOf(row), row.publish.activity.stages]);
    // A row that is drawn anew swallows a click on its button. So numbers change in rows that have none.
    if (shown.get(row) !== outline) changed.fire(row);
    else changed.fire(stagesOf(row).filter(({ state }) => state === 'running'));
    shown.set(row, outline);
  };

  /** The row that a menu passes, or the one that the person picks. */
  const asRecord = (argument: unknown): PublishedRecord | undefined => {
    const row = asPublishesRow(argument);
    return row?.kind === 'record' ? row.record : undefined;
  };
  const ofPublished = (
    run: (record: PublishedRecord, version: PublishedVersion) => Promise<void>,
  ): ((argument: unknown) => Promise<void>) => {
    return async (argument) => {
      const record = asRecord(argument);
      if (record?.outcome.kind === 'published') await run(record, record.outcome.version);
    };
  };
  const show = async (record: PublishedRecord, version: PublishedVersion): Promise<void> => {
    const { place, model } = await reach(services, record);
    await services.registriesView.revealVersion(place.session, place.registry, model, version);
  };
  const openLog = async (id: string): Promise<void> => {
    const record = history.records.find((one) => one.id === id);
    const model =
      record?.destination.model ?? publishes.ongoing.find((one) => one.id === id)?.destination.model;
    await documents.show(id, record ? `${model ?? ''}@${shortSha(record.commit)}` : (model ?? id));
  };

  const disposables: { dispose(): unknown } = vscode.Disposable.from(
    publishes.onDidChange((publish) => {
      if (publish) redrawPublish(rowOf(publish));
      else redraw();
    }),
    history.onDidChange(redraw),
    // Times grow old while nobody looks.
    view.onDidChangeVisibility(({ visible }) => {
      if (visible) changed.fire(undefined);
    }),
    commands.register('modelRegistries.cancelPublish', async (argument) => {
      const row = asPublishesRow(argument);
      const publish = row?.kind === 'ongoing' ? row.publish : await pickOngoing(services);
      publish?.cancel();
    }),
    commands.register('modelRegistries.openPublishLog', async (argument) => {
      const row = asPublishesRow(argument);
      if (typeof argument === 'string') await openLog(argument);
      else if (row?.kind === 'ongoing') await openLog(row.publish.id);
      else if (row?.kind === 'record') await openLog(row.record.id);
    }),
    commands.register('modelRegistries.showPublishedVersion', ofPublished(show)),
    commands.register(
      'modelRegistries.openPublishedVersion',
      ofPublished(async (record, version) =>
        openVersionPage(services, await reach(services, record), version),
      ),
    ),
    commands.register(
      'modelRegistries.copyPublishedInstallCommand',
      ofPublished(async ({ destination: { endpoint, model } }, version) => {
        await copyInstallCommands(services, [{ endpoint: new URL(endpoint), model, commit: version }]);
      }),
    ),
    commands.register('modelRegistries.removePublishRecord', async (argument) => {
      const record = asRecord(argument);
      if (record) await history.remove(record.id);
    }),
    commands.register('modelRegistries.searchPublishHistory', async () => {
      const record = await searchHistory(services, openLog);
      if (record?.outcome.kind === 'published') await show(record, record.outcome.version);
      else if (record) await openLog(record.id);
    }),
    commands.register('modelRegistries.clearPublishHistory', async () => {
      const { length } = history.records;
      if (length === 0) return;
      const agreed = await prompts.confirm({
        id: 'publishes.clear',
        message: vscode.l10n.t('Clear the history of publishes of this workspace?'),
        detail: vscode.l10n.t(
          '{0} records and their logs are removed from this machine. What was published stays in the registries.',
          length,
        ),
        action: vscode.l10n.t('Clear History'),
        severity: 'warning',
      });
      if (agreed) await history.clear();
    }),
    documents,
    view,
    changed,
  );
  return {
    provider,
    view,
    dispose: () => {
      disposables.dispose();
    },
  };
}

type PublishedVersion = Extract<PublishedRecord['outcome'], { kind: 'published' }>['version'];

/** A button passes no row where it is pressed while VS Code draws the view anew. */
async function pickOngoing({
  publishes,
  prompts,
}: Pick<Services, 'publishes' | 'prompts'>): Promise<OngoingPublish | undefined> {
  const choices = publishes.ongoing
    .filter(({ state }) => state !== 'cancelling')
    .map((publish) => ({
      label: publish.destination.model,
      description: registryName(publish.destination.place.registry),
      value: publish,
    }));
  if (choices.length === 0) return undefined;
  return prompts.pick({
    id: 'publishes.cancel',
    title: vscode.l10n.t('Cancel Publish'),
    placeholder: vscode.l10n.t('The publish to cancel'),
    choices,
  });
}

/** Rows of publishes and their stages: the same object for the same thing, for VS Code finds rows by it. */
function createOngoingRows() {
  const rows = new WeakMap<OngoingPublish, OngoingRow>();
  const stageRows = new WeakMap<OngoingRow, Map<`${Stage} ${StageState}`, StageRow>>();

  function rowOf(publish: OngoingPublish): OngoingRow {
    const known = rows.get(publish) ?? { kind: 'ongoing', publish };
    rows.set(publish, known);
    return known;
  }

  function stagesOf(parent: OngoingRow): StageRow[] {
    const known = stageRows.get(parent) ?? new Map<`${Stage} ${StageState}`, StageRow>();
    stageRows.set(parent, known);
    return STAGES.map((stage) => {
      const state = parent.publish.activity.stages[stage];
      const row = known.get(`${stage} ${state}`) ?? { kind: 'stage', parent, stage, state };
      known.set(`${stage} ${state}`, row);
      return row;
    });
  }

  function childrenOf(row: PublishesRow): PublishesRow[] {
    switch (row.kind) {
      case 'ongoing':
        return stagesOf(row);
      case 'stage':
        return row.parent.publish.activity.files
          .filter(({ doing }) => doing === row.stage)
          .map((file) => ({ kind: 'fileInFlight', parent: row.parent, file }));
      case 'fileInFlight':
      case 'record':
      case 'older':
        return [];
    }
  }

  return { rowOf, stagesOf, childrenOf };
}

/** The registry that a record names, with the session that its account has now. */
async function reach(services: Services, { destination }: PublishedRecord): Promise<Destination> {
  await whenLoaded(services.sessions);
  const reached = await reachDestination(services, usableSessions(services.sessions), destination);
  if (reached) return reached;
  throw new Failure(
    'auth',
    vscode.l10n.t(
      'The account that {0} was published with is not signed in any more. Sign in to see it.',
      destination.model,
    ),
  );
}
