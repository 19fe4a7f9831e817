import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import type { GitObjectId } from '../objectIds.ts';
import { isDesktopFile } from '../snapshot/files/desktopFiles.ts';
import { firstFew } from '../snapshot/files/firstFew.ts';
import { LISTED } from '../snapshot/git/exits.ts';
import { committedFolder, readHead, type Head } from '../snapshot/git/head.ts';
import { lfsObjectFolders } from '../snapshot/git/lfsStore.ts';
import type { Git } from '../snapshot/git/git.ts';
import { gitObjects } from '../snapshot/git/objects.ts';
import { ownRepository, type OwnRepository } from '../snapshot/git/ownRepository.ts';
import { withIndexCopy } from '../snapshot/git/indexCopy.ts';
import { headOf, type Repository } from '../snapshot/git/repository.ts';
import { uncommittedChanges } from '../snapshot/git/uncommitted.ts';
import { withGit } from '../snapshot/git/withGit.ts';
import { workTree } from '../snapshot/git/workTree.ts';
import type { UncommittedChange } from '../snapshot/snapshot.ts';
import { refuseUnfinished } from './branchMove.ts';
import { commitSettings } from './committer.ts';
import { secretsIn, type PlanOptions } from './planning.ts';
import type { CommitPlan, LeftOut, PlannedFile } from './plans.ts';
import { byCodeUnit, filtersOf, listed, refuseFiltered, workFiles } from './workFolder.ts';

/**
 * What is not committed in `folder` (absolute path), which is in a repository, as one commit. Only looks: nothing is
 * written, and nothing of any configuration runs. A commit of no files is planned where everything is committed.
 *
 * @throws Failure `notARepository`; `conflict` in the middle of a merge; `unpublishable` for what no registry takes;
 *   `disk`, `git`; and the signal's reason when aborted.
 */
export async function planCommit(folder: string, options: PlanOptions): Promise<CommitPlan> {
  return withGit(folder, options, async (repository) => {
    await refuseUnfinished(repository);
    const { commit: parent } = await headOf(repository);
    const own = await ownRepository(repository, parent);
    try {
      return await planIn(repository, own, parent, options);
    } finally {
      await own.remove();
    }
  });
}

async function planIn(
  repository: Repository,
  own: OwnRepository,
  parent: GitObjectId | undefined,
  options: PlanOptions,
): Promise<CommitPlan> {
  const { signal, log } = options;
  const { top, git, commonFolder, config } = repository;
  const head = await headIn(repository, own, parent);
  const changes = await changesIn(repository, own, head, options);
  const { paths, leftOut, filters } = await withIndexCopy(repository, own, async ({ git: index }) => {
    const { paths: unknown, nested } = await listed(index, head.folder);
    const all = new Map<string, PlannedFile['change']>([
      ...changes
        .filter(({ change }) => change !== undefined)
        .map(({ path, change }) => [path, change ?? 'modified'] as const),
      ...unknown.filter((path) => !isDesktopFile(path)).map((path) => [path, 'added'] as const),
      ...(await renamedAway(index, parent, head.folder, changes)).map((path) => [path, 'deleted'] as const),
    ]);
    return {
      paths: all,
      leftOut: nested.map((path): LeftOut => ({ path, why: 'nestedRepository' })),
      filters: await filtersOf(index, [...all.keys()]),
    };
  });
  refuseFiltered(filters, config);
  const present = [...paths].filter(([, change]) => change !== 'deleted').map(([path]) => path);
  const found = await workFiles(top, present, signal);
  const sizes = new Map(found.map(({ path, size, kind }) => [path, { size, kind }]));
  const files = [...paths].map(([path, change]): PlannedFile => {
    const file = sizes.get(path);
    if (file === undefined) return { path, change: 'deleted', store: 'git', size: 0 };
    const store = file.kind === 'file' && filters.get(path) === 'lfs' ? 'lfs' : 'git';
    return { path, change, store, size: file.size };
  });
  const settings = await commitSettings(git, process.env, join(commonFolder, 'hooks'));
  return {
    kind: 'commit',
    top,
    folder: head.folder,
    parent,
    files: files.sort((a, b) => byCodeUnit(a.path, b.path)),
    secrets: await secretsIn(found, log, signal),
    author: settings.author,
    leftOut,
    unobserved: settings.unobserved,
  };
}

/** What is committed in the folder, which may be nothing, or something that no registry takes until it is changed. */
async function headIn(
  repository: Repository,
  own: OwnRepository,
  parent: GitObjectId | undefined,
): Promise<Head> {
  const none = { folder: repository.folder, files: [] };
  if (parent === undefined) return none;
  try {
    const folder = await committedFolder(repository, own.git, parent);
    return await readHead(own.git, gitObjects(own.git), parent, folder);
  } catch (error) {
    if (error instanceof Failure && ['noCommit', 'unpublishable'].includes(error.kind)) return none;
    throw error;
  }
}

interface Change {
  /** From the top. */
  readonly path: string;
  /** Undefined for what Git does not know yet, which is listed file by file elsewhere. */
  readonly change: PlannedFile['change'] | undefined;
  readonly isRenamed: boolean;
}

async function changesIn(
  repository: Repository,
  own: OwnRepository,
  head: Head,
  { hashes, signal }: PlanOptions,
): Promise<readonly Change[]> {
  const { top, commonFolder, config } = repository;
  const objectFolders = await lfsObjectFolders(commonFolder, config);
  const tree = workTree(top, { objectFolders, hashes, signal });
  const found = await uncommittedChanges(repository, own, head.folder, Promise.resolve(head), tree, signal);
  const conflicts = found.filter(({ kind }) => kind === 'conflicted').map(({ path }) => path);
  if (conflicts.length > 0) {
    throw new Failure(
      'conflict',
      l10n.t('These files have conflicts: {0}. Resolve them, then publish.', firstFew(conflicts)),
      { paths: conflicts },
    );
  }
  const prefix = head.folder === '' ? '' : `${head.folder}/`;
  return found.map(({ path, kind }) => ({
    path: prefix + path,
    change: changeOf(kind),
    isRenamed: kind === 'renamed',
  }));
}

function changeOf(kind: UncommittedChange['kind']): PlannedFile['change'] | undefined {
  switch (kind) {
    case 'untracked':
      return undefined;
    case 'added':
    case 'renamed':
      return 'added';
    case 'deleted':
      return 'deleted';
    case 'modified':
    case 'touched':
    case 'conflicted':
      return 'modified';
  }
}

/** Where renamed files were. */
async function renamedAway(
  git: Git,
  parent: GitObjectId | undefined,
  folder: string,
  changes: readonly Change[],
): Promise<readonly string[]> {
  if (parent === undefined || !changes.some(({ isRenamed }) => isRenamed)) return [];
  const output = await git.bytes(
    LISTED,
    ...['diff-index', '--cached', '--name-only', '-z', '--no-renames', '--diff-filter=D'],
    ...[parent, '--', ...(folder === '' ? [] : [folder])],
  );
  return output.toString('utf8').split('\0').slice(0, -1);
}
