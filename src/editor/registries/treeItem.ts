import prettyBytes from 'pretty-bytes';
import * as vscode from 'vscode';
import { FAILURE_ACTIONS } from '../failureNotice.ts';
import { relativeTime } from './relativeTime.ts';
import { rowId, type Branch, type FailedRow, type MoreRow, type Row } from './rows.ts';

/** What rows look like besides their own data. */
export interface Surroundings {
  readonly now: Date;
  /** Language tag for times and sizes. */
  readonly locale: string;
  /** Where the web site is; rows offer no other place to open. undefined offers nothing. */
  readonly webUrl: URL | undefined;
  /** Whether organizations say which account they belong to. */
  readonly showAccounts: boolean;
}

/** Every word a context value can hold; `when` clauses of package.json match them as whole words. */
export const CONTEXT_WORDS = [
  'organization',
  'registry',
  'otherRegistry',
  'model',
  'version',
  'folder',
  'file',
  'more',
  'empty',
  'failed',
  'signIn',
  /** A model can be published into it. */
  'publishable',
  /** There are publish and install commands for it. */
  'instructable',
  /** It is a commit. */
  'sha',
  /** It has a page on the web site. */
  'web',
  /** The token may create registries in it. */
  'creatable',
  /** The token may change its description. */
  'describable',
  /** The token may delete it. */
  'deletable',
  /** It has a name or an id to copy. */
  'copyable',
  /** It is a commit whose files can be fetched into a folder. */
  'downloadable',
  /** It is a commit that can be held against another one. */
  'comparable',
  /** It can be read in an editor. */
  'openable',
  /** It shows only models whose names match a filter. */
  'filtered',
] as const;

export type ContextWord = (typeof CONTEXT_WORDS)[number];

const { None, Collapsed } = {
  None: vscode.TreeItemCollapsibleState.None,
  Collapsed: vscode.TreeItemCollapsibleState.Collapsed,
};

/**
 * How a row looks. Pure. Names come from servers and strangers: they stand in labels, descriptions and tooltips, which VS Code
 * shows letter for letter, and never in Markdown.
 */
export function treeItem(row: Row, surroundings: Surroundings): vscode.TreeItem {
  const item = describeRow(row, surroundings);
  item.id = rowId(row);
  item.contextValue = [...contextWords(row, surroundings)].sort().join(';');
  return item;
}

function describeRow(row: Row, { now, locale, showAccounts }: Surroundings): vscode.TreeItem {
  switch (row.kind) {
    case 'organization': {
      const item = new vscode.TreeItem(row.organization.name, Collapsed);
      item.iconPath = new vscode.ThemeIcon('organization');
      item.description = showAccounts ? row.session.label : undefined;
      item.tooltip = lines(
        row.organization.name,
        vscode.l10n.t('Organization: {0}', row.organization.slug),
        vscode.l10n.t('Account: {0}', row.session.label),
      );
      return item;
    }
    case 'registry': {
      const { name, slug, description, public: isPublic } = row.registry;
      const item = new vscode.TreeItem(name, Collapsed);
      item.iconPath = new vscode.ThemeIcon('database');
      item.description = isPublic === true ? vscode.l10n.t('public') : undefined;
      item.tooltip = lines(name, description, vscode.l10n.t('Registry: {0}', slug));
      return item;
    }
    case 'otherRegistry': {
      const { name, slug, description, ecosystem } = row.registry;
      const item = new vscode.TreeItem(name, None);
      item.iconPath = new vscode.ThemeIcon('database', new vscode.ThemeColor('disabledForeground'));
      item.description = ecosystem;
      item.tooltip = lines(name, description, vscode.l10n.t('Registry: {0}', slug));
      return item;
    }
    case 'model': {
      const item = new vscode.TreeItem(row.model, Collapsed);
      item.iconPath = new vscode.ThemeIcon('package');
      item.tooltip = row.model;
      return item;
    }
    case 'version': {
      const { commit, createdAt, model, id } = row.version;
      const item = new vscode.TreeItem(commit?.slice(0, 7) ?? id, commit === undefined ? None : Collapsed);
      item.iconPath = new vscode.ThemeIcon('git-commit');
      item.description = createdAt && relativeTime(createdAt, now, locale);
      item.tooltip = lines(
        model,
        commit && vscode.l10n.t('Commit in the registry: {0}', commit),
        createdAt &&
          vscode.l10n.t(
            'Published: {0}',
            createdAt.toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' }),
          ),
      );
      return item;
    }
    case 'folder': {
      const item = new vscode.TreeItem(lastSegment(row.path), Collapsed);
      item.iconPath = vscode.ThemeIcon.Folder;
      item.resourceUri = resource(row.path);
      item.tooltip = row.path;
      return item;
    }
    case 'file': {
      const item = new vscode.TreeItem(lastSegment(row.path), None);
      item.iconPath = vscode.ThemeIcon.File;
      item.resourceUri = resource(row.path);
      const size = row.size === undefined ? undefined : prettyBytes(row.size, { binary: true, locale });
      item.description = [size, row.lfs ? 'LFS' : undefined].filter((part) => part !== undefined).join(' · ');
      item.command = {
        command: 'modelRegistries.openFile',
        title: vscode.l10n.t('Open File'),
        arguments: [row],
      };
      item.tooltip = lines(
        row.path,
        row.size === undefined ? undefined : vscode.l10n.t('{0} bytes', row.size.toLocaleString(locale)),
        row.lfs ? vscode.l10n.t('Kept in Git LFS') : undefined,
      );
      return item;
    }
    case 'more': {
      const item = new vscode.TreeItem(moreLabel(row), None);
      item.iconPath = new vscode.ThemeIcon('ellipsis');
      item.command = {
        command: 'modelRegistries.loadMore',
        title: vscode.l10n.t('Load More'),
        arguments: [row],
      };
      return item;
    }
    case 'empty': {
      const item = new vscode.TreeItem(emptyLabel(row.parent.kind), None);
      item.iconPath = new vscode.ThemeIcon('info');
      return item;
    }
    case 'failed':
      return failedItem(row);
    case 'signIn': {
      const item = new vscode.TreeItem(vscode.l10n.t('Sign in again'), None);
      item.iconPath = new vscode.ThemeIcon(
        'warning',
        new vscode.ThemeColor('problemsWarningIcon.foreground'),
      );
      item.description = row.session.label;
      item.tooltip = vscode.l10n.t(
        'The server no longer accepts the token of {0}: it has expired or was revoked.',
        row.session.label,
      );
      item.command = { command: 'modelRegistries.signIn', title: vscode.l10n.t('Sign In'), arguments: [row] };
      return item;
    }
  }
}

function failedItem(row: FailedRow): vscode.TreeItem {
  const { failure } = row;
  const signIn = FAILURE_ACTIONS[failure.kind].includes('signIn');
  const item = new vscode.TreeItem(
    signIn ? vscode.l10n.t('Sign in with another token') : vscode.l10n.t('Try again'),
    None,
  );
  item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('problemsErrorIcon.foreground'));
  item.description = failure.message;
  item.tooltip = lines(
    failure.message,
    failure.serverMessage && vscode.l10n.t('The server says: {0}', failure.serverMessage),
    failure.requestId && vscode.l10n.t('Request: {0}', failure.requestId),
  );
  item.command = signIn
    ? { command: 'modelRegistries.signIn', title: vscode.l10n.t('Sign In'), arguments: [row] }
    : { command: 'modelRegistries.retry', title: vscode.l10n.t('Try Again'), arguments: [row] };
  return item;
}

function moreLabel({ parent, shown, read }: MoreRow): string {
  return parent.kind === 'registry'
    ? vscode.l10n.t('Load more ({0} models in the newest {1} versions shown)', shown, read)
    : vscode.l10n.t('Load more ({0} shown)', shown);
}

function emptyLabel(parent: Branch['kind']): string {
  switch (parent) {
    case 'account':
      return vscode.l10n.t('The token belongs to no organization');
    case 'organization':
      return vscode.l10n.t('No Hugging Face registries');
    case 'registry':
      return vscode.l10n.t('No models yet');
    case 'model':
      return vscode.l10n.t('No versions');
    case 'version':
      return vscode.l10n.t('No files');
  }
}

function* contextWords(row: Row, { webUrl }: Surroundings): Iterable<ContextWord> {
  yield row.kind;
  yield* ownWords(row);
  if (webUrl && webPage(row, webUrl)) yield 'web';
}

function* ownWords(row: Row): Iterable<ContextWord> {
  switch (row.kind) {
    case 'organization':
      if (row.session.may('createRegistry')) yield 'creatable';
      return;
    case 'registry':
      yield* ['copyable', 'instructable'] as const;
      if (row.session.may('publish')) yield 'publishable';
      if (row.session.may('describeRegistry')) yield 'describable';
      if (row.session.may('deleteRegistry')) yield 'deletable';
      if (row.filter !== undefined) yield 'filtered';
      return;
    case 'model':
      yield* ['copyable', 'instructable'] as const;
      return;
    case 'version':
      yield* ['copyable', 'instructable'] as const;
      if (row.version.commit !== undefined) yield* ['comparable', 'downloadable', 'sha'] as const;
      if (row.session.may('deleteVersion')) yield 'deletable';
      return;
    case 'file':
      yield 'openable';
      return;
    case 'otherRegistry':
    case 'folder':
    case 'more':
    case 'empty':
    case 'failed':
    case 'signIn':
      return;
  }
}

/** The commit that a row is, or undefined. */
export function commitOf(row: Row): string | undefined {
  return row.kind === 'version' ? row.version.commit : undefined;
}

/** The row's page on the web site at `webUrl`; undefined where it has none, or where the server names a page elsewhere. */
export function webPage(row: Row, webUrl: URL): URL | undefined {
  const page =
    row.kind === 'organization'
      ? row.organization.webUrl
      : row.kind === 'registry' || row.kind === 'otherRegistry'
        ? row.registry.webUrl
        : row.kind === 'version'
          ? row.version.webUrl
          : undefined;
  const isWeb = page?.protocol === 'https:' || page?.protocol === 'http:';
  return isWeb && page.origin === webUrl.origin ? page : undefined;
}

function lines(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part).join('\n');
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Gives a file the icon of its type; no such resource can be opened. */
function resource(path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: 'model-registries', path: `/${path}` });
}
