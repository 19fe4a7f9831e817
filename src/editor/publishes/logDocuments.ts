import * as vscode from 'vscode';
import type { PublishLogs } from './logs.ts';

/** Documents of this scheme cannot be edited. */
const LOG_SCHEME = 'model-registries-log';

/** Shows the logs of publishes, read-only, as they are when they are opened. */
interface PublishLogDocuments {
  /** `title` is the name of the document. */
  show(id: string, title: string): Promise<void>;
  dispose(): void;
}

export function createPublishLogDocuments(logs: Pick<PublishLogs, 'read'>): PublishLogDocuments {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const provider = vscode.workspace.registerTextDocumentContentProvider(LOG_SCHEME, {
    onDidChange: changed.event,
    provideTextDocumentContent: async ({ query }) =>
      (await logs.read(query)) ?? vscode.l10n.t('This log is gone: it went with the history of publishes.'),
  });
  return {
    async show(id, title) {
      const name = title.replace(/[^\w.@-]+/g, '-');
      const uri = vscode.Uri.from({ scheme: LOG_SCHEME, path: `/${name}.log`, query: id });
      // A document that is open already is read anew.
      changed.fire(uri);
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.languages.setTextDocumentLanguage(document, 'log').then(undefined, () => undefined);
      await vscode.window.showTextDocument(document, { preview: true });
    },
    dispose() {
      provider.dispose();
      changed.dispose();
    },
  };
}
