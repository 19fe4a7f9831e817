import * as vscode from 'vscode';
import type { PublishRequest } from '../publishing/source.ts';
import type { Row } from '../registries/rows.ts';
import type { LocalRow } from './rows.ts';

/** What VS Code calls a drag out of the Local Models view: the view's id in lower case. */
export const LOCAL_MODELS_MIME = 'application/vnd.code.tree.modelregistries.localmodels';

/** Local models can be taken out of their view, and nothing be dropped there. */
export const localModelsDrag: vscode.TreeDragAndDropController<LocalRow> = {
  dragMimeTypes: [LOCAL_MODELS_MIME],
  dropMimeTypes: [],
  handleDrag(rows, dataTransfer) {
    const [folder] = rows.flatMap((row) => (row.kind === 'localModel' ? [row.model.folder] : []));
    if (folder !== undefined) dataTransfer.set(LOCAL_MODELS_MIME, new vscode.DataTransferItem(folder));
  },
};

/** Dropping a local model onto a registry, or onto what is in it, publishes it there. */
export const registriesDrop: vscode.TreeDragAndDropController<Row> = {
  dragMimeTypes: [],
  dropMimeTypes: [LOCAL_MODELS_MIME],
  async handleDrop(target, dataTransfer) {
    const folder = await dataTransfer.get(LOCAL_MODELS_MIME)?.asString();
    const request = folder === undefined || target === undefined ? undefined : requestAt(target, folder);
    if (request) await vscode.commands.executeCommand('modelRegistries.publish', request);
  },
};

function requestAt(target: Row, folder: string): PublishRequest | undefined {
  const kind = 'publishRequest';
  switch (target.kind) {
    case 'registry':
    case 'otherRegistry':
      return { kind, folder, place: { session: target.session, registry: target.registry } };
    case 'model':
      return {
        kind,
        folder,
        place: { session: target.session, registry: target.registry },
        model: target.model,
      };
    case 'version':
    case 'folder':
    case 'file':
      return {
        kind,
        folder,
        place: { session: target.session, registry: target.version.registry },
        model: target.version.model,
      };
    case 'more':
    case 'empty':
    case 'failed':
      return target.parent.kind === 'account' || target.parent.kind === 'organization'
        ? undefined
        : requestAt(target.parent, folder);
    case 'organization':
    case 'signIn':
      return undefined;
  }
}
