import * as vscode from 'vscode';
import { sizeText } from '../../core/sizeText.ts';
import { expiryText } from '../accounts/expiry.ts';
import { relativeTime } from '../relativeTime.ts';
import { knownNewest } from '../newestVersion.ts';
import { bothCommits, dateTime, joined, lines, versionLabel } from '../wording.ts';
import { emojiOf } from './emoji.ts';
import { GREY, greyedResource } from './greyedRows.ts';
import {
  rowId,
  type FileRow,
  type FolderRow,
  type ModelRow,
  type OrganizationRow,
  type OtherRegistryRow,
  type RegistryRow,
  type VersionRow,
} from '../rows.ts';
import type { Surroundings } from './surroundings.ts';
import type { FileFacts } from './versionDetails.ts';

const { None, Collapsed } = vscode.TreeItemCollapsibleState;

export function organizationItem(row: OrganizationRow, surroundings: Surroundings): vscode.TreeItem {
  const { now, locale, showAccounts } = surroundings;
  const item = new vscode.TreeItem(row.organization.name, Collapsed);
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

export function registryItem(row: RegistryRow): vscode.TreeItem {
  const item = itemOfRegistry(row, Collapsed);
  item.iconPath = new vscode.ThemeIcon('database');
  const { description, public: isPublic } = row.registry;
  item.description = joined(
    row.filter === undefined ? undefined : vscode.l10n.t('filter: {0}', row.filter),
    isPublic === undefined ? undefined : visibility(isPublic),
    description,
  );
  return item;
}

export function otherRegistryItem(row: OtherRegistryRow): vscode.TreeItem {
  const item = itemOfRegistry(row, None);
  item.iconPath = new vscode.ThemeIcon('database', GREY);
  item.resourceUri = greyedResource(rowId(row));
  item.description = joined(
    row.registry.ecosystem || vscode.l10n.t('unknown ecosystem'),
    row.registry.description,
  );
  return item;
}

function itemOfRegistry(
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

export function modelItem(row: ModelRow, surroundings: Surroundings): vscode.TreeItem {
  const { now, locale } = surroundings;
  const newest = knownNewest(row);
  const { createdAt, commit } = newest?.version ?? {};
  const files = filesText(newest && surroundings.detailsOf(newest).files, locale);
  const item = new vscode.TreeItem(row.model, Collapsed);
  item.iconPath = new vscode.ThemeIcon('package');
  item.description = joined(
    row.revision,
    createdAt && relativeTime(createdAt, now, locale),
    files?.formats,
    files?.size,
  );
  item.tooltip = lines(
    row.model,
    row.revision === undefined ? undefined : vscode.l10n.t('Versions of {0}', row.revision),
    commit && vscode.l10n.t('Newest version: {0}', commit),
    createdAt && vscode.l10n.t('Published: {0}', dateTime(createdAt, locale)),
    files?.line,
  );
  return item;
}

/** What a list of files tells, in words. */
function filesText(files: FileFacts | undefined, locale: string) {
  if (!files) return undefined;
  const size = sizeText(files.size, locale);
  const formats = files.formats.join(', ');
  return { size, formats, line: vscode.l10n.t('All files: {0}', joined(size, formats) ?? '') };
}

export function versionItem(row: VersionRow, surroundings: Surroundings): vscode.TreeItem {
  const { now, locale } = surroundings;
  const { commit, createdAt, model } = row.version;
  const { head, subject, origin, files: facts } = surroundings.detailsOf(row);
  const name = versionLabel(row.version);
  const item = new vscode.TreeItem(subject ?? name, commit === undefined ? None : Collapsed);
  // What was published from a repository of that very commit has one name.
  const from = origin?.kind === 'git' && origin.commit !== commit ? origin.commit : undefined;
  item.iconPath = head
    ? new vscode.ThemeIcon('target', new vscode.ThemeColor('charts.green'))
    : new vscode.ThemeIcon('git-commit');
  const files = filesText(facts, locale);
  const shown = subject === undefined ? undefined : name;
  item.description = joined(
    head ? 'HEAD' : undefined,
    commit === undefined || from === undefined ? shown : bothCommits(commit, from),
    createdAt && relativeTime(createdAt, now, locale),
    files?.size,
  );
  item.tooltip = lines(
    model,
    subject,
    head ? vscode.l10n.t('HEAD of a repository in this workspace') : undefined,
    commit && vscode.l10n.t('Commit in the registry: {0}', commit),
    from && vscode.l10n.t('Published from the Git commit: {0}', from),
    origin?.kind === 'hub'
      ? vscode.l10n.t('Imported from: {0}, commit {1}', origin.address, origin.commit)
      : undefined,
    createdAt && vscode.l10n.t('Published: {0}', dateTime(createdAt, locale)),
    files?.line,
  );
  return item;
}

export function folderItem(row: FolderRow): vscode.TreeItem {
  const item = new vscode.TreeItem(lastSegment(row.path), Collapsed);
  item.iconPath = vscode.ThemeIcon.Folder;
  item.resourceUri = resource(row.path);
  item.tooltip = row.path;
  return item;
}

export function fileItem(row: FileRow, { locale }: Surroundings): vscode.TreeItem {
  const item = new vscode.TreeItem(lastSegment(row.path), None);
  item.iconPath = vscode.ThemeIcon.File;
  item.resourceUri = resource(row.path);
  const size = row.size === undefined ? undefined : sizeText(row.size, locale);
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

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Gives a file the icon of its type; no such resource can be opened. A server may list paths that begin with slashes. */
function resource(path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: 'model-registries', path: `/${path.replace(/^\/+/, '')}` });
}
