import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { ModelVersion } from '../../core/hosts/host.ts';
import type { CommitName } from '../../core/objectIds.ts';
import type { Choice } from '../prompts.ts';
import { relativeTime } from '../relativeTime.ts';
import { rowId, type VersionRow } from '../rows.ts';
import type { Services } from '../services.ts';
import { bothCommits, joined, versionLabel } from '../wording.ts';
import { commitWithSubject, olderOf } from './sides.ts';
import { type SubjectOf, subjectsFrom } from './versionSubjects.ts';

type CompareServices = Pick<Services, 'http' | 'log' | 'prompts'>;

/** Two versions to compare, the older one first. */
interface TwoVersions {
  readonly before: VersionRow;
  readonly after: VersionRow;
}

/** Pages of versions that are offered to compare with, each one request. */
const OFFERED_PAGES = 3;

/**
 * The versions that are meant by a command on `row`: with the one other of `selected`, else with the one that the person
 * picks, among those that are selected or those of the model. Asks, too, which is the older one where nothing tells.
 * undefined where the person left.
 */
export async function askTwoVersions(
  services: CompareServices,
  row: VersionRow,
  selected: readonly VersionRow[],
): Promise<TwoVersions | undefined> {
  const others = selected.filter((one) => rowId(one) !== rowId(row));
  const other = others.length === 1 ? others[0] : await askOther(services, row, others);
  return other && inOrder(services, row, other);
}

/** @param among Of which one is picked; empty for any version of the model. */
async function askOther(
  services: CompareServices,
  row: VersionRow,
  among: readonly VersionRow[],
): Promise<VersionRow | undefined> {
  const { session, version } = row;
  return services.prompts.pick<VersionRow>({
    id: 'compare.version',
    title: vscode.l10n.t('Compare {0} of {1}', versionLabel(version), version.model),
    placeholder:
      among.length > 0
        ? vscode.l10n.t('Which of the selected versions to compare it with')
        : vscode.l10n.t('The version to compare it with'),
    choices: async (signal) => {
      const listed = among.length > 0 ? among.map((one) => one.version) : await listVersions(row, signal);
      const others = listed.filter(({ id, commit }) => id !== version.id && commit !== undefined);
      if (others.length === 0) {
        throw new Failure(
          'notFound',
          vscode.l10n.t('“{0}” has no other version to compare with.', version.model),
        );
      }
      const newest = newestOf(listed);
      const subjects = newest ? await subjectsFrom(services, session, version, newest, signal) : undefined;
      const at = listed.findIndex(({ id }) => id === version.id);
      return others.map((other) => ({
        ...choiceOf(other, other.commit && subjects?.get(other.commit)),
        ...(at < 0 ? {} : { group: listed.indexOf(other) < at ? newer(version) : older(version) }),
        value: among.find((one) => one.version === other) ?? { kind: 'version', session, version: other },
      }));
    },
  });
}

/** The one from which the server tells the messages of all before it. */
function newestOf(versions: readonly ModelVersion[]): CommitName | undefined {
  const time = ({ createdAt }: ModelVersion) => createdAt?.getTime() ?? 0;
  // Of a list, and where no date tells, the first one.
  return versions.filter(({ commit }) => commit !== undefined).toSorted((a, b) => time(b) - time(a))[0]
    ?.commit;
}

function newer(version: ModelVersion): string {
  return vscode.l10n.t('Newer than {0}', versionLabel(version));
}

function older(version: ModelVersion): string {
  return vscode.l10n.t('Older than {0}', versionLabel(version));
}

/** By its subject first, which tells people more than its name. */
function choiceOf(version: ModelVersion, known: SubjectOf | undefined): Omit<Choice<VersionRow>, 'value'> {
  const { commit, createdAt } = version;
  const { subject, git } = known ?? {};
  const label = commit === undefined ? versionLabel(version) : bothCommits(commit, git);
  const age = createdAt && relativeTime(createdAt, new Date(), vscode.env.language);
  return {
    label: subject ?? label,
    ...describedAs(joined(subject === undefined ? undefined : label, age)),
    icon: 'git-commit',
  };
}

function describedAs(description: string | undefined): Pick<Choice<VersionRow>, 'description'> {
  return description === undefined ? {} : { description };
}

/** The model's versions, newest first, as far as they are offered. */
async function listVersions(
  { session, version: { registry, model } }: VersionRow,
  signal: AbortSignal,
): Promise<readonly ModelVersion[]> {
  const listed: ModelVersion[] = [];
  let cursor: string | undefined;
  for (let page = 0; page === 0 || (cursor !== undefined && page < OFFERED_PAGES); page += 1) {
    const { items, next } = await session.host.listing.versions(registry, model, { cursor }, signal);
    for (const item of items) listed.push(item);
    cursor = next;
  }
  return listed;
}

async function inOrder(
  { prompts }: CompareServices,
  one: VersionRow,
  two: VersionRow,
): Promise<TwoVersions | undefined> {
  const asTwo = (first: VersionRow): TwoVersions => ({ before: first, after: first === one ? two : one });
  const sides = [one, two].map((row) => ({ row, ...row.version }));
  const [first, second] = sides;
  if (!first || !second) throw new RangeError('A comparison has two sides.');
  const byDate = olderOf(first, second, []);
  if (byDate) return asTwo(byDate.row);
  const listed = isSameModel(one.version, two.version)
    ? await prompts.progress(
        {
          id: 'compare.order',
          title: vscode.l10n.t('Looking which version of {0} is older', one.version.model),
          cancellable: true,
        },
        async (_report, signal) => listVersions(one, signal),
      )
    : [];
  const byPlace = olderOf(
    first,
    second,
    listed.map(({ commit }) => commit),
  );
  if (byPlace) return asTwo(byPlace.row);
  return askOrder(prompts, one, two);
}

async function askOrder(
  prompts: Services['prompts'],
  one: VersionRow,
  two: VersionRow,
): Promise<TwoVersions | undefined> {
  return prompts.pick<TwoVersions>({
    id: 'compare.before',
    title: vscode.l10n.t('Compare {0} with {1}', nameOf(one), nameOf(two)),
    placeholder: vscode.l10n.t('The side that was before: what came since is shown as added'),
    choices: [
      { label: nameOf(two), icon: 'git-commit', value: { before: two, after: one } },
      { label: nameOf(one), icon: 'git-commit', value: { before: one, after: two } },
    ],
  });
}

function nameOf({ version }: VersionRow): string {
  const { model, commit } = version;
  const label =
    commit === undefined ? versionLabel(version) : commitWithSubject({ commit, subject: undefined });
  return `${model}@${label}`;
}

function isSameModel(one: ModelVersion, two: ModelVersion): boolean {
  return one.model === two.model && one.registry.id === two.registry.id;
}
