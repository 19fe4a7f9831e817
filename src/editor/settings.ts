import * as vscode from 'vscode';
import { Failure } from '../core/failure.ts';
import { LONGEST_TEMPLATE, unknownNames } from '../core/publish/commitMessage.ts';

/** The settings of package.json, checked. */
export interface Settings {
  readonly onDidChange: vscode.Event<void>;
  /** What a setting of the person's own (`application` scope) holds, by its name without the section; unchecked. */
  value(name: string): unknown;
  /** Changes such a setting for all windows of the person. */
  change(name: string, value: unknown): Promise<void>;
  /** Whether the view shows registries that hold no models. */
  showOtherRegistries(): boolean;
  /** Whether the status bar tells of the active model repository's HEAD. */
  showsHead(): boolean;
  /** Whether the Explorer marks models whose HEAD is not published. */
  showsExplorerDecorations(): boolean;
  /** The template of commit messages for a folder. Throws a `refused` failure naming the setting where it names what there is not. */
  commitMessage(folder: vscode.Uri): string;
}

const SECTION = 'modelRegistries';

export function createSettings(): Settings & { dispose(): void } {
  const changed = new vscode.EventEmitter<void>();
  const subscription = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(SECTION)) changed.fire();
  });
  return {
    onDidChange: changed.event,
    value: (name) => vscode.workspace.getConfiguration(SECTION).get<unknown>(name),
    change: async (name, value) => {
      await vscode.workspace.getConfiguration(SECTION).update(name, value, vscode.ConfigurationTarget.Global);
    },
    showOtherRegistries: () =>
      vscode.workspace.getConfiguration(SECTION).get<boolean>('showOtherRegistries') !== false,
    showsHead: () => vscode.workspace.getConfiguration(SECTION).get<boolean>('showHead') !== false,
    showsExplorerDecorations: () =>
      vscode.workspace.getConfiguration(SECTION).get<boolean>('explorerDecorations') !== false,
    commitMessage: (folder) =>
      template(vscode.workspace.getConfiguration(SECTION, folder).get<unknown>('commitMessage')),
    dispose: () => {
      subscription.dispose();
      changed.dispose();
    },
  };
}

function template(text: unknown): string {
  if (typeof text !== 'string' || text.length > LONGEST_TEMPLATE) {
    throw new Failure(
      'refused',
      vscode.l10n.t(
        'The setting {0} must hold a text of at most {1} characters. Correct it in the settings.',
        `${SECTION}.commitMessage`,
        LONGEST_TEMPLATE,
      ),
    );
  }
  const [unknown] = unknownNames(text);
  if (unknown === undefined) return text;
  throw new Failure(
    'refused',
    vscode.l10n.t(
      'The setting {0} names {1}, which there is not. Correct it in the settings.',
      `${SECTION}.commitMessage`,
      `{${unknown}}`,
    ),
  );
}

/** Shows the settings that hold the addresses. */
export async function openSettings(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openSettings', SECTION);
}
