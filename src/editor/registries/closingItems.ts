import * as vscode from 'vscode';
import type { FailureKind } from '../../core/failure.ts';
import { FAILURE_ACTIONS } from '../failureNotice.ts';
import { joined, lines, modelsText, versionsText } from '../wording.ts';
import type { Branch, EmptyRow, FailedRow, LoadingRow, MoreRow, Row, SignInRow } from '../rows.ts';
import type { Surroundings } from './surroundings.ts';

const { None } = vscode.TreeItemCollapsibleState;

export function moreItem(row: MoreRow): vscode.TreeItem {
  const item = new vscode.TreeItem(moreLabel(row), None);
  item.iconPath = new vscode.ThemeIcon('ellipsis');
  item.command = {
    command: 'modelRegistries.loadMore',
    title: vscode.l10n.t('Load More'),
    arguments: [row],
  };
  return item;
}

/** Says whose rows are on their way. */
export function loadingItem({ session }: LoadingRow): vscode.TreeItem {
  const item = new vscode.TreeItem(
    session ? vscode.l10n.t('Loading…') : vscode.l10n.t('Looking for your accounts…'),
    None,
  );
  item.iconPath = new vscode.ThemeIcon('loading~spin');
  item.description = session?.label;
  return item;
}

/** What went wrong, and what helps: a click does it. */
export function failedItem(row: FailedRow, surroundings: Surroundings): vscode.TreeItem {
  const { failure } = row;
  const item = new vscode.TreeItem(failedLabel(row, surroundings), None);
  const signIn = FAILURE_ACTIONS[failure.kind].includes('signIn');
  const waits = failure.kind === 'rateLimit';
  item.iconPath = waits
    ? new vscode.ThemeIcon('watch', new vscode.ThemeColor('problemsWarningIcon.foreground'))
    : new vscode.ThemeIcon('error', new vscode.ThemeColor('problemsErrorIcon.foreground'));
  item.description = joined(
    waits && failure.retryAt
      ? vscode.l10n.t('Retries by itself')
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
  const parent = failure.kind === 'notFound' && row.parent.kind === 'registry' ? row.parent : undefined;
  if (parent?.session.host.listing.model) {
    const title = vscode.l10n.t('Open a Model by Its Name');
    item.description = joined(title, failure.message);
    item.command = { command: 'modelRegistries.openModel', title, arguments: [parent] };
    return item;
  }
  item.command = signIn
    ? { command: 'modelRegistries.signIn', title: vscode.l10n.t('Sign In'), arguments: [row] }
    : { command: 'modelRegistries.retry', title: vscode.l10n.t('Try Again'), arguments: [row] };
  return item;
}

function failedLabel({ parent, failure }: FailedRow, { now, locale }: Surroundings): string {
  const { service, host: registryHost } = parent.session;
  const { host } =
    parent.kind === 'version' ? registryHost.hub(parent.version.registry).endpoint : service.endpoints[0];
  const labels: Partial<Record<FailureKind, string>> = {
    network: vscode.l10n.t('No connection to {0}', host),
    tls: vscode.l10n.t('No trusted connection to {0}', host),
    timeout: vscode.l10n.t('No answer from {0}', host),
    rateLimit: failure.retryAt
      ? vscode.l10n.t('{0} asks to wait until {1}', host, clock(failure.retryAt, now, locale))
      : vscode.l10n.t('{0} asks to wait', host),
    forbidden: vscode.l10n.t('Not permitted'),
    notFound: vscode.l10n.t('Not found'),
    server: vscode.l10n.t('Error on {0}', host),
    protocol: vscode.l10n.t('Unexpected answer from {0}', host),
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
export function emptyItem(row: EmptyRow, { publishing }: Surroundings): vscode.TreeItem {
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
      // What is imported needs none.
      offer('modelRegistries.importModel', vscode.l10n.t('Import one'), parent);
    }
  }
  return item;
}

function moreLabel({ parent, shown, read }: MoreRow): string {
  return parent.kind === 'registry' && read > shown
    ? vscode.l10n.t('Load more ({0} in the newest {1} shown)', modelsText(shown), versionsText(read))
    : vscode.l10n.t('Load more ({0} shown)', shown);
}

function emptyLabel(parent: Branch): string {
  switch (parent.kind) {
    case 'account':
      return parent.session.service.words.noOrganization;
    case 'organization':
      return parent.session.service.words.noRegistry;
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

/** Stands for an account whose token is refused; a click asks for another. */
export function signInItem(row: SignInRow): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Sign in again'), None);
  item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('problemsWarningIcon.foreground'));
  item.description = row.session.label;
  item.tooltip = vscode.l10n.t(
    'The server no longer accepts the token of {0}: it has expired, was revoked or lost a scope.',
    row.session.label,
  );
  item.command = { command: 'modelRegistries.signIn', title: vscode.l10n.t('Sign In'), arguments: [row] };
  return item;
}
