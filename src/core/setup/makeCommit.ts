import type { BigIntStats } from 'node:fs';
import { lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { allOf } from '../async/allOf.ts';
import { asGitObjectId, type GitObjectId } from '../objectIds.ts';
import { isSystemError, refused } from '../snapshot/files/systemErrors.ts';
import { isOn } from '../snapshot/git/config.ts';
import { explainGit } from '../snapshot/git/explain.ts';
import { GitExit, LISTED, SAID } from '../snapshot/git/exits.ts';
import { withIndexCopy } from '../snapshot/git/indexCopy.ts';
import { lfsObjectFolders } from '../snapshot/git/lfsStore.ts';
import type { Git } from '../snapshot/git/git.ts';
import type { OwnRepository } from '../snapshot/git/ownRepository.ts';
import type { Repository } from '../snapshot/git/repository.ts';
import { workTreeFile } from '../snapshot/git/workTree.ts';
import { fileKey, type HashMemory } from '../snapshot/hashMemory.ts';
import { fed, zeroEnded } from './gitInput.ts';
import { withStats } from './indexStats.ts';
import { changing, keepObject, type KeptFile } from './lfsObjects.ts';
import type { Author, PlannedFile } from './plans.ts';
import { changedSince } from './settingUp.ts';

const OBJECTS_AT_ONCE = 2;
const LOOKS_AT_ONCE = 32;
/** Clocks of file systems may be that far behind the system's. Milliseconds. */
const CLOCK_SLACK = 30;
/** A file may be dated later than now; that is not waited for. Milliseconds. */
const LONGEST_WAIT = 3000;
const NO_OBJECT = '0'.repeat(40);

/** What is to be committed, and by whom. */
interface CommitRequest {
  readonly parent: GitObjectId | undefined;
  readonly files: readonly PlannedFile[];
  /** Contents that are in no file of the work tree yet, by path. */
  readonly written: ReadonlyMap<string, Buffer>;
  /** Paths that the index is to lose, whose files stay. */
  readonly unstaged: readonly string[];
  readonly author: Author;
  readonly message: string;
}

export interface CommitServices {
  readonly signal: AbortSignal;
  readonly hashes: HashMemory | undefined;
  /** Bytes of the files that Git LFS keeps were read. */
  readonly onBytes: (bytes: number) => void;
}

/** A commit that no branch leads to yet. */
export interface MadeCommit {
  readonly commit: GitObjectId;
  /** The repository's index, as it is to be when the branch leads to the commit. */
  readonly index: Buffer;
  /** Throws where a file whose content was kept is not the one any more that was read. */
  proveUnchanged(): Promise<void>;
}

/**
 * Makes a commit of exactly the files of `request` on top of its parent, in the repository's objects and Git LFS's
 * store, where nobody sees it; index, branch and work tree stay as they are. Git runs through `own`, whose configuration
 * names no filter, hook, signature or program: what filters of Git LFS would do is done here.
 *
 * @returns undefined where the commit would hold what its parent holds.
 */
export async function makeCommit(
  repository: Repository,
  own: OwnRepository,
  request: CommitRequest,
  services: CommitServices,
): Promise<MadeCommit | undefined> {
  const { files, written, unstaged } = request;
  const kept = await keepObjects(repository, files, services);
  const contents = new Map([...written, ...[...kept].map(([path, { pointer }]) => [path, pointer] as const)]);
  const blobs = await storeBlobs(own, contents);
  const { index, entries } = await withIndexCopy(repository, own, async ({ git }) => {
    // Where the file system has no such modes, those of the index stay.
    const hasModes = isOn(repository.config.get('core.filemode') ?? 'true');
    const modes = hasModes ? modesOf(kept) : await modesIn(git);
    await fed(git, zeroEnded(entryLines(blobs, modes)), 'update-index', '-z', '--index-info');
    const others = files.map(({ path }) => path).filter((path) => !blobs.has(path));
    const update = ['update-index', '--add', '--remove', '--replace', '-z', '--stdin'];
    if (others.length > 0) await fed(git, zeroEnded(others), ...update);
    if (unstaged.length > 0) {
      await fed(git, zeroEnded(unstaged), 'update-index', '--force-remove', '-z', '--stdin');
    }
    const entries = await entriesOf(git, files);
    const stats = new Map([...kept].map(([path, { stats }]) => [path, stats]));
    const bytes = await readFile(join(own.gitFolder, 'index'));
    return { index: withStats(bytes, stats, process.platform), entries };
  });
  const commit = await commitOf(own, request, entries);
  if (commit === undefined) return undefined;
  await untilLater(
    [...kept.values()].map(({ stats }) => stats),
    services.signal,
  );
  return { commit, index, proveUnchanged: () => proveUnchanged(repository.top, kept, services) };
}

/** Keeps the contents that Git LFS is to have. By path. */
async function keepObjects(
  { top, commonFolder, config }: Repository,
  files: readonly PlannedFile[],
  { signal, onBytes }: CommitServices,
): Promise<ReadonlyMap<string, KeptFile>> {
  const wanted = files.filter(({ store, change }) => store === 'lfs' && change !== 'deleted');
  const [objects = join(commonFolder, 'lfs', 'objects')] = await lfsObjectFolders(commonFolder, config);
  const kept = await allOf(wanted, OBJECTS_AT_ONCE, signal, async ({ path }, either) => {
    const file = workTreeFile(top, path, process.platform);
    if (file === undefined) throw changedSince(path);
    return [path, await keepObject(file, path, { objects, signal: either, onBytes })] as const;
  });
  return new Map(kept);
}

/** Writes blobs as they are, and gives their names, by the paths of `contents`. */
async function storeBlobs(
  own: OwnRepository,
  contents: ReadonlyMap<string, Buffer>,
): Promise<ReadonlyMap<string, GitObjectId>> {
  if (contents.size === 0) return new Map();
  const folder = join(own.gitFolder, 'contents');
  await mkdir(folder);
  try {
    const names = [...contents.keys()].map((_path, number) => join(folder, String(number)));
    let number = 0;
    for (const content of contents.values()) await writeFile(names[number++] ?? '', content);
    const asked = ['hash-object', '-t', 'blob', '-w', '--no-filters', '--stdin-paths'];
    const output = await fed(own.git, names.map((name) => `${name}\n`).join(''), ...asked);
    const oids = output.toString('latin1').split(/\r?\n/).map(asGitObjectId);
    return new Map(
      [...contents.keys()].map((path, at) => {
        const oid = oids[at];
        if (oid === undefined) throw explainGit(new GitExit('hash-object', 0, ''), own.git.folder);
        return [path, oid];
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Lines of `git update-index --index-info` (https://git-scm.com/docs/git-update-index#_using_index_info). */
function entryLines(blobs: ReadonlyMap<string, GitObjectId>, modes: ReadonlyMap<string, string>): string[] {
  return [...blobs].map(([path, oid]) => {
    const isProgram = modes.get(path) === '100755';
    return `${isProgram ? '100755' : '100644'} ${oid} 0\t${path}`;
  });
}

/** The modes of files, as Git has them, by path. */
function modesOf(kept: ReadonlyMap<string, KeptFile>): ReadonlyMap<string, string> {
  return new Map(
    [...kept].map(([path, { stats }]) => [path, (stats.mode & 0o100n) !== 0n ? '100755' : '100644']),
  );
}

async function modesIn(git: Git): Promise<ReadonlyMap<string, string>> {
  const output = await git.bytes(LISTED, 'ls-files', '--stage', '-z');
  const lines = output.toString('utf8').split('\0').slice(0, -1);
  return new Map(lines.map((line) => [line.slice(line.indexOf('\t') + 1), line.slice(0, line.indexOf(' '))]));
}

/**
 * The lines that make another index hold what this one holds of `files`. Throws where a file that was to be committed
 * went away.
 */
async function entriesOf(git: Git, files: readonly PlannedFile[]): Promise<readonly string[]> {
  const output = await git.bytes(LISTED, 'ls-files', '--stage', '-z');
  const lines = new Map(
    output
      .toString('utf8')
      .split('\0')
      .slice(0, -1)
      .map((line) => [line.slice(line.indexOf('\t') + 1), line]),
  );
  return files.map(({ path, change }) => {
    const line = lines.get(path);
    if (line !== undefined) return line;
    if (change !== 'deleted') throw changedSince(path);
    return `0 ${NO_OBJECT}\t${path}`;
  });
}

async function commitOf(
  own: OwnRepository,
  { parent, author, message }: CommitRequest,
  entries: readonly string[],
): Promise<GitObjectId | undefined> {
  const index = own.with({ GIT_INDEX_FILE: join(own.gitFolder, 'commit-index') });
  if (parent !== undefined) await index.bytes(LISTED, 'read-tree', parent);
  await fed(index, zeroEnded(entries), 'update-index', '-z', '--replace', '--index-info');
  const tree = oidOf(await index.bytes(SAID, 'write-tree'), 'write-tree', own);
  if (parent !== undefined) {
    const before = await own.git.bytes(SAID, 'rev-parse', '--verify', `${parent}^{tree}`);
    if (oidOf(before, 'rev-parse', own) === tree) return undefined;
  }
  const { name, email } = author;
  const committing = own.with({
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
  });
  const parents = parent === undefined ? [] : ['-p', parent];
  const text = `${message.replace(/\0/g, '').trim()}\n`;
  return oidOf(await fed(committing, text, 'commit-tree', tree, ...parents), 'commit-tree', own);
}

function oidOf(output: Buffer, command: string, own: OwnRepository): GitObjectId {
  const oid = asGitObjectId(output.toString('latin1').trim());
  if (oid === undefined) throw explainGit(new GitExit(command, 0, ''), own.git.folder);
  return oid;
}

/**
 * Waits until an index that is written from now on is of a later second than the files: Git reads every other one again
 * (https://git-scm.com/docs/racy-git), and without Git LFS would find it to differ from its pointer.
 */
async function untilLater(stats: readonly BigIntStats[], signal: AbortSignal): Promise<void> {
  const newest = stats.reduce((latest, { mtimeMs }) => (mtimeMs > latest ? mtimeMs : latest), 0n);
  const next = (Number(newest / 1000n) + 1) * 1000 + CLOCK_SLACK;
  const wait = next - Date.now();
  if (wait > 0 && wait <= LONGEST_WAIT) await delay(wait, undefined, { signal });
}

/** What is proved is remembered, so that the publish that follows does not read it again. */
async function proveUnchanged(
  top: string,
  kept: ReadonlyMap<string, KeptFile>,
  { hashes, signal }: CommitServices,
): Promise<void> {
  await allOf([...kept], LOOKS_AT_ONCE, signal, async ([path, { stats, sha256, isSettled }]) => {
    const file = workTreeFile(top, path, process.platform) ?? top;
    const now = await lstat(file, { bigint: true }).catch((error: unknown) => {
      throw isSystemError(error) ? refused(error, file, [path]) : error;
    });
    const key = fileKey(stats);
    if (fileKey(now) !== key) throw changing(path);
    if (sha256 !== undefined && isSettled) await hashes?.remember(key, { sha256 });
  });
}
