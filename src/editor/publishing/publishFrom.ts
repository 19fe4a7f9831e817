import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import { sessionOf } from '../accounts/sessions.ts';
import { sessionsFor, usableSessions } from '../accounts/usableSessions.ts';
import type { RegistryPlace } from '../places.ts';
import type { Services } from '../services.ts';
import { reachDestination, refuseUnfit } from '../publishes/reach.ts';
import { askDestination, withRelease } from './destination.ts';
import type { Destination, PublishStart } from '../publishService.ts';
import { knownGit } from '../git/gitExtension.ts';
import { type Learned, publishTo, type WalkEnd } from './publishTo.ts';
import { offerRemedy } from './remedies.ts';
import { askFolder } from '../git/askFolder.ts';
import { lastTargets } from './targetMemory.ts';
import { pathsOnDisk } from '../workspace.ts';

/** What a publish has learned so far, so that trying again asks nothing twice. */
interface Known extends PublishStart, Learned {
  /** Top folder of the Git repository; absent for what was downloaded. */
  readonly repository?: string;
  /** The place and model were answered, not merely proposed. */
  readonly answered?: Destination;
}

/**
 * Publishes from what is known at first, and again as often as that helps. Where the person looks at the changes, the
 * diff gets a button that goes on from there.
 */
export async function publishFrom(services: Services, start: () => PublishStart): Promise<void> {
  let known: Known | undefined;
  const learn = (more: Known): void => {
    known = { ...known, ...more };
  };
  for (;;) {
    try {
      if (known === undefined) learn(start());
      const ended = await attempt(services, known ?? {}, learn);
      if (ended === 'ended') return;
      if (ended === 'looking') {
        const looked: Known = { ...known };
        if (looked.diff !== undefined) {
          services.shownPlans.add(looked.diff, () => publishFrom(services, () => looked));
          return;
        }
      }
      if (ended === 'committing' && !(await isCommitted(services, known?.folder))) return;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (!(await isRemedied(services, error, known ?? {}))) return;
    }
  }
}

/** Offers what helps, and where that fails, too, what helps against that. Gives whether to try again. */
async function isRemedied(services: Services, failure: Failure, known: Known): Promise<boolean> {
  services.log.warn(`publish: ${failure.kind}: ${failure.message}`);
  const { answered, place, repository, folder, logId } = known;
  const session = (answered?.place ?? place)?.session;
  const { service } = session ?? usableSessions(services.sessions)[0] ?? {};
  try {
    return await offerRemedy(services, failure, { folder, repository, session, service, logId });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return isRemedied(services, error, known);
  }
}

async function isCommitted(services: Services, folder: string | undefined): Promise<boolean> {
  if (folder === undefined) return false;
  return (await import('../setup/commitChanges.ts')).commitChanges(services, folder);
}

/** One walk from the folder to the outcome, or to what the person wants to do before. Throws a `Failure` for whatever goes wrong. */
async function attempt(services: Services, known: Known, learn: (more: Known) => void): Promise<WalkEnd> {
  const sessions = await sessionsFor(services, vscode.l10n.t('Sign in to publish a model.'));
  if (!sessions) return 'ended';
  const place = known.place && current(services, known.place);
  if (place) refuseUnfit(place);

  const folder =
    known.folder ??
    (await askFolder(
      services,
      {
        id: 'publish.folder',
        title: vscode.l10n.t('Publish Model Snapshot'),
        placeholder: vscode.l10n.t('The folder to publish'),
      },
      // One without a repository can be set up.
      pathsOnDisk(),
    ));
  if (folder === undefined) return 'ended';
  learn({ folder });

  const snapshot = await readSnapshot(services, folder);
  try {
    if (snapshot.origin.kind === 'git') learn({ repository: snapshot.repository });
    const answered = known.answered && current(services, known.answered.place);
    const chosen =
      known.answered && answered
        ? { ...known.answered, place: answered }
        : ((await repeated(services, known, snapshot)) ??
          (await askDestination(services, sessions, snapshot, { place, model: known.model })));
    const destination = chosen && (await withRelease(services, chosen));
    if (!destination) return 'ended';
    learn({ answered: destination });
    return await publishTo(services, snapshot, destination, known.agreed, learn);
  } finally {
    await snapshot.dispose();
  }
}

/** Where it goes without being asked. */
async function repeated(
  services: Services,
  { again }: Known,
  snapshot: Snapshot,
): Promise<Destination | undefined> {
  const target = again === 'last' ? lastTargets.of(services.workspaceMemory, snapshot) : again;
  return target && reachDestination(services, usableSessions(services.sessions), target);
}

async function readSnapshot({ prompts, log, hashes }: Services, folder: string): Promise<Snapshot> {
  const { program } = await knownGit();
  return prompts.progress(
    { id: 'publish.snapshot', title: vscode.l10n.t('Reading the commit'), cancellable: true },
    async (_report, signal) =>
      (await import('../../core/snapshot/openSnapshot.ts')).openSnapshot(folder, {
        signal,
        log,
        git: program,
        hashes,
      }),
  );
}

/** `place` with the session that its account has now; undefined where nobody is signed in there, or the token refused. */
function current({ sessions }: Services, place: RegistryPlace): RegistryPlace | undefined {
  const session = sessionOf(usableSessions(sessions), place.session.accountId);
  return session && { ...place, session };
}
