import { realpath } from 'node:fs/promises';
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

interface Told {
  readonly models: WorkspaceModels;
  readonly publications: KnownPublications;
  readonly settings: Services['settings'];
}

/** The status bar item that tells of the active model repository's HEAD. */
export class HeadStatus {
  readonly #told: Told;
  readonly item = vscode.window.createStatusBarItem('modelRegistries.head', vscode.StatusBarAlignment.Left);
  readonly #subscriptions: vscode.Disposable;
  /** Paths of the editor's file. They stay when a panel has the focus, or the last editor is closed. */
  #places: readonly string[] = [];
  #disposed = false;
  #model: WorkspaceModel | undefined;

  constructor(told: Told) {
    this.#told = told;
    this.item.name = vscode.l10n.t('Model HEAD');
    this.item.command = 'modelRegistries.showHead';
    const { models, publications, settings } = told;
    const update = () => this.#update();
    this.#subscriptions = vscode.Disposable.from(
      models.onDidChange(update),
      models.onDidChangeStatus(update),
      publications.onDidChange(update),
      settings.onDidChange(update),
      vscode.window.tabGroups.onDidChangeTabs(update),
      vscode.window.tabGroups.onDidChangeTabGroups(update),
      this.item,
    );
    update();
  }

  /** The model that it tells of. */
  get model(): WorkspaceModel | undefined {
    return this.#model;
  }

  /** Whether it is shown. */
  get visible(): boolean {
    return this.#model !== undefined && this.#told.settings.showsHead();
  }

  dispose(): void {
    this.#disposed = true;
    this.#subscriptions.dispose();
  }

  /** The editor spells a file as it was opened, through links and drives that stand for folders; Git does not. */
  async #addRealPath(file: string): Promise<void> {
    const real = await realpath(file).catch(() => file);
    if (real === file || this.#disposed || this.#places[0] !== file) return;
    this.#places = [file, real];
    this.#update();
  }

  #update(): void {
    const { models, publications } = this.#told;
    const file = activeFile();
    if (file !== undefined && file !== this.#places[0]) {
      this.#places = [file];
      void this.#addRealPath(file);
    }
    const model = (this.#model = activeModel(models.all, this.#places));
    if (!model || !this.visible) {
      this.item.hide();
      return;
    }
    const { text, spoken } = headText(model, publications, models.uncommitted(model));
    this.item.text = text;
    this.item.accessibilityInformation = { label: spoken };
    this.item.tooltip = visibleText(headTooltip(model, publications, models.uncommitted(model)));
    this.item.show();
  }
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
