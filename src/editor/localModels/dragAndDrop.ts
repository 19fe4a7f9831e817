import * as vscode from 'vscode';
import type { PublishRequest } from '../publishService.ts';
import { subjectAround, type Row } from '../rows.ts';
import type { LocalRow } from './rows.ts';

/**
 * What a dragged model's folder is carried as. Under the type that VS Code has for drags out of a view
 * (`application/vnd.code.tree.modelregistries.localmodels`) it puts handles of its own, which mean nothing to another
 * view.
 */
export const LOCAL_MODELS_MIME = 'application/vnd.model-registries.local-model';

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
    const folder = await draggedFolder(dataTransfer);
    const request = folder === undefined || target === undefined ? undefined : requestAt(target, folder);
    if (request) await vscode.commands.executeCommand('modelRegistries.publish', request);
  },
};

/** VS Code puts an empty item of the type before the one that was set. */
async function draggedFolder(dataTransfer: vscode.DataTransfer): Promise<string | undefined> {
  const items = [...dataTransfer].filter(([mime]) => mime === LOCAL_MODELS_MIME);
  const texts = await Promise.all(items.map(([, item]) => item.asString()));
  return texts.find((text) => text !== '');
}

function requestAt(target: Row, folder: string): PublishRequest | undefined {
  const subject = subjectAround(target);
  if (!subject) return undefined;
  const { session, registry, model } = subject;
  const kind = 'publishRequest';
  return { kind, folder, place: { session, registry }, ...(model !== undefined && { model }) };
}
