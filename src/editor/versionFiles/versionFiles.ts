import * as vscode from 'vscode';
import { versionOfRow } from '../newestVersion.ts';
import { asRow, type Row, type VersionRow } from '../rows.ts';
import type { Services } from '../services.ts';
import type { FileContents } from './fileContents.ts';
import { registerFileSystem } from './fileSystem.ts';
import { FileOpener } from './openFile.ts';

/** Opening the files of versions, and comparing versions with each other and with HEAD. */
export function registerVersionFiles(services: Services, contents: FileContents): vscode.Disposable {
  const { commands, log } = services;
  const opener = new FileOpener(services, contents);
  return vscode.Disposable.from(
    registerFileSystem(contents, log),
    commands.register('modelRegistries.openFile', async (argument, as) => {
      const row = asRow(argument);
      if (row?.kind === 'file') await opener.open(row, as === 'source' ? as : undefined);
    }),
    commands.register('modelRegistries.compareWithHead', async (argument) => {
      const row = await versionOfRow(asRow(argument));
      if (row === undefined) return;
      await (await import('./compare.ts')).compareWithHead(services, contents, row);
    }),
    commands.register('modelRegistries.compareVersions', async (argument, selected) => {
      const row = await versionOfRow(asRow(argument));
      if (row === undefined) return;
      const { compareVersions } = await import('./compare.ts');
      await compareVersions(services, contents, row, versionsIn(selected));
    }),
  );
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
