import * as vscode from 'vscode';
import type { PublishOutcome } from '../../core/publish/publishing.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import { copyInstallCommands } from '../copyInstallCommands.ts';
import { openVersionPage } from '../publishes/versionPage.ts';
import type { Services } from '../services.ts';
import { registryName, shortSha, sizeText } from '../wording.ts';
import type { Destination } from '../publishService.ts';

type Ended = Exclude<PublishOutcome, { kind: 'failed' }>;
type Published = Extract<PublishOutcome, { kind: 'published' }>;

/**
 * Says how a publish ended, brings the Registries view up to date, and offers the next step: `committing` where the
 * person wants to publish what is not committed.
 */
export async function tellOutcome(
  services: Services,
  outcome: Ended,
  snapshot: Snapshot,
  destination: Destination,
): Promise<'ended' | 'committing'> {
  const { session, registry } = destination.place;
  switch (outcome.kind) {
    case 'published':
      services.registriesView.versionsChanged(session, registry, destination.model);
      return tellPublished(services, outcome, snapshot, destination);
    case 'cancelled':
      if (outcome.unsettled) services.registriesView.versionsChanged(session, registry, destination.model);
      await services.prompts.notify({
        id: 'publish.cancelled',
        severity: 'information',
        message: cancelledSentence(outcome, destination),
      });
      return 'ended';
  }
}

async function tellPublished(
  services: Services,
  { commit, created, verified, serverEdited, follows }: Published,
  snapshot: Snapshot,
  destination: Destination,
): Promise<'ended' | 'committing'> {
  const { place, model } = destination;
  const { session, registry } = place;
  const page = registry.webUrl;
  // Who published just now has seen that in the summary.
  const isLeftBehind = !created && snapshot.origin.kind === 'git' && hasUncommitted(snapshot);
  const chosen = await services.prompts.notify({
    id: created ? 'publish.published' : 'publish.alreadyThere',
    severity: 'information',
    message: created
      ? [
          vscode.l10n.t('Published {0} at {1} to {2}.', model, shortSha(commit), registryName(registry)),
          verified
            ? vscode.l10n.t('Verified: it holds exactly these files.')
            : vscode.l10n.t('Not verified: the registry could not list its files.'),
          ...serverEdited.map((path) => vscode.l10n.t('The registry edited {0} by itself.', path)),
          ...(follows
            ? [
                vscode.l10n.t(
                  'Someone else published meanwhile: their version {0} is the one before.',
                  shortSha(follows.id),
                ),
              ]
            : []),
        ].join(' ')
      : [
          vscode.l10n.t(
            '{0} in {1} already holds exactly the files of {2}, as version {3}. Nothing had to be sent.',
            model,
            registryName(registry),
            shortSha(snapshot.commit),
            shortSha(commit),
          ),
          ...(isLeftBehind ? [vscode.l10n.t('What is not committed was left out.')] : []),
        ].join(' '),
    actions: [
      ...(isLeftBehind ? [{ id: 'commit', label: vscode.l10n.t('Commit and Publish…') }] : []),
      { id: 'show', label: vscode.l10n.t('Show in Registries') },
      { id: 'copyInstall', label: vscode.l10n.t('Copy Install Command') },
      { id: 'copyForTeammate', label: vscode.l10n.t('Copy for a Teammate') },
      ...(page ? [{ id: 'openInBrowser', label: vscode.l10n.t('Open in Browser') }] : []),
    ],
  });
  switch (chosen as 'show' | 'copyInstall' | 'copyForTeammate' | 'openInBrowser' | 'commit' | undefined) {
    case 'commit':
      return 'committing';
    case 'show':
      await services.registriesView.revealVersion(session, registry, model, commit);
      break;
    case 'copyInstall': {
      const { endpoint, traits } = session.host.hub(registry);
      await copyInstallCommands(services, [{ endpoint, traits, model, commit }]);
      break;
    }
    case 'copyForTeammate': {
      const { copyForTeammate } = await import('../teammate.ts');
      await copyForTeammate(services, [{ session, registry, model, commit }]);
      break;
    }
    case 'openInBrowser':
      await openVersionPage(services, destination, commit);
      break;
    case undefined:
      break;
  }
  return 'ended';
}

/** Whether something in the folder is not in its commit; what was merely touched is most likely the same. */
export function hasUncommitted({ uncommitted }: Snapshot): boolean {
  return uncommitted.some(({ kind }) => kind !== 'touched');
}

function cancelledSentence(
  { unsettled, sentBytes }: Extract<PublishOutcome, { kind: 'cancelled' }>,
  { place, model }: Destination,
): string {
  return unsettled
    ? vscode.l10n.t(
        'Publishing {0} was cancelled during its last step. Check {1} to see whether the new version is there.',
        model,
        registryName(place.registry),
      )
    : vscode.l10n.t(
        'Publishing {0} was cancelled after {1} were uploaded. Nothing of it is visible in {2}.',
        model,
        sizeText(sentBytes),
        registryName(place.registry),
      );
}
