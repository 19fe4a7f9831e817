import * as vscode from 'vscode';
import { sessionsFor, whenLoaded } from '../accounts/usableSessions.ts';
import { publishedModel } from '../localModels/showPublication.ts';
import { pickRegistry } from '../registries/registryPick.ts';
import { asRow, rowsOf, subjectOf, type Row, type RowSubject } from '../rows.ts';
import type { Services } from '../services.ts';
import { shortSha } from '../wording.ts';
import { sayInStatusBar } from '../statusBar.ts';
import { copyInstallCommands, type Installed } from '../installCommand.ts';
import { PANEL_TYPE, type PanelStart, fillPanel, openPanel } from './panel.ts';
import { type PanelSubject, subjectKey } from './panelState.ts';
import { currentEndpoint } from './panelWork.ts';
import { restorePanel } from './savedPanel.ts';

/** The command that shows how to publish and install with other clients. Each subject has one panel, which a reload brings back. */
export function registerInstructions(services: Services): vscode.Disposable {
  const panels = new Map<string, vscode.WebviewPanel>();
  const show = (panel: vscode.WebviewPanel, start: PanelStart) => {
    const key = subjectKey(start.subject);
    panels.set(key, panel);
    panel.onDidDispose(() => {
      if (panels.get(key) === panel) panels.delete(key);
    });
    fillPanel(services, panel, start);
  };
  const command = services.commands.register('modelRegistries.showInstructions', async (argument) => {
    const row = asRow(argument) ?? (await publishedModel(services, argument));
    const shown = subjectOf(row);
    const subject = row ? shown && panelSubject(shown) : await askSubject(services);
    if (subject === undefined) return;
    const open = panels.get(subjectKey(subject));
    if (open) open.reveal();
    else show(openPanel(services, subject), { subject });
  });
  const copyInstall = services.commands.register(
    'modelRegistries.copyInstallCommand',
    async (argument, rows) => {
      const copied = await copyInstallCommands(services, rowsOf(argument, rows).flatMap(installedOf));
      if (copied) sayInStatusBar(vscode.l10n.t('Install command copied'), 3000);
    },
  );
  const serializer = vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, {
    async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown) {
      const saved = restorePanel(state);
      if (!saved) {
        services.log.warn('A panel with commands could not be brought back; it was closed.');
        panel.dispose();
        return;
      }
      await whenLoaded(services.sessions);
      const endpoint = currentEndpoint(services, saved.subject);
      show(panel, { ...saved, subject: { ...saved.subject, endpoint } });
    },
  });
  // Panels are left alone: those that are open when the window is reloaded come back.
  return vscode.Disposable.from(serializer, command, copyInstall);
}

function installedOf(row: Row): readonly Installed[] {
  const subject = subjectOf(row);
  if (subject?.model === undefined) return [];
  const { session, registry, model, commit } = subject;
  return [{ endpoint: session.host.hub(registry).endpoint, model, commit }];
}

function panelSubject({ session, registry, model, commit }: RowSubject): PanelSubject {
  const { accountId, host } = session;
  return { accountId, registry, endpoint: host.hub(registry).endpoint, model, commit };
}

/** From the palette: a registry, then one of its newest versions or the registry as such. */
async function askSubject(services: Services): Promise<PanelSubject | undefined> {
  const title = vscode.l10n.t('Show Publish and Install Commands');
  const sessions = await sessionsFor(services, vscode.l10n.t('Sign in to Buildkite to see your registries.'));
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
    placeholder: vscode.l10n.t('The model and version'),
    step: 2,
    totalSteps: 2,
    choices: async (signal) => {
      const { items } = await session.host.versions(registry, {}, signal);
      return [
        {
          label: vscode.l10n.t('Another model'),
          description: vscode.l10n.t('with a placeholder for its name'),
          icon: 'symbol-namespace',
          value: whole,
        },
        ...items.map(({ model, commit }) => ({
          label: model,
          description: commit && shortSha(commit),
          icon: 'package',
          group: vscode.l10n.t('Newest versions'),
          value: { ...whole, model, commit },
        })),
      ];
    },
  });
}
