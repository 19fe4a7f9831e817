import * as vscode from 'vscode';
import { sizeText } from '../../core/sizeText.ts';
import { bothCommits, dateTime, joined, lines, registryName, shortSha } from '../wording.ts';
import { relativeTime } from '../relativeTime.ts';
import { branchOfModel, commitOfModel, type LocalModel } from './localModel.ts';
import type { Measured } from './localSizes.ts';
import type { Publication, PublicationState } from './publications.ts';
import { localRowId, type LocalRow, type PublicationRow } from './rows.ts';

/** What rows look like besides their own data. */
interface LocalSurroundings {
  readonly now: Date;
  /** Language tag for times and sizes. */
  readonly locale: string;
  readonly sizeOf: (model: LocalModel) => Measured | undefined;
  /** Newest first. */
  readonly publicationsOf: (model: LocalModel) => readonly Publication[];
  readonly stateOf: (model: LocalModel) => PublicationState;
}

/** Every word a context value of this view can hold; `when` clauses of package.json match them as whole words. */
export const LOCAL_CONTEXT_WORDS = [
  'localModel',
  'cache',
  'publication',
  'unpublished',
  /** It is a commit. */
  'sha',
  /** The Explorer shows it. */
  'inWorkspace',
  /** It was published before. */
  'again',
] as const;

type LocalContextWord = (typeof LOCAL_CONTEXT_WORDS)[number];

const { None, Collapsed } = vscode.TreeItemCollapsibleState;

/** How a row looks. Pure. Strangers' names stand where VS Code shows them letter for letter, never in Markdown. */
export function localTreeItem(row: LocalRow, surroundings: LocalSurroundings): vscode.TreeItem {
  const item = describeRow(row, surroundings);
  item.id = localRowId(row);
  item.contextValue = [...contextWords(row, surroundings)].sort().join(';');
  return item;
}

function describeRow(row: LocalRow, surroundings: LocalSurroundings): vscode.TreeItem {
  switch (row.kind) {
    case 'localModel':
      return modelItem(row.model, surroundings);
    case 'cache': {
      const item = new vscode.TreeItem(vscode.l10n.t('Hugging Face cache'), Collapsed);
      item.iconPath = new vscode.ThemeIcon('archive');
      item.tooltip = row.folder;
      return item;
    }
    case 'publication':
      return publicationItem(row, surroundings);
    case 'unpublished': {
      const item = new vscode.TreeItem(vscode.l10n.t('Not published yet'), None);
      item.iconPath = new vscode.ThemeIcon('info');
      item.description = vscode.l10n.t('Publish it');
      item.command = {
        command: 'modelRegistries.publish',
        title: vscode.l10n.t('Publish'),
        arguments: [vscode.Uri.file(row.model.folder)],
      };
      return item;
    }
  }
}

function modelItem(model: LocalModel, { locale, sizeOf, stateOf }: LocalSurroundings): vscode.TreeItem {
  const item = new vscode.TreeItem(nameOf(model), Collapsed);
  const commit = commitOfModel(model);
  const branch = branchOfModel(model);
  const measured = sizeOf(model);
  const state = stateOf(model);
  const problem = problemOf(model, measured);
  const size = measured?.kind === 'size' ? sizeText(measured.bytes, locale) : undefined;
  item.iconPath =
    problem !== undefined
      ? new vscode.ThemeIcon('warning', new vscode.ThemeColor('problemsWarningIcon.foreground'))
      : new vscode.ThemeIcon(
          state.kind === 'publishing' ? 'loading~spin' : 'package',
          state.kind === 'published' ? new vscode.ThemeColor('charts.green') : undefined,
        );
  item.description = joined(
    commit && shortSha(commit),
    // Before what a narrow side bar cuts off.
    stateText(state),
    branch,
    size,
    model.origin === 'workspace' ? model.place : undefined,
  );
  item.tooltip = lines(
    model.folder,
    commit && vscode.l10n.t('Commit: {0}', commit),
    branch && vscode.l10n.t('Branch: {0}', branch),
    size && vscode.l10n.t('All files: {0}', size),
    ...stateLines(state),
    problem,
  );
  return item;
}

/** Folder or model id. */
function nameOf(model: LocalModel): string {
  return model.origin === 'cache' ? model.model : model.name;
}

/** One line for each registry that has the commit, or one that says that none is known. */
export function publishedLines(current: readonly Publication[]): readonly string[] {
  if (current.length === 0) return [vscode.l10n.t('Not published, as far as is known here')];
  return current.map(({ organization, registry, model, version }) =>
    vscode.l10n.t(
      'Published to {0} as {1}, version {2}',
      `${organization}/${registry}`,
      model,
      shortSha(version),
    ),
  );
}

function stateText(state: PublicationState): string {
  switch (state.kind) {
    case 'notInGit':
      return vscode.l10n.t('not in Git');
    case 'notCommitted':
      return vscode.l10n.t('not committed');
    case 'publishing':
      return vscode.l10n.t('publishing to {0}', registryName(state.publish.destination.place.registry));
    case 'published':
      return publishedText(state.publications);
    case 'downloaded':
      return vscode.l10n.t('downloaded');
    case 'notPublished':
      return vscode.l10n.t('not published');
  }
}

/** The registry's commit is named where it is another one than the model's own. */
function publishedText(current: readonly Publication[]): string {
  const places = new Set(current.map(({ organization, registry }) => `${organization}/${registry}`));
  const [place = '', ...others] = places;
  if (others.length > 0) return vscode.l10n.t('published to {0} and {1} more', place, others.length);
  const [{ version, commit } = { version: '', commit: '' }] = current;
  return version === commit
    ? vscode.l10n.t('published to {0}', place)
    : vscode.l10n.t('published to {0} as {1}', place, shortSha(version));
}

/** Of a model that is a commit. */
function stateLines(state: PublicationState): readonly string[] {
  switch (state.kind) {
    case 'notInGit':
    case 'notCommitted':
      return [];
    case 'publishing':
      return [vscode.l10n.t('Being published as {0}', state.publish.destination.model)];
    case 'published':
      return publishedLines(state.publications);
    case 'downloaded':
      return [vscode.l10n.t('Downloaded; from which registry is not known here')];
    case 'notPublished':
      return publishedLines([]);
  }
}

/** Why it cannot be published as it is. */
function problemOf(model: LocalModel, measured: Measured | undefined): string | undefined {
  if (model.origin === 'workspace' && model.head.kind === 'unreadable') return model.head.failure.message;
  return measured?.kind === 'unfit' ? measured.failure.message : undefined;
}

function publicationItem(row: PublicationRow, { now, locale }: LocalSurroundings): vscode.TreeItem {
  const { organization, registry, model, version, commit, publishedAt } = row.publication;
  const isCurrent = commit === commitOfModel(row.model);
  const place = `${organization}/${registry}`;
  const item = new vscode.TreeItem(model, None);
  item.iconPath = isCurrent
    ? new vscode.ThemeIcon('target', new vscode.ThemeColor('charts.green'))
    : new vscode.ThemeIcon('git-commit');
  item.description = joined(
    isCurrent && row.model.origin === 'workspace' ? 'HEAD' : undefined,
    place,
    bothCommits(version, commit),
    publishedAt && relativeTime(publishedAt, now, locale),
  );
  item.tooltip = lines(
    vscode.l10n.t('{0} in {1}', model, place),
    vscode.l10n.t('Commit in the registry: {0}', version),
    vscode.l10n.t('Published commit: {0}', commit),
    publishedAt && vscode.l10n.t('Published: {0}', dateTime(publishedAt, locale)),
  );
  item.command = {
    command: 'modelRegistries.showInRegistries',
    title: vscode.l10n.t('Show in Registries'),
    arguments: [row],
  };
  return item;
}

function* contextWords(row: LocalRow, { publicationsOf }: LocalSurroundings): Iterable<LocalContextWord> {
  yield row.kind;
  if (row.kind === 'publication') yield 'sha';
  if (row.kind !== 'localModel') return;
  if (commitOfModel(row.model) !== undefined) yield 'sha';
  if (row.model.origin === 'workspace') yield 'inWorkspace';
  if (publicationsOf(row.model).length > 0) yield 'again';
}
