import * as vscode from 'vscode';
import { sessionsFor } from '../accounts/usableSessions.ts';
import { pickRegistry } from '../registries/registryPick.ts';
import { type Row, asRow } from '../registries/rows.ts';
import type { Services } from '../services.ts';
import { openPanel } from './panel.ts';
import { type PanelSubject, subjectKey } from './panelState.ts';

/** The command that shows how to publish and install with other clients. Each subject has one panel. */
export function registerInstructions(services: Services): vscode.Disposable {
  const panels = new Map<string, vscode.WebviewPanel>();
  const command = services.commands.register('modelRegistries.showInstructions', async (argument) => {
    const row = asRow(argument);
    const subject = row === undefined ? await askSubject(services) : subjectOf(row);
    if (subject === undefined) return;
    const key = subjectKey(subject);
    const open = panels.get(key);
    if (open) {
      open.reveal();
      return;
    }
    const panel = openPanel(services, subject);
    panels.set(key, panel);
    panel.onDidDispose(() => panels.delete(key));
  });
  return new vscode.Disposable(() => {
    command.dispose();
    for (const panel of [...panels.values()]) panel.dispose();
  });
}

function subjectOf(row: Row): PanelSubject | undefined {
  switch (row.kind) {
    case 'registry':
      return {
        registry: row.registry,
        endpoint: row.session.host.hub(row.registry).endpoint,
        model: undefined,
        commit: undefined,
      };
    case 'model':
      return {
        registry: row.registry,
        endpoint: row.session.host.hub(row.registry).endpoint,
        model: row.model,
        commit: undefined,
      };
    case 'version':
    case 'folder':
    case 'file':
      return {
        registry: row.version.registry,
        endpoint: row.session.host.hub(row.version.registry).endpoint,
        model: row.version.model,
        commit: row.version.commit,
      };
    case 'organization':
    case 'otherRegistry':
    case 'more':
    case 'empty':
    case 'failed':
    case 'signIn':
      return undefined;
  }
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
  const whole = {
    registry,
    endpoint: session.host.hub(registry).endpoint,
    model: undefined,
    commit: undefined,
  };
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
          description: commit?.slice(0, 7),
          icon: 'package',
          group: vscode.l10n.t('Newest versions'),
          value: { ...whole, model, commit },
        })),
      ];
    },
  });
}
