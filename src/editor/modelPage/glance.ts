import * as l10n from '@vscode/l10n';
import type { ModelVersion } from '../../core/hosts/host.ts';
import { type CommitName, shortName } from '../../core/objectIds.ts';
import type { FileChange } from '../../core/publish/fileChanges.ts';
import type { PublishedAs } from '../../core/publish/trailer.ts';
import type { PageChanges, PageChip, PageFact, PageStanding } from './messages.ts';
import type { Readme } from './readme.ts';

/** What of a version is known by now. The texts are for people. */
export interface Known {
  readonly metadata: Readme['metadata'];
  /** Of all files. */
  readonly size: string | undefined;
  readonly parameters: string | undefined;
  /** Of the weights, such as safetensors; one may be there several times. */
  readonly formats: readonly string[];
}

/** Characters of a stranger's text in a chip, at most. */
const LONGEST_CHIP = 60;
/** Digits of a commit that people name it by. */
const SHORT_SHA = 7;

/** What is known of a version, each in a few characters. Pure. */
export function chips({ metadata, size, parameters, formats }: Known): readonly PageChip[] {
  const value = (key: string) => metadata.find(({ label }) => label === key)?.value;
  const license = value('license');
  const known: readonly (readonly [string, string | undefined])[] = [
    [l10n.t('Task'), value('pipeline_tag')],
    // https://huggingface.co/docs/hub/repositories-licenses: a license that is not in the list has a name of its own.
    [l10n.t('License'), license === 'other' ? (value('license_name') ?? license) : license],
    [l10n.t('Parameters'), parameters],
    [l10n.t('Format'), [...new Set(formats)].join(', ')],
    [l10n.t('Size'), size],
  ];
  return known.flatMap(([name, text]) => {
    const shown = text === undefined ? '' : inShort(text);
    return shown === '' ? [] : [{ name, value: shown }];
  });
}

function inShort(text: string): string {
  const [line = ''] = text.trim().split('\n');
  const characters = Array.from(line);
  return characters.length > LONGEST_CHIP ? `${characters.slice(0, LONGEST_CHIP - 1).join('')}…` : line;
}

type Listed = Pick<ModelVersion, 'commit'>;

/** A model's versions as far as they are listed, newest first. */
interface ListedVersions {
  readonly all: readonly Listed[];
  readonly hasMore: boolean;
}

/** Whether a version is the newest; undefined while no version is listed. Pure. */
export function standing(commit: CommitName, { all }: ListedVersions): PageStanding | undefined {
  const newest = all.find((version) => version.commit !== undefined)?.commit;
  if (newest === undefined) return undefined;
  if (newest === commit) return { kind: 'newest', text: l10n.t('Newest version') };
  return {
    kind: 'older',
    text: l10n.t('Not the newest version'),
    newest: { commit: newest, label: l10n.t('Show the newest, {0}', short(newest)) },
  };
}

/** The version that was published before another; undefined where that is not listed. Pure. */
export function versionBefore(commit: CommitName, { all }: ListedVersions): CommitName | undefined {
  const at = all.findIndex((version) => version.commit === commit);
  if (at < 0) return undefined;
  return all.slice(at + 1).find((version) => version.commit !== undefined && version.commit !== commit)
    ?.commit;
}

/** Whether nothing was published before a version. Pure. */
export function isFirst(commit: CommitName, versions: ListedVersions): boolean {
  return (
    !versions.hasMore &&
    versions.all.some((version) => version.commit === commit) &&
    versionBefore(commit, versions) === undefined
  );
}

type Change = Pick<FileChange<unknown>, 'before' | 'after'>;

/** How many files differ from the version before. Pure. */
export function changesSince(before: CommitName, changes: readonly Change[]): PageChanges {
  const name = short(before);
  const counts = [
    count(
      changes,
      ({ before: earlier, after }) => earlier && after,
      (files) => l10n.t('{0} changed', files),
    ),
    count(
      changes,
      ({ before: earlier }) => !earlier,
      (files) => l10n.t('{0} added', files),
    ),
    count(
      changes,
      ({ after }) => !after,
      (files) => l10n.t('{0} removed', files),
    ),
  ].flat();
  return {
    sentence:
      counts.length === 0
        ? l10n.t('The same files as in the version before, {0}', name)
        : l10n.t('Files since {0}: {1}', name, counts.join(', ')),
    compare: counts.length === 0 ? undefined : l10n.t('Compare with {0}', name),
  };
}

export function firstVersion(): PageChanges {
  return { sentence: l10n.t('The first version'), compare: undefined };
}

function count(
  changes: readonly Change[],
  isCounted: (change: Change) => unknown,
  text: (files: number) => string,
): readonly string[] {
  const files = changes.filter(isCounted).length;
  return files === 0 ? [] : [text(files)];
}

/** The names of one version: its commit in the registry, and the one that it was published as. Pure. */
export function commitFacts(commit: CommitName, published: PublishedAs | undefined): readonly PageFact[] {
  const inRegistry = {
    label: l10n.t('Commit in the registry'),
    value: commit,
    copy: { what: 'commit', label: l10n.t('Copy Commit SHA') },
  } as const;
  switch (published?.kind) {
    case undefined:
      return [inRegistry];
    case 'git':
      return [
        inRegistry,
        {
          label: l10n.t('Published from Git commit'),
          value: published.commit,
          copy: { what: 'gitCommit', label: l10n.t('Copy Git Commit') },
        },
      ];
    case 'hub':
      return [
        inRegistry,
        { label: l10n.t('Imported from'), value: `${published.address} @ ${published.commit}` },
      ];
  }
}

function short(commit: CommitName): string {
  return shortName(commit, SHORT_SHA);
}
