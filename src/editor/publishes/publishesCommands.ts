import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { CommitName } from '../../core/objectIds.ts';
import { usableSessions, whenLoaded } from '../accounts/usableSessions.ts';
import type { CommandId } from '../commands.ts';
import { copyInstallCommands } from '../copyInstallCommands.ts';
import type { Destination, OngoingPublish, PublishedRecord, PublishingBuilds } from '../publishService.ts';
import type { Services } from '../services.ts';
import { registryName, shortSha } from '../wording.ts';
import type { InterruptedPublishes } from './interruptedPublishes.ts';
import { PublishLogDocuments } from './logDocuments.ts';
import type { PublishLogs } from './logs.ts';
import { reachDestination } from './reach.ts';
import { asPublishesRow } from './rows.ts';
import { searchHistory } from './searchHistory.ts';
import { openVersionPage } from './versionPage.ts';

/** What rows show besides publishes, as far as commands change it. */
interface Sources {
  readonly interrupted: Pick<InterruptedPublishes, 'discard'>;
  readonly builds: Pick<PublishingBuilds, 'forget'>;
}

/** The commands of publishes: those of the rows of their view, and those of the palette. */
export function registerPublishesCommands(
  services: Services,
  logs: Pick<PublishLogs, 'read'>,
  { interrupted, builds }: Sources,
): vscode.Disposable {
  const { history, commands } = services;
  const documents = new PublishLogDocuments(logs);
  const openLog = (id: string) => documents.show(id, logTitle(services, id));
  const ofPublished = (
    id: CommandId,
    run: (record: PublishedRecord, version: CommitName) => Promise<unknown>,
  ) =>
    commands.register(id, async (argument) => {
      const record = asRecord(argument);
      if (record?.outcome.kind === 'published') await run(record, record.outcome.version);
    });

  return vscode.Disposable.from(
    documents,
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
    ofPublished('modelRegistries.showPublishedVersion', (record, version) => show(services, record, version)),
    ofPublished('modelRegistries.openPublishedVersion', async (record, version) =>
      openVersionPage(services, await reach(services, record), version),
    ),
    ofPublished(
      'modelRegistries.copyPublishedInstallCommand',
      ({ destination: { endpoint, model } }, version) =>
        copyInstallCommands(services, [{ endpoint: new URL(endpoint), model, commit: version }]),
    ),
    commands.register('modelRegistries.removePublishRecord', async (argument) => {
      const row = asPublishesRow(argument);
      if (row?.kind === 'record') await history.remove(row.record.id);
      if (row?.kind === 'build') builds.forget(row.build.key);
    }),
    commands.register('modelRegistries.discardPublish', async (argument) => {
      const row = asPublishesRow(argument);
      if (row?.kind === 'interrupted') await interrupted.discard(row.publish.id);
    }),
    commands.register('modelRegistries.searchPublishHistory', async () => {
      const record = await searchHistory(services, openLog);
      if (record?.outcome.kind === 'published') await show(services, record, record.outcome.version);
      else if (record) await openLog(record.id);
    }),
    commands.register('modelRegistries.clearPublishHistory', () => clearHistory(services)),
  );
}

function asRecord(argument: unknown): PublishedRecord | undefined {
  const row = asPublishesRow(argument);
  return row?.kind === 'record' ? row.record : undefined;
}

function logTitle({ history, publishes }: Services, id: string): string {
  const record = history.records.find((one) => one.id === id);
  if (record) return `${record.destination.model}@${shortSha(record.commit)}`;
  return publishes.ongoing.find((one) => one.id === id)?.destination.model ?? id;
}

async function show(services: Services, record: PublishedRecord, version: CommitName): Promise<void> {
  const { place, model } = await reach(services, record);
  await services.registriesView.revealVersion(place.session, place.registry, model, version);
}

async function clearHistory({ history, prompts }: Services): Promise<void> {
  const { length } = history.records;
  if (length === 0) return;
  const agreed = await prompts.confirm({
    id: 'publishes.clear',
    message: vscode.l10n.t('Clear the publish history of this workspace?'),
    detail: vscode.l10n.t(
      '{0} records and their logs are removed from this machine. What was published stays in the registries.',
      length,
    ),
    action: vscode.l10n.t('Clear History'),
    severity: 'warning',
  });
  if (agreed) await history.clear();
}

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
