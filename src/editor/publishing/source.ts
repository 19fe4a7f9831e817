import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import { asRow, subjectOf } from '../rows.ts';
import type { PublishRequest, PublishStart } from '../publishService.ts';
import { asLocalRow } from '../localModels/rows.ts';

/** What the menu or row that a publish was started from tells; nothing for the palette. */
export function startOf(argument: unknown): PublishStart {
  if (argument instanceof vscode.Uri) return { folder: folderPath(argument) };
  if (isPublishRequest(argument)) return argument;
  const localRow = asLocalRow(argument);
  if (localRow?.kind === 'localModel') return { folder: localRow.model.folder };
  const subject = subjectOf(asRow(argument));
  if (subject) {
    const { session, registry, model } = subject;
    return { place: { session, registry }, ...(model !== undefined && { model }) };
  }
  return isSourceControl(argument) ? { folder: folderPath(argument.rootUri) } : {};
}

function folderPath(uri: vscode.Uri): string {
  if (uri.scheme === 'file') return uri.fsPath;
  throw new Failure(
    'notARepository',
    vscode.l10n.t('{0} is not a folder on this machine. Only those can be published.', uri.toString(true)),
  );
}

function isPublishRequest(value: unknown): value is PublishRequest {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'publishRequest';
}

/** What the menu of the Source Control view passes. */
function isSourceControl(value: unknown): value is { readonly rootUri: vscode.Uri } {
  return (
    typeof value === 'object' && value !== null && 'rootUri' in value && value.rootUri instanceof vscode.Uri
  );
}
