import path from 'node:path';
import * as vscode from 'vscode';
import { asPublishesRow } from '../publishes/rows.ts';
import type { ImportRequest, PublishStart } from '../publishService.ts';
import type { Services } from '../services.ts';
import { refuseUntrusted } from '../workspace.ts';
import { startOf } from './source.ts';

/** The commands that publish, from wherever they are started. What they do is loaded with the first of them. */
export function registerPublishing(services: Services): vscode.Disposable {
  const publish = async (startOf: () => PublishStart): Promise<void> => {
    if (vscode.workspace.isTrusted) await (await import('./publishFrom.ts')).publishFrom(services, startOf);
    else await refuseUntrusted(services, 'publish.untrusted');
  };
  return vscode.Disposable.from(
    services.commands.register('modelRegistries.publishShownChanges', () =>
      services.shownPlans.publishActive(),
    ),
    services.commands.register('modelRegistries.publish', (argument) => publish(() => startOf(argument))),
    services.commands.register('modelRegistries.publishAgain', (argument) => {
      const imported = importOf(argument);
      return imported === undefined
        ? publish(() => againStartOf(argument))
        : vscode.commands.executeCommand('modelRegistries.importModel', imported);
    }),
    services.commands.register('modelRegistries.resumePublish', async (argument) => {
      const row = asPublishesRow(argument);
      if (row?.kind !== 'interrupted') return;
      if (vscode.workspace.isTrusted)
        await (await import('./resumePublish.ts')).resumePublish(services, row.publish);
      else await refuseUntrusted(services, 'publish.untrusted');
    }),
  );
}

/** What a publish of the history imported, where it did. */
function importOf(argument: unknown): ImportRequest | undefined {
  const row = asPublishesRow(argument);
  const record = row?.kind === 'record' ? row.record : undefined;
  return record?.source && { kind: 'importRequest', source: record.source, again: record.destination };
}

/** Of a publish of the history, its own folder and destination; else where the folder was published last. */
function againStartOf(argument: unknown): PublishStart {
  const row = asPublishesRow(argument);
  if (row?.kind === 'record') {
    const { repository, folder, destination } = row.record;
    return { folder: path.join(repository, ...folder.split('/')), again: destination };
  }
  const { folder } = startOf(argument);
  return { ...(folder !== undefined && { folder }), again: 'last' };
}
