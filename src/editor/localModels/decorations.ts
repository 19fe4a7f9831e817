import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import type { KnownPublications } from './knownPublications.ts';
import type { WorkspaceModels } from './workspaceModels.ts';

type Shown = Pick<Services, 'settings' | 'sessions'> & {
  readonly models: WorkspaceModels;
  readonly publications: KnownPublications;
};

/** Marks the folders of models in the Explorer whose HEAD is not published, while somebody is signed in. */
export class ModelDecorations implements vscode.FileDecorationProvider {
  readonly #shown: Shown;
  readonly #changed = new vscode.EventEmitter<vscode.Uri[]>();
  readonly onDidChangeFileDecorations = this.#changed.event;
  readonly #subscriptions: vscode.Disposable;
  /** Folders that may bear a mark. */
  #folders: readonly string[] = [];

  constructor(shown: Shown) {
    this.#shown = shown;
    const { models, publications, settings, sessions } = shown;
    this.#subscriptions = vscode.Disposable.from(
      ...[models, publications, settings, sessions].map(({ onDidChange }) =>
        onDidChange(() => this.#redraw()),
      ),
      vscode.window.registerFileDecorationProvider(this),
      this.#changed,
    );
  }

  provideFileDecoration({ scheme, fsPath }: vscode.Uri): vscode.FileDecoration | undefined {
    const { models, publications, settings, sessions } = this.#shown;
    if (scheme !== 'file' || !settings.showsExplorerDecorations() || sessions.all.length === 0)
      return undefined;
    const model = models.all.find(({ folder }) => folder === fsPath);
    if (!model) return undefined;
    if (publications.stateOf(model).kind !== 'notPublished') return undefined;
    return new vscode.FileDecoration('↑', vscode.l10n.t('HEAD is not published'));
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #redraw(): void {
    const now = this.#shown.models.all.map(({ folder }) => folder);
    this.#changed.fire([...new Set([...this.#folders, ...now])].map((folder) => vscode.Uri.file(folder)));
    this.#folders = now;
  }
}
