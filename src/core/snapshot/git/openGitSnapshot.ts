import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import type { Readable } from 'node:stream';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import type { Log } from '../../log.ts';
import { EMPTY, type GitObjectId } from '../../objectIds.ts';
import { existingFolder } from '../files/existingFolder.ts';
import { plainly } from '../files/systemErrors.ts';
import type { HashMemory } from '../hashMemory.ts';
import { lifetimeOf, type Lifetime } from '../lifetime.ts';
import { LONGEST_CARD } from '../modelCard.ts';
import { proposeModels } from '../proposedModels.ts';
import type { LfsPlace, Origin, Snapshot, SnapshotFile, UncommittedChange } from '../snapshot.ts';
import { unlessBlocked } from './blocked.ts';
import { parseCommit } from './commit.ts';
import type { GitConfig } from './config.ts';
import { NotCommitted } from './explain.ts';
import { gitIn } from './git.ts';
import { committedFolder, readHead, type CommittedFile, type Head } from './head.ts';
import { lfsContents, type LfsContents } from './lfsContents.ts';
import { hasServer, mayFilter } from './lfsFilters.ts';
import { lfsObjectFolders } from './lfsStore.ts';
import { gitObjects, isSmall, type GitObjects } from './objects.ts';
import { objectReader, type ObjectReader } from './objectReader.ts';
import type { OwnRepository } from './ownRepository.ts';
import { gitProgram } from './program.ts';
import { remoteSegments } from './remote.ts';
import { findRepository, headOf, type Repository } from './repository.ts';
import { unlessForbidden } from './unreadable.ts';
import { unlessUnrecognized } from './unrecognized.ts';
import { uncommittedChanges } from './uncommitted.ts';
import { workTree } from './workTree.ts';

export interface GitSnapshotOptions {
  /** Ends the opening and, later, everything that was opened from the snapshot. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Absolute path of the Git program; found on PATH where it is left out. */
  readonly git?: string;
  /** Spares reading LFS files in the work tree to learn whether they changed. */
  readonly hashes?: HashMemory | undefined;
  /** How long Git may read before a pipe is looked for that it waits for, in milliseconds; default some seconds. */
  readonly patience?: number | undefined;
}

const ORIGIN: Origin = { kind: 'git' };

/**
 * HEAD of the Git repository that holds `folder`, as far as it lies in that folder. Nothing of the repository's
 * configuration runs: no hook, filter, fsmonitor, textconv, pager, credential helper or transport. Whoever opens a
 * snapshot disposes of it, and with it of a temporary folder.
 *
 * No content in Git LFS is read, but of files that look touched a bounded amount: see {@link uncommittedChanges}.
 *
 * @param folder absolute path of a repository's top folder, or of any folder in a work tree of it.
 * @throws Failure `notARepository`, `noCommit`, `unpublishable` or `git`; and the signal's reason when aborted.
 */
export async function openGitSnapshot(folder: string, options: GitSnapshotOptions): Promise<Snapshot> {
  options.signal.throwIfAborted();
  const start = await existingFolder(folder);
  const program = await gitProgram(options.git);
  const lifetime = lifetimeOf(options.signal);
  const git = gitIn(start, {
    program,
    environment: process.env,
    signal: lifetime.signal,
    log: options.log,
  });
  const made: OwnRepository[] = [];
  const tidy = async () => {
    await git.idle();
    await Promise.all(made.map((own) => own.remove()));
  };
  const dispose = async () => {
    await lifetime.end();
    await tidy();
  };
  const tidyUnasked = () => {
    tidy().catch((error: unknown) => options.log.warn(`A temporary folder is left: ${String(error)}`));
  };
  // Who aborts may not come back to dispose of it.
  lifetime.signal.addEventListener('abort', tidyUnasked, { once: true });
  try {
    const repository = await findRepository(git);
    const watch = { stop: lifetime.stop, signal: lifetime.signal, patience: options.patience };
    const snapshot = await unlessBlocked(repository, watch, async () => {
      const { commit, branch } = await committed(repository);
      const reader = await objectReader(repository, commit);
      if (reader.kind === 'own') made.push(reader.own);
      return readSnapshot({ repository, reader, commit, branch }, lifetime, options, dispose);
    });
    lifetime.signal.throwIfAborted();
    return snapshot;
  } catch (error) {
    await dispose();
    throw await unlessUnrecognized(await unlessForbidden(plainly(error, folder), start), start);
  }
}

interface Opened {
  readonly repository: Repository;
  /** There as long as the snapshot. */
  readonly reader: ObjectReader;
  readonly commit: GitObjectId;
  readonly branch: string | undefined;
}

async function readSnapshot(
  { repository, reader, commit, branch }: Opened,
  lifetime: Lifetime,
  { log, hashes }: GitSnapshotOptions,
  dispose: () => Promise<void>,
): Promise<Snapshot> {
  const { top, config } = repository;
  const { git } = reader;
  const objects = gitObjects(git);
  const folder = await committedFolder(repository, git, commit);
  const settings: LfsSettings = {
    isFiltered: await mayFilter(repository),
    ...(!(await hasServer(repository)) && { isNowhere: true }),
  };
  const objectFolders = await lfsObjectFolders(repository.commonFolder, config);
  const tree = workTree(top, { objectFolders, hashes, signal: lifetime.signal });
  const reading = readHead(git, objects, commit, folder);
  const changes = changesSeen(reader, (own) =>
    uncommittedChanges(repository, own, folder, reading, tree, lifetime.signal),
  );
  const read = Promise.all([reading, changes, objects.read(commit).then(parseCommit)]);
  // What the look for changes keeps outside the repository is gone then.
  await Promise.allSettled([read, changes]);
  const [head, { uncommitted, notCompared }, message] = await read;
  const contents = lfsContents(objectFolders, tree, head.files);
  if (notCompared !== undefined) {
    log.warn(`What is not committed is not known: ${notCompared.message}`);
  }
  const files = head.files.map((file) => snapshotFile(file, settings, objects, contents, lifetime));
  log.info(
    `Opened ${commit} of ${top}, folder "${folder}": ${files.length} files, ` +
      `${files.filter((file) => file.kind === 'lfs').length} of them in Git LFS, ${uncommitted.length} uncommitted changes.`,
  );
  return {
    origin: ORIGIN,
    commit,
    branch,
    subject: message.subject,
    committedAt: message.committedAt,
    repository: top,
    gitFolders: {
      own: await realpath(repository.gitFolder),
      common: await realpath(repository.commonFolder),
    },
    folder,
    files,
    uncommitted,
    ...(notCompared !== undefined && { notCompared }),
    proposeModels: async () => {
      lifetime.signal.throwIfAborted();
      return proposedFor(repository, head, branch, objects);
    },
    dispose,
  };
}

/** What stays behind, which a publish can do without. What Git refuses is thrown. */
async function changesSeen(
  reader: ObjectReader,
  look: (own: OwnRepository) => Promise<readonly UncommittedChange[]>,
): Promise<Pick<Snapshot, 'uncommitted' | 'notCompared'>> {
  if (reader.kind === 'repository') return { uncommitted: [], notCompared: reader.why };
  try {
    return { uncommitted: await look(reader.own) };
  } catch (error) {
    const why = plainly(error, reader.own.gitFolder);
    if (!(why instanceof Failure && why.kind === 'disk')) throw error;
    return { uncommitted: [], notCompared: why };
  }
}

/** What is so of all files of the repository. */
type LfsSettings = Omit<LfsPlace, 'path'>;

async function committed(repository: Repository): Promise<Pick<Opened, 'commit' | 'branch'>> {
  const { commit, branch } = await headOf(repository);
  if (commit !== undefined) return { commit, branch };
  throw new Failure(
    'noCommit',
    l10n.t('The repository “{0}” has no commit yet. Commit the model’s files and try again.', repository.top),
    { cause: new NotCommitted('repository') },
  );
}

function snapshotFile(
  { path, entry, pointer }: CommittedFile,
  settings: LfsSettings,
  objects: GitObjects,
  contents: LfsContents,
  lifetime: Lifetime,
): SnapshotFile {
  if (pointer === undefined) {
    return {
      kind: 'blob',
      origin: ORIGIN,
      path,
      size: entry.size,
      gitSha1: entry.oid,
      open: (start = 0) => opened(lifetime, () => objects.open(entry.oid, entry.size, start)),
      ...(isSmall(entry.size) && { whole: () => read(lifetime, objects, entry.oid) }),
    };
  }
  if (pointer.size === 0 && pointer.sha256 === EMPTY.sha256) {
    return {
      kind: 'blob',
      origin: ORIGIN,
      path,
      size: 0,
      gitSha1: EMPTY.gitSha1,
      open: () => opened(lifetime, () => contents.nothing()),
    };
  }
  const lfs = { path: entry.path, ...settings };
  const wanted = { path, pointer, lfs };
  return {
    kind: 'lfs',
    get origin(): Origin {
      return { kind: contents.isFromWorkTree(pointer) ? 'workTree' : 'git', lfs };
    },
    path,
    size: pointer.size,
    sha256: pointer.sha256,
    gitSha1: entry.oid,
    present: () => contents.isHere(wanted),
    open: (start = 0, end = pointer.size) => opened(lifetime, () => contents.open(wanted, start, end)),
    openFile: async () => {
      lifetime.signal.throwIfAborted();
      return contents.openFile(wanted);
    },
  };
}

async function opened(lifetime: Lifetime, open: () => Readable | Promise<Readable>): Promise<Readable> {
  lifetime.signal.throwIfAborted();
  return lifetime.adopt(await open());
}

async function read(lifetime: Lifetime, objects: GitObjects, oid: GitObjectId): Promise<Buffer> {
  lifetime.signal.throwIfAborted();
  return objects.read(oid);
}

async function proposedFor(
  { top, config }: Repository,
  head: Head,
  branch: string | undefined,
  objects: GitObjects,
): Promise<string[]> {
  const card = head.files.find(({ path, pointer }) => /^readme\.md$/i.test(path) && pointer === undefined);
  const text =
    card !== undefined && card.entry.size <= LONGEST_CARD
      ? (await objects.read(card.entry.oid)).toString('utf8')
      : '';
  // Its YAML parser is loaded by who needs it.
  const { readFrontMatter } = await import('../frontMatter.ts');
  return proposeModels({
    frontMatter: readFrontMatter(text),
    remote: remoteSegments(remoteUrl(config, branch) ?? ''),
    repository: top.split(sep).filter((name) => name !== ''),
    folder: head.folder.split('/').filter((name) => name !== ''),
  });
}

/** The remote that the branch follows, else `origin`, else the first. */
function remoteUrl(config: GitConfig, branch: string | undefined): string | undefined {
  const followed = branch === undefined ? undefined : config.get(`branch.${branch}.remote`);
  const remotes = [followed, 'origin', ...config.subsections('remote')];
  return remotes
    .map((remote) => (remote === undefined ? undefined : config.get(`remote.${remote}.url`)))
    .find((url) => url !== undefined);
}
