import * as vscode from 'vscode';
import type { PublishLogs } from './logs.ts';

/** Documents of this scheme cannot be edited. */
const LOG_SCHEME = 'model-registries-log';

/** Shows the logs of publishes, read-only, as they are when they are opened. */
export class PublishLogDocuments {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #provider: vscode.Disposable;

  constructor(logs: Pick<PublishLogs, 'read'>) {
    this.#provider = vscode.workspace.registerTextDocumentContentProvider(LOG_SCHEME, {
      onDidChange: this.#changed.event,
      provideTextDocumentContent: async ({ query }) =>
        (await logs.read(query)) ??
        vscode.l10n.t('This log is gone: it was removed with its entry in the history.'),
    });
  }

  /** `title` is the name of the document. */
  async show(id: string, title: string): Promise<void> {
    const name = title.replace(/[^\w.@-]+/g, '-');
    const uri = vscode.Uri.from({ scheme: LOG_SCHEME, path: `/${name}.log`, query: id });
    // A document that is open already is read anew.
    this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, 'log').then(undefined, () => undefined);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  dispose(): void {
    this.#provider.dispose();
    this.#changed.dispose();
  }
}
