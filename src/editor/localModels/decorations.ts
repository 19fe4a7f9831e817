import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import type { KnownPublications } from './knownPublications.ts';
import { commitOfModel } from './localModel.ts';
import { currentPublications } from './publications.ts';
import type { WorkspaceModels } from './workspaceModels.ts';

/** Marks the folders of models in the Explorer whose HEAD is not published, while somebody is signed in. */
export interface ModelDecorations extends vscode.FileDecorationProvider {
  dispose(): void;
}

export function createModelDecorations({
  models,
  publications,
  settings,
  sessions,
}: {
  readonly models: WorkspaceModels;
  readonly publications: KnownPublications;
} & Pick<Services, 'settings' | 'sessions'>): ModelDecorations {
  const changed = new vscode.EventEmitter<vscode.Uri[]>();
  /** Folders that may bear a mark. */
  let folders: readonly string[] = [];
  const redraw = () => {
    const now = models.all.map(({ folder }) => folder);
    changed.fire([...new Set([...folders, ...now])].map((folder) => vscode.Uri.file(folder)));
    folders = now;
  };
  const provider: vscode.FileDecorationProvider = {
    onDidChangeFileDecorations: changed.event,
    provideFileDecoration({ scheme, fsPath }) {
      if (scheme !== 'file' || !settings.showsExplorerDecorations() || sessions.all.length === 0)
        return undefined;
      const model = models.all.find(({ folder }) => folder === fsPath);
      if (!model || commitOfModel(model) === undefined) return undefined;
      if (currentPublications(model, publications.of(model)).length > 0) return undefined;
      return new vscode.FileDecoration('M↑', vscode.l10n.t('HEAD is not published'));
    },
  };
  const subscriptions = [
    models.onDidChange(redraw),
    publications.onDidChange(redraw),
    settings.onDidChange(redraw),
    sessions.onDidChange(redraw),
    vscode.window.registerFileDecorationProvider(provider),
    changed,
  ];
  return {
    ...provider,
    dispose: () => {
      for (const one of subscriptions) one.dispose();
    },
  };
}
