import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import { addressOf, type ModelSource } from '../../core/imports/source.ts';
import type { HubSource } from '../../core/publish/hubSource.ts';
import type { Selection } from '../../core/snapshot/snapshot.ts';
import { sessionOf, type Session } from '../accounts/sessions.ts';
import { sessionsFor, usableSessions } from '../accounts/usableSessions.ts';
import type { RegistryPlace } from '../places.ts';
import { reachDestination, refuseUnfit, writable } from '../publishes/reach.ts';
import type { Destination, RememberedTarget } from '../publishService.ts';
import { askTarget, withRelease } from '../publishing/destination.ts';
import { type Learned, publishTo } from '../publishing/publishTo.ts';
import { offerRemedy } from '../publishing/remedies.ts';
import { pickRegistry } from '../registries/registryPick.ts';
import type { Services } from '../services.ts';
import { askFiles, askModelOf, askPlace, askRevision, type ChosenModel } from './chooseSource.ts';
import { rememberedSource, type SourcePlace } from './sourcePlaces.ts';

/** What is known of an import before anything is asked. */
export interface ImportStart {
  /** Where it comes from. */
  readonly from?: SourcePlace;
  /** Which model of that. */
  readonly chosen?: ChosenModel;
  readonly selection?: Selection;
  /** The registry that it goes to. */
  readonly place?: RegistryPlace;
  /** Where it goes without being asked, as far as that can be reached. */
  readonly again?: RememberedTarget;
  /** The registry that is not offered: the one that it comes from. */
  readonly except?: RegistryPlace;
}

/** What an import has learned so far, so that trying again asks nothing twice. */
interface Known extends ImportStart, Learned {
  readonly answered?: Destination;
}

/** What was imported before, from where it came. */
export function againFrom(services: Services, source: HubSource, again: RememberedTarget): ImportStart {
  const { endpoint, model, revision, selection } = source;
  const from = rememberedSource(services, endpoint);
  return { ...(from && { from }), chosen: { model, revision }, selection, again };
}

/** Imports from what is known at first, and again as often as that helps. */
export async function importModel(services: Services, start: ImportStart): Promise<void> {
  let known: Known = start;
  const learn = (more: Partial<Known>): void => {
    known = { ...known, ...more };
  };
  for (;;) {
    try {
      await attempt(services, known, learn);
      return;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      services.log.warn(`import: ${error.kind}: ${error.message}`);
      if (!(await offerHelp(services, error, known))) return;
    }
  }
}

/** One walk from the model to the outcome. Throws a `Failure` for whatever goes wrong. */
async function attempt(
  services: Services,
  known: Known,
  learn: (more: Partial<Known>) => void,
): Promise<void> {
  const sessions = await sessionsFor(services, vscode.l10n.t('Sign in to import a model into a registry.'));
  if (!sessions) return;
  if (known.place) refuseUnfit(known.place);
  const from = known.from ?? (await askPlace(services));
  if (!from) return;
  const chosen = known.chosen ?? (await askModelOf(services, from));
  if (!chosen) return;
  const revision = chosen.revision ?? (await askRevision(services, from, chosen.model));
  if (revision === undefined) return;
  learn({ from, chosen: { ...chosen, revision } });
  const source = await read(services, from, chosen.model, revision);
  const selection = known.selection ?? (await askFiles(services, source));
  if (!selection) return;
  learn({ selection });
  const destination = await destinationOf(services, sessions, known, source);
  if (!destination) return;
  learn({ answered: destination });
  await carryOut(services, source, selection, destination, known, learn);
}

async function carryOut(
  services: Services,
  source: ModelSource,
  selection: Selection,
  destination: Destination,
  { agreed }: Known,
  learn: (more: Learned) => void,
): Promise<void> {
  const { snapshotOf } = await import('../../core/imports/openHubSnapshot.ts');
  const { http, log } = services;
  const { signal } = new AbortController();
  const snapshot = snapshotOf(source, selection, { http, log, signal });
  try {
    await publishTo(services, snapshot, destination, agreed, learn);
  } finally {
    await snapshot.dispose();
  }
}

/** Looks at the version, and says where its id led elsewhere. */
async function read(
  services: Services,
  { endpoint, token }: SourcePlace,
  model: string,
  revision: string,
): Promise<ModelSource> {
  const { prompts, http, log } = services;
  const source = await prompts.progress(
    {
      id: 'import.read',
      title: vscode.l10n.t('Looking at {0} on {1}', model, endpoint.host),
      cancellable: true,
    },
    async (_report, signal) => {
      const { readSource } = await import('../../core/imports/source.ts');
      return readSource({ endpoint, token, model, revision }, { http, log, signal });
    },
  );
  if (source.ledFrom !== undefined) {
    void prompts.notify({
      id: 'import.ledOn',
      severity: 'information',
      message: vscode.l10n.t('{0} redirects {1} to {2}.', endpoint.host, source.ledFrom, source.model),
    });
  }
  return source;
}

async function destinationOf(
  services: Services,
  sessions: readonly Session[],
  known: Known,
  source: ModelSource,
): Promise<Destination | undefined> {
  const answered = known.answered && current(services, known.answered.place);
  if (known.answered && answered) return { ...known.answered, place: answered };
  const again =
    known.again && (await reachDestination(services, usableSessions(services.sessions), known.again));
  const chosen = again ?? (await askDestination(services, sessions, known, source));
  return chosen && withRelease(services, chosen);
}

async function askDestination(
  services: Services,
  sessions: readonly Session[],
  { place, except }: Known,
  { model }: ModelSource,
): Promise<Destination | undefined> {
  const title = vscode.l10n.t('Import Model');
  const pick = (): Promise<RegistryPlace | undefined> =>
    pickRegistry(services, writable(sessions), {
      id: 'import.registry',
      title,
      placeholder: vscode.l10n.t('The registry to import into'),
      step: 1,
      totalSteps: 2,
      ...(except && { except }),
    });
  const propose = (): Promise<string> => Promise.resolve(model);
  return askTarget(services, { place, pick, propose }, { id: 'import.name', title });
}

/** `place` with the session that its account has now; undefined where the account is gone or its token refused. */
function current({ sessions }: Services, place: RegistryPlace): RegistryPlace | undefined {
  const session = sessionOf(usableSessions(sessions), place.session.accountId);
  return session && { ...place, session };
}

/** Tells why it failed, with what helps, at the side that failed. Gives whether it should be tried again. */
async function offerHelp(services: Services, failure: Failure, known: Known): Promise<boolean> {
  if (failure.source === undefined) {
    const session = (known.answered?.place ?? known.place)?.session;
    const { service } = session ?? usableSessions(services.sessions)[0] ?? {};
    const { logId } = known;
    return offerRemedy(services, failure, {
      folder: undefined,
      repository: undefined,
      session,
      service,
      logId,
    });
  }
  const page =
    failure.kind === 'forbidden' && known.from && known.chosen
      ? addressOf(known.from.endpoint, known.chosen.model)
      : undefined;
  const { logId } = known;
  const chosen = await services.prompts.notify({
    id: `import.failed.${failure.kind}`,
    severity: 'error',
    message: vscode.l10n.t('Nothing was imported. {0}', failure.message),
    actions: [
      ...(page === undefined ? [] : [{ id: 'page', label: vscode.l10n.t('Open Model Page') }]),
      ...(['auth', 'forbidden', 'notFound'].includes(failure.kind)
        ? [{ id: 'signIn', label: vscode.l10n.t('Sign In') }]
        : []),
      { id: 'retry', label: vscode.l10n.t('Retry') },
      ...(logId === undefined ? [] : [{ id: 'log', label: vscode.l10n.t('Show Log') }]),
    ],
  });
  switch (chosen as 'page' | 'signIn' | 'retry' | 'log' | undefined) {
    case 'page':
      if (page !== undefined) await services.prompts.openExternal(new URL(page));
      return false;
    case 'signIn':
      await vscode.commands.executeCommand('modelRegistries.signIn');
      return true;
    case 'log':
      await vscode.commands.executeCommand('modelRegistries.openPublishLog', logId);
      return false;
    case 'retry':
      return true;
    case undefined:
      return false;
  }
}
