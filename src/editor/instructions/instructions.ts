import * as vscode from 'vscode';
import { sessionsFor, whenLoaded } from '../accounts/usableSessions.ts';
import { publishedModel } from '../localModels/showPublication.ts';
import { pickRegistry } from '../registries/registryPick.ts';
import { webPage } from '../registries/webPage.ts';
import { asRow, rowsOf, subjectOf, type Row, type RowSubject } from '../rows.ts';
import type { Services } from '../services.ts';
import type { Shared } from '../teammate.ts';
import { withRegistriesProgress } from '../viewProgress.ts';
import { shortSha } from '../wording.ts';
import { sayInStatusBar } from '../statusBar.ts';
import { copyInstallCommands } from '../copyInstallCommands.ts';
import type { Installed } from '../installCommand.ts';
import { type PanelSubject, subjectKey } from './content.ts';
import { Panels } from '../webviews/panels.ts';
import type { PanelConversation, PanelStart } from './conversation.ts';

/** The command that shows how to publish and install with other clients. Each subject has one panel. */
export function registerInstructions(services: Services): vscode.Disposable {
  const panels = new Panels<PanelStart, PanelConversation>(services, {
    type: 'modelRegistries.instructions',
    assets: 'instructions',
    titleOf: ({ subject: { model, registry } }) =>
      vscode.l10n.t('Install & Publish Commands: {0}', model ?? registry.name),
    keyOf: ({ subject }) => subjectKey(subject),
    restore: async (state): Promise<PanelStart | undefined> => {
      const [{ restorePanel }, { currentPlace }] = await Promise.all([
        import('./savedPanel.ts'),
        import('./panelWork.ts'),
      ]);
      const saved = restorePanel(state);
      if (!saved) return undefined;
      await whenLoaded(services.sessions);
      return { ...saved, subject: { ...saved.subject, ...currentPlace(services, saved.subject) } };
    },
    load: async () => {
      const [{ PanelConversation: Conversation }, { panelWork }] = await Promise.all([
        import('./conversation.ts'),
        import('./panelWork.ts'),
      ]);
      return (start, post) => new Conversation(services, panelWork(services, start.subject), start, post);
    },
  });
  const command = services.commands.register('modelRegistries.showInstructions', async (argument) => {
    const row = asRow(argument) ?? (await publishedModel(services, argument));
    const shown = subjectOf(row);
    const subject = row ? shown && panelSubject(shown) : await askSubject(services);
    if (subject) await panels.show({ subject });
  });
  const copyInstall = services.commands.register(
    'modelRegistries.copyInstallCommand',
    async (argument, rows) => {
      const copied = await copyInstallCommands(services, rowsOf(argument, rows).flatMap(installedOf));
      if (copied) sayInStatusBar(vscode.l10n.t('Install command copied'), 3000);
    },
  );
  const copyTeammate = services.commands.register(
    'modelRegistries.copyForTeammate',
    async (argument, rows) => {
      // What it is written with is a lot of text.
      const { copyForTeammate } = await import('../teammate.ts');
      const copied = await withRegistriesProgress(() =>
        copyForTeammate(services, rowsOf(argument, rows).flatMap(sharedOf)),
      );
      if (copied) sayInStatusBar(vscode.l10n.t('Text for a teammate copied'), 3000);
    },
  );
  return vscode.Disposable.from(panels, command, copyInstall, copyTeammate);
}

function installedOf(row: Row): readonly Installed[] {
  const subject = subjectOf(row);
  if (subject?.model === undefined) return [];
  const { session, registry, model, commit } = subject;
  const { endpoint, traits } = session.host.hub(registry);
  return [{ endpoint, traits, model, commit }];
}

function sharedOf(row: Row): readonly Shared[] {
  const subject = subjectOf(row);
  if (subject?.model === undefined) return [];
  const { session, registry, model, commit } = subject;
  return [{ session, registry, model, commit, page: webPage(row) }];
}

function panelSubject({ session, registry, model, commit }: RowSubject): PanelSubject {
  const { accountId, host } = session;
  const { endpoint, traits } = host.hub(registry);
  return { accountId, registry, endpoint, traits, model, commit };
}

/** From the palette: a registry, then one of its newest versions or the registry as such. */
async function askSubject(services: Services): Promise<PanelSubject | undefined> {
  const title = vscode.l10n.t('Install & Publish Commands');
  const sessions = await sessionsFor(services, vscode.l10n.t('Sign in to see your registries.'));
  if (!sessions) return undefined;
  const place = await pickRegistry(services, sessions, {
    id: 'instructions.registry',
    title,
    placeholder: vscode.l10n.t('The registry to publish to or install from'),
    step: 1,
    totalSteps: 2,
  });
  if (!place) return undefined;
  const { session, registry } = place;
  const whole = panelSubject(place);
  return services.prompts.pick<PanelSubject>({
    id: 'instructions.version',
    title,
    placeholder: vscode.l10n.t('The model'),
    step: 2,
    totalSteps: 2,
    choices: async (signal) => {
      const { items } = await session.host.listing.models(registry, {}, signal);
      return [
        {
          label: vscode.l10n.t('Another model'),
          description: vscode.l10n.t('Its name is typed in the panel'),
          icon: 'symbol-namespace',
          value: whole,
        },
        ...items.map(({ model, newest }) => ({
          label: model,
          description: newest?.commit && shortSha(newest.commit),
          icon: 'package',
          group: vscode.l10n.t('Newest versions'),
          value: { ...whole, model, commit: newest?.commit },
        })),
      ];
    },
  });
}
