import * as vscode from 'vscode';
import type { CommandId } from '../commands.ts';
import { setContextKey } from '../contextKeys.ts';
import type { Services } from '../services.ts';
import { sayInStatusBar } from '../statusBar.ts';
import { copyOf, type Copied } from './copying.ts';
import { createRegistry } from './createRegistry.ts';
import { findModel } from './findModel.ts';
import { openModel } from './openModel.ts';
import { pinRegistry, unpinRegistry } from './pins.ts';
import { chooseRevision } from './revisionChoice.ts';
import { filterByNamespace } from './namespaceFilter.ts';
import { deleteRegistry } from './registryDeletion.ts';
import { editDescription } from './registryDescription.ts';
import { asRow, rowsOf, type RegistryRow, type Row, type VersionRow } from '../rows.ts';
import { deleteVersions } from './versionDeletion.ts';

/**
 * What can be done with registries, models and versions besides looking at them.
 *
 * @param selected The rows selected in the view, which is what a key pressed there is about.
 */
export function registerRegistryActions(
  services: Services,
  selected: () => readonly Row[],
): vscode.Disposable {
  const { commands, registriesView, sessions, log } = services;
  const project = () => {
    const may = sessions.all.some((session) => session.may('createRegistry'));
    setContextKey('modelRegistries.canCreate', may).catch((error: unknown) =>
      log.error(`registry actions: ${String(error)}`),
    );
  };
  project();

  const copyCommand = (id: CommandId, what: Copied) =>
    commands.register(id, (argument, rows) => copyOf(services, rowsOf(argument, rows), what));
  const registryAt = (argument: unknown): RegistryRow | undefined => {
    const rows = argument === undefined ? selected() : [asRow(argument)];
    const [row] = rows;
    return rows.length === 1 && row?.kind === 'registry' ? row : undefined;
  };

  return vscode.Disposable.from(
    sessions.onDidChange(project),
    commands.register('modelRegistries.createRegistry', (argument) =>
      createRegistry(services, asRow(argument)),
    ),
    commands.register('modelRegistries.editDescription', async (argument) => {
      const row = registryAt(argument);
      if (row?.session.may('describeRegistry')) await editDescription(services, row);
    }),
    commands.register('modelRegistries.deleteRegistry', async (argument) => {
      const row = registryAt(argument);
      if (row?.session.may('deleteRegistry')) await deleteRegistry(services, row);
    }),
    commands.register('modelRegistries.deleteVersion', (argument, rows) =>
      deleteVersions(services, deletableVersions(rowsOf(argument, rows))),
    ),
    commands.register('modelRegistries.deleteSelected', async () => {
      const versions = deletableVersions(selected());
      const registry = registryAt(undefined);
      if (versions.length > 0) await deleteVersions(services, versions);
      else if (registry?.session.may('deleteRegistry')) await deleteRegistry(services, registry);
      else {
        // VS Code tells which rows are selected, and not which one the arrow keys are at.
        sayInStatusBar(
          vscode.l10n.t('Nothing is selected that you can delete. Press Enter on a row to select it.'),
          5000,
        );
      }
    }),
    copyCommand('modelRegistries.copyModelId', 'modelId'),
    copyCommand('modelRegistries.copyPageUrl', 'pageUrl'),
    copyCommand('modelRegistries.copyHubUrl', 'hubUrl'),
    commands.register('modelRegistries.findModel', (argument) => findModel(services, asRow(argument))),
    commands.register('modelRegistries.filterByNamespace', async (argument) => {
      const row = asRow(argument);
      if (row?.kind === 'registry') await filterByNamespace(services, row);
    }),
    commands.register('modelRegistries.showRevision', async (argument) => {
      const row = asRow(argument);
      if (row?.kind === 'model') await chooseRevision(services, row);
    }),
    commands.register('modelRegistries.openModel', async (argument) => {
      const row = asRow(argument);
      if (row?.kind === 'registry') await openModel(services, row);
    }),
    commands.register('modelRegistries.pinNamespace', async (argument) => {
      const row = asRow(argument);
      if (row?.kind === 'organization') await pinRegistry(services, row);
    }),
    commands.register('modelRegistries.unpinNamespace', async (argument) => {
      const row = asRow(argument);
      if (row?.kind === 'registry') await unpinRegistry(services, row);
    }),
    commands.register('modelRegistries.clearFilter', (argument) => {
      const row = asRow(argument);
      if (row?.kind === 'registry') registriesView.filter(row, undefined);
    }),
  );
}

function deletableVersions(rows: readonly Row[]): readonly VersionRow[] {
  return rows.filter((row): row is VersionRow => row.kind === 'version' && row.session.may('deleteVersion'));
}
