import * as vscode from 'vscode';
import type { ModelVersion, Registry } from '../core/hosts/host.ts';
import { shortName } from '../core/objectIds.ts';
import { sizeText as sizeIn } from '../core/sizeText.ts';
import { shortLine } from '../core/visibleText.ts';

/** "12.3 MB", in the editor's language; powers of ten, as registries show sizes. */
export function sizeText(bytes: number): string {
  return sizeIn(bytes, vscode.env.language);
}

/** "1 file", "12 files". */
export function filesText(count: number): string {
  return count === 1 ? vscode.l10n.t('1 file') : vscode.l10n.t('{0} files', count);
}

/** A commit as people name it. */
export function shortSha(sha: string): string {
  return shortName(sha, 7);
}

/**
 * A version by its commit in the registry, and beside it the commit of the Git repository that it was published from, where that is
 * known and another one: "0261d32 (Git a1b2c3d)".
 */
export function bothCommits(version: string, git: string | undefined): string {
  return git === undefined || git === version
    ? shortSha(version)
    : vscode.l10n.t('{0} (Git {1})', shortSha(version), shortSha(git));
}

/** A version by its commit, or by its id where it is none. */
export function versionLabel({ commit, id }: Pick<ModelVersion, 'commit' | 'id'>): string {
  return commit === undefined ? id : shortSha(commit);
}

/** `organization/registry`. */
export function registryName({ organization, slug }: Pick<Registry, 'organization' | 'slug'>): string {
  return `${organization}/${slug}`;
}

/** The parts of a description that there are, in one line; undefined where there is none. */
export function joined(...parts: readonly (string | undefined)[]): string | undefined {
  return parts.filter((part) => part).join(' · ') || undefined;
}

/** The lines of a tooltip that there are. */
export function lines(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part).join('\n');
}

/** How many paths are named before "and N more". */
const NAMED_PATHS = 5;

/** A stranger's text in one line, cut where it is too long. */
export const oneLine = shortLine;

/** A heading, the first of `paths` below it, and how many more there are; nothing where there is none. */
export function namedPaths(heading: string, paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return [];
  const named = paths.slice(0, NAMED_PATHS).map((path) => `  ${oneLine(path)}`);
  const more = paths.length - named.length;
  return [heading, ...named, ...(more > 0 ? [`  ${vscode.l10n.t('and {0} more', more)}`] : [])];
}

/** Day and time. */
export function dateTime(date: Date, locale: string): string {
  return date.toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' });
}

/** "2 min 5 s", in the editor's language. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return vscode.l10n.t('{0} s', Math.max(1, seconds));
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? vscode.l10n.t('{0} min {1} s', minutes, seconds % 60)
    : vscode.l10n.t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60);
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;

function timeLeft(seconds: number): string {
  if (seconds < MINUTE) return vscode.l10n.t('{0} s left', Math.ceil(seconds));
  if (seconds < HOUR) return vscode.l10n.t('{0} min left', Math.ceil(seconds / MINUTE));
  const minutes = Math.ceil(seconds / MINUTE);
  return vscode.l10n.t('{0} h {1} min left', Math.floor(minutes / MINUTE), minutes % MINUTE);
}

/** How far a transfer is: "12 MB of 98 MB, 3 of 14 files, 5.2 MB/s, 20 s left". */
export function transferText(transfer: {
  readonly bytes: number;
  readonly totalBytes: number;
  readonly files: number;
  readonly totalFiles: number;
  readonly bytesPerSecond: number | undefined;
  readonly secondsLeft?: number | undefined;
}): string {
  const { bytes, totalBytes, files, totalFiles, bytesPerSecond, secondsLeft } = transfer;
  return [
    vscode.l10n.t('{0} of {1}', sizeText(bytes), sizeText(totalBytes)),
    vscode.l10n.t('{0} of {1} files', files, totalFiles),
    ...(bytesPerSecond === undefined ? [] : [vscode.l10n.t('{0}/s', sizeText(Math.round(bytesPerSecond)))]),
    ...(secondsLeft === undefined ? [] : [timeLeft(secondsLeft)]),
  ].join(', ');
}

/** "1 model", "2 models". */
export function modelsText(count: number): string {
  return count === 1 ? vscode.l10n.t('1 model') : vscode.l10n.t('{0} models', count);
}

/** "1 version", "2 versions". */
export function versionsText(count: number): string {
  return count === 1 ? vscode.l10n.t('1 version') : vscode.l10n.t('{0} versions', count);
}
