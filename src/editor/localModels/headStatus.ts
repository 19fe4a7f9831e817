import { realpath } from 'node:fs/promises';
import * as vscode from 'vscode';
import { visibleText } from '../../core/visibleText.ts';
import type { Services } from '../services.ts';
import { withBrokenIcons } from '../plainText.ts';
import { lines, shortSha } from '../wording.ts';
import { activeModel } from './activeModel.ts';
import type { KnownPublications } from './knownPublications.ts';
import { branchOfModel, commitOfModel, type WorkspaceModel } from './localModel.ts';
import { headState, type HeadState } from './headState.ts';
import { currentPublications, type Publication } from './publications.ts';
import { publishedLines } from './treeItem.ts';
import type { WorkspaceModels } from './workspaceModels.ts';

interface HeadSources {
  readonly models: WorkspaceModels;
  readonly publications: KnownPublications;
  readonly settings: Services['settings'];
  readonly sessions: Services['sessions'];
}

/** The status bar item that tells of the active model repository's HEAD. */
export class HeadStatus {
  readonly #sources: HeadSources;
  readonly item = vscode.window.createStatusBarItem('modelRegistries.head', vscode.StatusBarAlignment.Left);
  readonly #subscriptions: vscode.Disposable;
  /** Paths of the editor's file. They stay when a panel has the focus, or the last editor is closed. */
  #places: readonly string[] = [];
  #disposed = false;
  #model: WorkspaceModel | undefined;

  constructor(sources: HeadSources) {
    this.#sources = sources;
    this.item.name = vscode.l10n.t('Model HEAD');
    this.item.command = 'modelRegistries.showHead';
    const { models, publications, settings, sessions } = sources;
    const update = () => this.#update();
    this.#subscriptions = vscode.Disposable.from(
      models.onDidChange(update),
      models.onDidChangeStatus(update),
      publications.onDidChange(update),
      settings.onDidChange(update),
      sessions.onDidChange(update),
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
    return this.#model !== undefined && this.#sources.settings.showsHead();
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
    const { models, publications, sessions } = this.#sources;
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
    const known = publications.of(model);
    const ongoing = publications.ongoingOf(model);
    const state = headState(model, known, ongoing, sessions.all);
    const uncommitted = models.uncommitted(model) ?? 0;
    this.item.text = `$(package) ${withBrokenIcons(headText(model, state, uncommitted))}`;
    this.item.accessibilityInformation = { label: spokenText(model, state) };
    this.item.tooltip = visibleText(headTooltip(model, state, known, uncommitted));
    this.item.show();
  }
}

const stateWords: Readonly<Record<HeadState, () => string>> = {
  noCommit: () => vscode.l10n.t('no commit'),
  published: () => vscode.l10n.t('published'),
  publishing: () => vscode.l10n.t('publishing'),
  notPublished: () => vscode.l10n.t('not published'),
  unknown: () => vscode.l10n.t('unknown'),
};

/** `bert: not published`, with a star where changes are not committed, as Git's own item has it. */
function headText({ name }: WorkspaceModel, state: HeadState, uncommitted: number): string {
  const star = state !== 'noCommit' && uncommitted > 0 ? '*' : '';
  return vscode.l10n.t('{0}: {1}', `${name}${star}`, stateWords[state]());
}

function spokenText(model: WorkspaceModel, state: HeadState): string {
  const commit = commitOfModel(model);
  return commit === undefined
    ? vscode.l10n.t('{0}: {1}', model.name, stateWords[state]())
    : vscode.l10n.t('{0}: commit {1}, {2}', model.name, shortSha(commit), stateWords[state]());
}

function headTooltip(
  model: WorkspaceModel,
  state: HeadState,
  known: readonly Publication[],
  uncommitted: number,
): string {
  const commit = commitOfModel(model);
  const branch = branchOfModel(model);
  return lines(
    model.folder,
    commit && vscode.l10n.t('Commit: {0}', commit),
    branch && vscode.l10n.t('Branch: {0}', branch),
    ...stateLines(model, state, known),
    uncommitted > 0 ? vscode.l10n.t('Uncommitted changes: {0}', uncommitted) : undefined,
  );
}

function stateLines(
  model: WorkspaceModel,
  state: HeadState,
  known: readonly Publication[],
): readonly string[] {
  switch (state) {
    case 'noCommit':
      return [vscode.l10n.t('Nothing of it is committed yet')];
    case 'unknown':
      return [vscode.l10n.t('Sign in to see whether it is published')];
    case 'publishing':
      return [vscode.l10n.t('It is being published')];
    case 'published':
    case 'notPublished':
      return publishedLines(currentPublications(model, known));
  }
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
