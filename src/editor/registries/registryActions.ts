import * as vscode from 'vscode';
import type { CommandId } from '../commands.ts';
import { setContextKey } from '../contextKeys.ts';
import type { Services } from '../services.ts';
import { sayInStatusBar } from '../statusBar.ts';
import type { Copied } from './copying.ts';
import { asRow, rowsOf, type RegistryRow, type Row, type VersionRow } from '../rows.ts';

const actions = () => import('./actions.ts');

/**
 * What can be done with registries, models and versions besides looking at them.
 *
 * @param selected The rows selected in the view, which is what a key pressed there is about.
 */
export function registerRegistryActions(
  services: Services,
  selected: () => readonly Row[],
): vscode.Disposable {
  const { commands, sessions, log } = services;
  const project = () => {
    const may = sessions.all.some((session) => session.may('createRegistry'));
    setContextKey('modelRegistries.canCreate', may).catch((error: unknown) =>
      log.error(`registry actions: ${String(error)}`),
    );
  };
  project();

  const copyCommand = (id: CommandId, what: Copied) =>
    commands.register(id, async (argument, rows) =>
      (await actions()).copyOf(services, rowsOf(argument, rows), what),
    );
  const registryAt = (argument: unknown): RegistryRow | undefined => {
    const rows = argument === undefined ? selected() : [asRow(argument)];
    const [row] = rows;
    return rows.length === 1 && row?.kind === 'registry' ? row : undefined;
  };

  return vscode.Disposable.from(
    sessions.onDidChange(project),
    commands.register('modelRegistries.createRegistry', async (argument) =>
      (await actions()).createRegistry(services, asRow(argument)),
    ),
    commands.register('modelRegistries.editDescription', async (argument) => {
      const row = registryAt(argument);
      if (row?.session.may('describeRegistry')) await (await actions()).editDescription(services, row);
    }),
    commands.register('modelRegistries.deleteRegistry', async (argument) => {
      const row = registryAt(argument);
      if (row?.session.may('deleteRegistry')) await (await actions()).deleteRegistry(services, row);
    }),
    commands.register('modelRegistries.deleteVersion', async (argument, rows) =>
      (await actions()).deleteVersions(services, deletableVersions(rowsOf(argument, rows))),
    ),
    commands.register('modelRegistries.deleteSelected', async () => {
      const versions = deletableVersions(selected());
      const registry = registryAt(undefined);
      const { deleteRegistry, deleteVersions } = await actions();
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
    copyCommand('modelRegistries.copyFilePath', 'path'),
    copyCommand('modelRegistries.copyFileSha256', 'sha256'),
    copyCommand('modelRegistries.copyFileUrl', 'fileUrl'),
    ...rowCommands(services),
  );
}

/** The commands of a row of the kind that each is for. */
function rowCommands(services: Services): readonly vscode.Disposable[] {
  const { commands, registriesView } = services;
  const of = <Kind extends Row['kind']>(
    id: CommandId,
    kind: Kind,
    action: (row: Extract<Row, { kind: Kind }>) => unknown,
  ) =>
    commands.register(id, (argument) => {
      const row = asRow(argument);
      return row?.kind === kind ? action(row as Extract<Row, { kind: Kind }>) : undefined;
    });
  return [
    commands.register('modelRegistries.findModel', async (argument) =>
      (await actions()).findModel(services, asRow(argument)),
    ),
    of('modelRegistries.filterByNamespace', 'registry', async (row) =>
      (await actions()).filterByNamespace(services, row),
    ),
    of('modelRegistries.showRevision', 'model', async (row) =>
      (await actions()).chooseRevision(services, row),
    ),
    of('modelRegistries.openModel', 'registry', async (row) => (await actions()).openModel(services, row)),
    of('modelRegistries.pinNamespace', 'organization', async (row) =>
      (await actions()).pinRegistry(services, row),
    ),
    of('modelRegistries.unpinNamespace', 'registry', async (row) =>
      (await actions()).unpinRegistry(services, row),
    ),
    // As the command that publishes, under the name that it has for a model that is there.
    of('modelRegistries.publishNewVersion', 'model', (row) =>
      vscode.commands.executeCommand('modelRegistries.publish', row),
    ),
    of('modelRegistries.clearFilter', 'registry', (row) => registriesView.filter(row, undefined)),
  ];
}

function deletableVersions(rows: readonly Row[]): readonly VersionRow[] {
  return rows.filter((row): row is VersionRow => row.kind === 'version' && row.session.may('deleteVersion'));
}
