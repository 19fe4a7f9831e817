import * as vscode from 'vscode';
import { versionOfRow } from '../newestVersion.ts';
import { asRow, type Row, type VersionRow } from '../rows.ts';
import type { Services } from '../services.ts';
import type { FileContents } from './fileContents.ts';
import { registerFileSystem } from './fileSystem.ts';
import { FileOpener } from './openFile.ts';
import { WeightsDocuments } from './weightsDocuments.ts';

/** Opening the files of versions, comparing versions with each other and with HEAD, and weights of this machine. */
export function registerVersionFiles(services: Services, contents: FileContents): vscode.Disposable {
  const { commands, log } = services;
  const opener = new FileOpener(services, contents);
  const weights = new WeightsDocuments(contents);
  return vscode.Disposable.from(
    registerFileSystem(contents, log),
    weights.register(),
    commands.register('modelRegistries.openFile', async (argument, as) => {
      const row = asRow(argument);
      if (row?.kind === 'file') await opener.open(row, as === 'source' ? as : undefined);
    }),
    commands.register('modelRegistries.compareWithHead', async (argument) => {
      const row = await versionOfRow(asRow(argument));
      if (row === undefined) return;
      await (await import('./compare.ts')).compareWithHead(services, contents, weights, row);
    }),
    commands.register('modelRegistries.compareVersions', async (argument, selected) => {
      const row = await versionOfRow(asRow(argument));
      if (row === undefined) return;
      const { compareVersions } = await import('./compare.ts');
      await compareVersions(services, contents, weights, row, versionsIn(selected));
    }),
    commands.register('modelRegistries.compareWeights', async (argument, selected) => {
      if (!isLocalFile(argument)) return;
      const { compareWeightFiles } = await import('./compareLocalWeights.ts');
      await compareWeightFiles(services, weights, argument, filesIn(selected));
    }),
  );
}

function isLocalFile(argument: unknown): argument is vscode.Uri {
  return argument instanceof vscode.Uri && argument.scheme === 'file';
}

/** The files that the Explorer passes beside the one that its menu was opened on. */
function filesIn(selected: unknown): readonly vscode.Uri[] {
  const files: readonly unknown[] = Array.isArray(selected) ? selected : [];
  return files.filter(isLocalFile);
}

/** The versions among the rows that a menu passes beside the one it was opened on. */
function versionsIn(selected: unknown): readonly VersionRow[] {
  const rows: readonly unknown[] = Array.isArray(selected) ? selected : [];
  return rows
    .map(asRow)
    .filter(
      (row): row is Extract<Row, VersionRow> => row?.kind === 'version' && row.version.commit !== undefined,
    );
}
