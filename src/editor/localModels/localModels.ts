import * as vscode from 'vscode';
import { setContextKey } from '../contextKeys.ts';
import { shortSha } from '../wording.ts';
import type { Choice } from '../prompts.ts';
import type { Services } from '../services.ts';
import { ModelDecorations } from './decorations.ts';
import { HeadStatus } from './headStatus.ts';
import { KnownPublications } from './knownPublications.ts';
import { commitOfModel, type LocalModel, type WorkspaceModel } from './localModel.ts';
import { LocalModelsView } from './localModelsView.ts';
import { currentPublications } from './publications.ts';
import { asLocalRow, type LocalRow } from './rows.ts';
import { showPublication } from './showPublication.ts';
import { publishedLines } from './treeItem.ts';
import { WorkspaceModels } from './workspaceModels.ts';

/** The models on this machine: their view, the status of HEAD, the marks in the Explorer, and their commands. */
export interface LocalModels {
  readonly models: WorkspaceModels;
  readonly view: LocalModelsView;
  readonly head: HeadStatus;
  readonly decorations: ModelDecorations;
  dispose(): void;
}

export function registerLocalModels(services: Services): LocalModels {
  const { commands, log, settings, sessions } = services;
  const models = new WorkspaceModels(log);
  const publications = new KnownPublications(services);
  const view = new LocalModelsView(log, models, publications);
  const head = new HeadStatus({ models, publications, settings, sessions });
  const decorations = new ModelDecorations({ models, publications, settings, sessions });
  const registered = [
    models.onDidChange(() => {
      nameFolders(models).catch((error: unknown) => log.error(`local models: ${String(error)}`));
    }),
    commands.register('modelRegistries.refreshLocalModels', () => view.refresh()),
    commands.register('modelRegistries.revealInExplorer', (argument) =>
      withFolder(argument, 'revealInExplorer'),
    ),
    commands.register('modelRegistries.revealInOs', (argument) => withFolder(argument, 'revealFileInOS')),
    commands.register('modelRegistries.showInRegistries', async (argument) => {
      const row = asLocalRow(argument);
      const publication =
        row?.kind === 'publication'
          ? row.publication
          : row?.kind === 'localModel'
            ? publications.of(row.model)[0]
            : undefined;
      if (publication) await showPublication(services, publication);
    }),
    commands.register('modelRegistries.showHead', () => showHead(services, head.model, publications)),
  ];
  return {
    models,
    view,
    head,
    decorations,
    dispose: () => {
      for (const one of [...registered, decorations, head, view, publications, models]) one.dispose();
    },
  };
}

/** For the Explorer's menu, which names a folder of another machine by the path of its address. */
async function nameFolders({ all }: WorkspaceModels): Promise<void> {
  const paths = all.flatMap(({ folder }) => [folder, vscode.Uri.file(folder).path]);
  await setContextKey('modelRegistries.modelFolders', [...new Set(paths)]);
}

async function withFolder(argument: unknown, command: string): Promise<void> {
  const folder = folderOf(asLocalRow(argument));
  if (folder !== undefined) await vscode.commands.executeCommand(command, vscode.Uri.file(folder));
}

function folderOf(row: LocalRow | undefined): string | undefined {
  return row === undefined || row.kind === 'cache' ? undefined : row.model.folder;
}

type HeadAction = 'publish' | 'publishAgain' | 'show' | 'copySha';

/** What can be done with HEAD of the active model repository. */
async function showHead(
  services: Services,
  model: WorkspaceModel | undefined,
  publications: KnownPublications,
): Promise<void> {
  if (!model) {
    await services.prompts.notify({
      id: 'head.noModel',
      severity: 'information',
      message: vscode.l10n.t('There is no Git repository of a model in this workspace.'),
    });
    return;
  }
  const known = publications.of(model);
  const current = currentPublications(model, known);
  const commit = commitOfModel(model);
  const chosen = await services.prompts.pick<HeadAction>({
    id: 'head.actions',
    title: headTitle(model),
    placeholder: publishedLines(current).join(' · '),
    choices: headChoices(known.length > 0, current.length > 0, commit !== undefined),
  });
  const [shown = known[0]] = current;
  const folder = vscode.Uri.file(model.folder);
  switch (chosen) {
    case 'publish':
      await vscode.commands.executeCommand('modelRegistries.publish', folder);
      return;
    case 'publishAgain':
      await vscode.commands.executeCommand('modelRegistries.publishAgain', folder);
      return;
    case 'show':
      if (shown) await showPublication(services, shown);
      return;
    case 'copySha':
      await vscode.commands.executeCommand('modelRegistries.copySha', { kind: 'localModel', model });
      return;
    case undefined:
      return;
  }
}

function headTitle(model: LocalModel & WorkspaceModel): string {
  const commit = commitOfModel(model);
  return commit === undefined
    ? vscode.l10n.t('{0}: no commit', model.name)
    : vscode.l10n.t('{0} at {1}', model.name, shortSha(commit));
}

function headChoices(
  isKnown: boolean,
  isCurrent: boolean,
  isCommitted: boolean,
): readonly Choice<HeadAction>[] {
  const publish: Choice<HeadAction> = {
    label: vscode.l10n.t('Publish…'),
    icon: 'cloud-upload',
    value: 'publish',
  };
  const again: Choice<HeadAction> = {
    label: vscode.l10n.t('Publish Again'),
    description: vscode.l10n.t('to where it went last'),
    icon: 'sync',
    value: 'publishAgain',
  };
  const show: Choice<HeadAction> = {
    label: vscode.l10n.t('Show in Registries'),
    description: isCurrent ? undefined : vscode.l10n.t('the version published last'),
    icon: 'list-tree',
    value: 'show',
  };
  const copy: Choice<HeadAction> = {
    label: vscode.l10n.t('Copy Commit SHA'),
    icon: 'copy',
    value: 'copySha',
  };
  return [publish, ...(isKnown ? [again, show] : []), ...(isCommitted ? [copy] : [])];
}
