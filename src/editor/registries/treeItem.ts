import prettyBytes from 'pretty-bytes';
import * as vscode from 'vscode';
import type { FailureKind } from '../../core/failure.ts';
import { expiryText } from '../accounts/expiry.ts';
import { FAILURE_ACTIONS } from '../failureNotice.ts';
import { mayBuild } from '../pipelineBuilds/builders.ts';
import { emojiOf } from './emoji.ts';
import { GREY, greyedResource } from './greyedRows.ts';
import { relativeTime } from './relativeTime.ts';
import {
  rowId,
  type Branch,
  type EmptyRow,
  type FailedRow,
  type MoreRow,
  type OrganizationRow,
  type OtherRegistryRow,
  type RegistryRow,
  type Row,
  type VersionRow,
} from './rows.ts';
import type { VersionDetails } from './versionDetails.ts';

/** What rows look like besides their own data. */
export interface Surroundings {
  readonly now: Date;
  /** Language tag for times and sizes. */
  readonly locale: string;
  /** Where the web site is; rows offer no other place to open. undefined offers nothing. */
  readonly webUrl: URL | undefined;
  /** Whether organizations say which account they belong to. */
  readonly showAccounts: boolean;
  /** Host of the server that lists everything above a version's files; undefined where the setting holds no address. */
  readonly apiHost: string | undefined;
  /** Whether models can be published from this window. */
  readonly publishing: Publishing;
  readonly detailsOf: (row: VersionRow) => VersionDetails;
  /** Whether the row shows its children until a person folds it. */
  readonly startsUnfolded: (row: OrganizationRow) => boolean;
}

/** Publishing runs Git in the workspace's folders: not in those of strangers, and not where there are none on disk. */
export type Publishing = 'possible' | 'restricted' | 'virtual';

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
  /** A build on Buildkite can publish into it. */
  'buildable',
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
  /** It has a model page. */
  'presentable',
  /** It shows only models whose names match a filter. */
  'filtered',
] as const;

export type ContextWord = (typeof CONTEXT_WORDS)[number];

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

/** Ends the ids of rows that start unfolded; no other id ends so. */
const UNFOLDED = ' unfolded';

/**
 * How a row looks. Pure. Names come from servers and strangers: they stand in labels, descriptions and tooltips, which VS Code
 * shows letter for letter, and never in Markdown.
 */
export function treeItem(row: Row, surroundings: Surroundings): vscode.TreeItem {
  const item = describeRow(row, surroundings);
  // VS Code looks at how a row starts only when its id is new.
  item.id = rowId(row) + (item.collapsibleState === Expanded ? UNFOLDED : '');
  item.contextValue = [...contextWords(row, surroundings)].sort().join(';');
  return item;
}

function describeRow(row: Row, surroundings: Surroundings): vscode.TreeItem {
  const { now, locale, showAccounts } = surroundings;
  switch (row.kind) {
    case 'organization': {
      const item = new vscode.TreeItem(
        row.organization.name,
        surroundings.startsUnfolded(row) ? Expanded : Collapsed,
      );
      item.iconPath = new vscode.ThemeIcon('organization');
      item.description = joined(
        showAccounts ? row.session.label : undefined,
        expiryText(row.session, now, locale),
      );
      item.tooltip = lines(
        row.organization.name,
        vscode.l10n.t('Organization: {0}', row.organization.slug),
        vscode.l10n.t('Account: {0}', row.session.label),
      );
      return item;
    }
    case 'registry': {
      const item = registryItem(row, Collapsed);
      item.iconPath = new vscode.ThemeIcon('database');
      const { description, public: isPublic } = row.registry;
      item.description = joined(
        row.filter === undefined ? undefined : vscode.l10n.t('filter: {0}', row.filter),
        isPublic === undefined ? undefined : visibility(isPublic),
        description,
      );
      return item;
    }
    case 'otherRegistry': {
      const item = registryItem(row, None);
      item.iconPath = new vscode.ThemeIcon('database', GREY);
      item.resourceUri = greyedResource(rowId(row));
      item.description = joined(
        row.registry.ecosystem || vscode.l10n.t('unknown ecosystem'),
        row.registry.description,
      );
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
      const { head, subject, size } = surroundings.detailsOf(row);
      const item = new vscode.TreeItem(commit?.slice(0, 7) ?? id, commit === undefined ? None : Collapsed);
      item.iconPath = head
        ? new vscode.ThemeIcon('target', new vscode.ThemeColor('charts.green'))
        : new vscode.ThemeIcon('git-commit');
      const bytes = size === undefined ? undefined : prettyBytes(size, { locale });
      item.description = joined(
        head ? 'HEAD' : undefined,
        createdAt && relativeTime(createdAt, now, locale),
        bytes,
        subject,
      );
      item.tooltip = lines(
        model,
        subject,
        head ? vscode.l10n.t('HEAD of a repository in this workspace') : undefined,
        commit && vscode.l10n.t('Commit in the registry: {0}', commit),
        createdAt &&
          vscode.l10n.t(
            'Published: {0}',
            createdAt.toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' }),
          ),
        bytes && vscode.l10n.t('All files: {0}', bytes),
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
      const size = row.size === undefined ? undefined : prettyBytes(row.size, { locale });
      item.description = joined(size, row.lfs ? 'LFS' : undefined);
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
    case 'empty':
      return emptyItem(row, surroundings);
    case 'failed':
      return failedItem(row, surroundings);
    case 'signIn': {
      const item = new vscode.TreeItem(vscode.l10n.t('Sign in again'), None);
      item.iconPath = new vscode.ThemeIcon(
        'warning',
        new vscode.ThemeColor('problemsWarningIcon.foreground'),
      );
      item.description = row.session.label;
      item.tooltip = vscode.l10n.t(
        'The server no longer accepts the token of {0}: it has expired, was revoked or lost a scope.',
        row.session.label,
      );
      item.command = { command: 'modelRegistries.signIn', title: vscode.l10n.t('Sign In'), arguments: [row] };
      return item;
    }
  }
}

function registryItem(
  row: RegistryRow | OtherRegistryRow,
  state: vscode.TreeItemCollapsibleState,
): vscode.TreeItem {
  const { name, slug, description, ecosystem, public: isPublic } = row.registry;
  const emoji = emojiOf(row.registry.emoji);
  const item = new vscode.TreeItem(emoji === undefined ? name : `${emoji} ${name}`, state);
  item.tooltip = lines(
    name,
    description,
    vscode.l10n.t('Registry: {0}', slug),
    ecosystem && vscode.l10n.t('Ecosystem: {0}', ecosystem),
    isPublic === undefined ? undefined : vscode.l10n.t('Visibility: {0}', visibility(isPublic)),
    row.kind === 'registry' && row.filter !== undefined
      ? vscode.l10n.t('Only models with this text in their names: {0}', row.filter)
      : undefined,
  );
  return item;
}

function visibility(isPublic: boolean): string {
  return isPublic ? vscode.l10n.t('public') : vscode.l10n.t('private');
}

/** What went wrong, and what helps: a click does it. */
function failedItem(row: FailedRow, surroundings: Surroundings): vscode.TreeItem {
  const { failure } = row;
  const item = new vscode.TreeItem(failedLabel(row, surroundings), None);
  const signIn = FAILURE_ACTIONS[failure.kind].includes('signIn');
  const waits = failure.kind === 'rateLimit';
  item.iconPath = waits
    ? new vscode.ThemeIcon('watch', new vscode.ThemeColor('problemsWarningIcon.foreground'))
    : new vscode.ThemeIcon('error', new vscode.ThemeColor('problemsErrorIcon.foreground'));
  item.description = joined(
    waits && failure.retryAt
      ? vscode.l10n.t('Tries again by itself')
      : signIn
        ? vscode.l10n.t('Sign in with another token')
        : vscode.l10n.t('Try again'),
    failure.message,
  );
  item.tooltip = lines(
    failure.message,
    failure.serverMessage && !failure.message.includes(failure.serverMessage)
      ? vscode.l10n.t('The server says: {0}', failure.serverMessage)
      : undefined,
    failure.requestId && vscode.l10n.t('Request: {0}', failure.requestId),
  );
  item.command = signIn
    ? { command: 'modelRegistries.signIn', title: vscode.l10n.t('Sign In'), arguments: [row] }
    : { command: 'modelRegistries.retry', title: vscode.l10n.t('Try Again'), arguments: [row] };
  return item;
}

function failedLabel({ parent, failure }: FailedRow, { apiHost, now, locale }: Surroundings): string {
  const host =
    (parent.kind === 'version' ? parent.session.host.hub(parent.version.registry).endpoint.host : apiHost) ??
    vscode.l10n.t('the server');
  const labels: Partial<Record<FailureKind, string>> = {
    network: vscode.l10n.t('No connection to {0}', host),
    tls: vscode.l10n.t('No trusted connection to {0}', host),
    timeout: vscode.l10n.t('No answer from {0}', host),
    rateLimit: failure.retryAt
      ? vscode.l10n.t('{0} asks to wait until {1}', host, clock(failure.retryAt, now, locale))
      : vscode.l10n.t('{0} asks to wait', host),
    forbidden: vscode.l10n.t('Not permitted'),
    notFound: vscode.l10n.t('Not found'),
    server: vscode.l10n.t('An error of {0}', host),
    protocol: vscode.l10n.t('An answer of {0} that makes no sense', host),
  };
  return labels[failure.kind] ?? vscode.l10n.t('Could not be loaded');
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A time of day that is not before `at`; with the date where it is not soon. */
function clock(at: Date, now: Date, locale: string): string {
  const minute = new Date(Math.ceil(at.getTime() / MINUTE_MS) * MINUTE_MS);
  const isSoon = at.getTime() - now.getTime() < DAY_MS;
  return minute.toLocaleString(locale, { timeStyle: 'short', ...(!isSoon && { dateStyle: 'medium' }) });
}

/** That there is nothing, and the way to something: a click goes there. */
function emptyItem(row: EmptyRow, { publishing }: Surroundings): vscode.TreeItem {
  const { parent } = row;
  const { session } = parent;
  const item = new vscode.TreeItem(emptyLabel(parent), None);
  item.iconPath = new vscode.ThemeIcon('info');
  const offer = (command: string, title: string, subject: Row | undefined) => {
    item.description = title;
    item.command = { command, title, arguments: subject ? [subject] : [] };
  };
  if (parent.kind === 'account') {
    item.description = session.label;
  } else if (parent.kind === 'organization' && session.may('createRegistry')) {
    offer('modelRegistries.createRegistry', vscode.l10n.t('Create one'), parent);
  } else if (parent.kind === 'registry' && parent.filter !== undefined) {
    offer('modelRegistries.clearFilter', vscode.l10n.t('Show all'), parent);
  } else if (parent.kind === 'registry' && session.may('publish')) {
    if (publishing === 'possible') {
      offer('modelRegistries.publish', vscode.l10n.t('Publish one'), parent);
    } else if (publishing === 'restricted') {
      offer('workbench.trust.manage', vscode.l10n.t('Trust this workspace to publish one'), undefined);
    } else {
      item.description = vscode.l10n.t('Publishing needs a folder on disk');
    }
  }
  return item;
}

function moreLabel({ parent, shown, read }: MoreRow): string {
  return parent.kind === 'registry'
    ? vscode.l10n.t('Load more ({0} models in the newest {1} versions shown)', shown, read)
    : vscode.l10n.t('Load more ({0} shown)', shown);
}

function emptyLabel(parent: Branch): string {
  switch (parent.kind) {
    case 'account':
      return vscode.l10n.t('The token belongs to no organization');
    case 'organization':
      return vscode.l10n.t('No Hugging Face registries');
    case 'registry':
      return parent.filter === undefined
        ? vscode.l10n.t('No models yet')
        : vscode.l10n.t('No models with “{0}” in their names', parent.filter);
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
      if (mayBuild(row.session)) yield 'buildable';
      if (row.session.may('describeRegistry')) yield 'describable';
      if (row.session.may('deleteRegistry')) yield 'deletable';
      if (row.filter !== undefined) yield 'filtered';
      return;
    case 'model':
      yield* ['copyable', 'instructable', 'presentable'] as const;
      if (mayBuild(row.session)) yield 'buildable';
      return;
    case 'version':
      yield* ['copyable', 'instructable'] as const;
      if (row.version.commit !== undefined)
        yield* ['comparable', 'downloadable', 'presentable', 'sha'] as const;
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

/** The parts of a description that there are. */
function joined(...parts: readonly (string | undefined)[]): string | undefined {
  return parts.filter((part) => part).join(' · ') || undefined;
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
