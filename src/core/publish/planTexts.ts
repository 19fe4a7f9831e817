import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { shortName } from '../objectIds.ts';
import { sizeText } from '../sizeText.ts';
import { foreignGitFolder } from '../snapshot/foreignGitFolder.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { shortLine, visibleLine } from '../visibleText.ts';
import { bytesThere, distinctBytes } from './contentBytes.ts';
import type { Inspection } from './inspection.ts';
import { DEFAULT_BRANCH } from './plan.ts';
import type { PublishPlan } from './publishing.ts';

// What a plan does, in lines that the editor and the terminal both show before a publish.

/** What of the content travels. */
type Travelling = Pick<Inspection, 'bytes' | 'precision'>;

/** Where nobody asked the registry what it holds: everything that changed, at most. */
export function travellingAtMost({ changed }: Pick<PublishPlan, 'changed'>): Travelling {
  return { bytes: distinctBytes(changed), precision: 'atMost' };
}

/** What the publish makes: "New model", or "New version after 0261d32". */
export function versionLine({
  parentCommit,
  startsFrom,
  target: { hub },
}: Pick<PublishPlan, 'parentCommit' | 'startsFrom' | 'target'>): string {
  const { revision, revisions, newModels } = hub;
  if (parentCommit !== undefined) {
    return revision === DEFAULT_BRANCH
      ? l10n.t('New version after {0}', shortName(parentCommit, 7))
      : l10n.t('New version of {0}, after {1}', visibleLine(revision), shortName(parentCommit, 7));
  }
  if (startsFrom !== undefined) {
    return l10n.t(
      'New branch {0}, which begins with what {1} holds and is compared with that',
      visibleLine(revision),
      startsFrom.revision,
    );
  }
  if (revisions === 'release') return l10n.t('New release {0}', visibleLine(revision));
  if (revision !== DEFAULT_BRANCH) return l10n.t('New revision {0}', visibleLine(revision));
  switch (newModels) {
    case 'private':
      return l10n.t('New model, private');
    case 'public':
      return l10n.t('New model, public: everyone can read it');
    case undefined:
      return l10n.t('New model');
  }
}

/** Where the files come from: a folder and its commit, or a model of another hub. */
export function sourceLines(snapshot: Snapshot, language = 'en'): readonly string[] {
  const { origin, repository, folder, commit, subject } = snapshot;
  const commitLine = l10n.t('Commit: {0} {1}', shortName(commit, 7), shortLine(subject));
  if (origin.kind === 'hub') {
    const { address, revision, licenses } = origin;
    return [
      l10n.t('From: {0} at {1}', address, shortLine(revision)),
      commitLine,
      licenses.length === 0
        ? l10n.t('License: not stated by the source')
        : l10n.t('License: {0}', shortLine(licenses.join(', '))),
      l10n.t('Size: {0}', sizeText(distinctBytes(snapshot.files), language)),
    ];
  }
  const gitFolder = foreignGitFolder(snapshot);
  return [
    l10n.t('Folder: {0}', visibleLine(join(repository, ...folder.split('/')))),
    commitLine,
    ...(origin.kind === 'download' ? [] : [branchLine(snapshot)]),
    ...(gitFolder === undefined
      ? []
      : [l10n.t('Reads the commit of the repository {0}', visibleLine(gitFolder))]),
  ];
}

function branchLine({ branch }: Snapshot): string {
  return branch === undefined
    ? l10n.t('Branch: none (detached HEAD)')
    : l10n.t('Branch: {0}', visibleLine(branch));
}

/** How many files change, in which way, and how much of them travels; what is zero is left out. */
export function amountLines(
  plan: Pick<PublishPlan, 'changed' | 'unchanged' | 'deleted' | 'remote'>,
  { bytes, precision }: Travelling,
  language = 'en',
): readonly string[] {
  const there = bytesThere(plan, bytes);
  const size = sizeText(bytes, language);
  return [
    countLine(plan),
    bytes === 0
      ? l10n.t('To upload: nothing')
      : precision === 'exact'
        ? l10n.t('To upload: {0}', size)
        : l10n.t('To upload: {0} at most', size),
    ...(there === 0 ? [] : [l10n.t('Already in registry: {0}', sizeText(there, language))]),
  ];
}

function countLine({
  changed,
  unchanged,
  deleted,
  remote,
}: Pick<PublishPlan, 'changed' | 'unchanged' | 'deleted' | 'remote'>): string {
  const added = changed.filter(({ path }) => !remote.has(path)).length;
  const counts = [
    ...(added > 0 ? [l10n.t('{0} new', added)] : []),
    ...(changed.length > added ? [l10n.t('{0} changed', changed.length - added)] : []),
    ...(deleted.length > 0 ? [l10n.t('{0} deleted', deleted.length)] : []),
    ...(unchanged.length > 0 ? [l10n.t('{0} unchanged', unchanged.length)] : []),
  ];
  return counts.length === 0 ? l10n.t('Files: none') : l10n.t('Files: {0}', counts.join(', '));
}
