import * as vscode from 'vscode';
import { visibleText } from '../../core/visibleText.ts';
import type { Services } from '../services.ts';
import { shortSha } from '../wording.ts';
import { activeModel } from './activeModel.ts';
import type { KnownPublications } from './knownPublications.ts';
import { branchOfModel, commitOfModel, type WorkspaceModel } from './localModel.ts';
import { currentPublications } from './publications.ts';
import { publishedLines } from './treeItem.ts';
import type { WorkspaceModels } from './workspaceModels.ts';

/** The status bar item that tells of the active model repository's HEAD. */
export interface HeadStatus {
  /** The model that it tells of. */
  readonly model: WorkspaceModel | undefined;
  readonly item: vscode.StatusBarItem;
  /** Whether it is shown. */
  readonly visible: boolean;
  dispose(): void;
}

export function createHeadStatus({
  models,
  publications,
  settings,
}: {
  readonly models: WorkspaceModels;
  readonly publications: KnownPublications;
  readonly settings: Services['settings'];
}): HeadStatus {
  const item = vscode.window.createStatusBarItem('modelRegistries.head', vscode.StatusBarAlignment.Left);
  item.name = vscode.l10n.t('Model HEAD');
  item.command = 'modelRegistries.showHead';
  /** Stays when a panel has the focus, or the last editor is closed. */
  let file: string | undefined;
  let model: WorkspaceModel | undefined;
  let visible = false;

  const update = () => {
    file = activeFile() ?? file;
    model = activeModel(models.all, file);
    visible = model !== undefined && settings.showsHead();
    if (!model || !visible) {
      item.hide();
      return;
    }
    const { text, spoken } = headText(model, publications, models.uncommitted(model));
    item.text = text;
    item.accessibilityInformation = { label: spoken };
    item.tooltip = visibleText(headTooltip(model, publications, models.uncommitted(model)));
    item.show();
  };
  const subscriptions = [
    models.onDidChange(update),
    models.onDidChangeStatus(update),
    publications.onDidChange(update),
    settings.onDidChange(update),
    vscode.window.tabGroups.onDidChangeTabs(update),
    vscode.window.tabGroups.onDidChangeTabGroups(update),
    item,
  ];
  update();

  return {
    get model() {
      return model;
    },
    get visible() {
      return visible;
    },
    item,
    dispose: () => {
      for (const one of subscriptions) one.dispose();
    },
  };
}

/** `abc1234 published`, with a star where changes are not committed, as Git's own item has it. */
function headText(
  model: WorkspaceModel,
  publications: KnownPublications,
  uncommitted: number | undefined,
): { readonly text: string; readonly spoken: string } {
  const commit = commitOfModel(model);
  if (commit === undefined) {
    const said = vscode.l10n.t('no commit');
    return { text: `$(cloud-upload) ${said}`, spoken: vscode.l10n.t('{0}: no commit', model.name) };
  }
  const isPublished = currentPublications(model, publications.of(model)).length > 0;
  const state = isPublished ? vscode.l10n.t('published') : vscode.l10n.t('not published');
  const icon = isPublished ? 'cloud' : 'cloud-upload';
  const star = uncommitted !== undefined && uncommitted > 0 ? '*' : '';
  return {
    text: `$(${icon}) ${shortSha(commit)}${star} ${state}`,
    spoken: vscode.l10n.t('{0}: commit {1}, {2}', model.name, shortSha(commit), state),
  };
}

function headTooltip(
  model: WorkspaceModel,
  publications: KnownPublications,
  uncommitted: number | undefined,
): string {
  const commit = commitOfModel(model);
  const branch = branchOfModel(model);
  return [
    model.folder,
    ...(commit === undefined ? [] : [vscode.l10n.t('Commit: {0}', commit)]),
    ...(branch === undefined ? [] : [vscode.l10n.t('Branch: {0}', branch)]),
    ...(commit === undefined
      ? [vscode.l10n.t('Nothing of it is committed yet')]
      : publishedLines(currentPublications(model, publications.of(model)))),
    ...(uncommitted === undefined || uncommitted === 0
      ? []
      : [vscode.l10n.t('Uncommitted changes: {0}', uncommitted)]),
  ].join('\n');
}

/** Of the active editor, whatever kind it is. */
function activeFile(): string | undefined {
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri =
    input instanceof vscode.TabInputTextDiff || input instanceof vscode.TabInputNotebookDiff
      ? input.modified
      : input instanceof vscode.TabInputText ||
          input instanceof vscode.TabInputCustom ||
          input instanceof vscode.TabInputNotebook
        ? input.uri
        : undefined;
  return uri?.scheme === 'file' ? uri.fsPath : undefined;
}
