import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import type { GitObjectId } from '../../objectIds.ts';
import { firstFew } from '../files/firstFew.ts';
import { isRefusedPath } from '../refusedPath.ts';
import { isOn } from './config.ts';
import { LISTED } from './exits.ts';
import { NotCommitted, objectMissing, ObjectsMissing } from './explain.ts';
import type { Git } from './git.ts';
import { mayBePointer, parseLfsPointer, type LfsPointer } from './lfsPointer.ts';
import { MalformedTree, placeFiles, type LinkProblem, type Placement } from './links.ts';
import type { GitObjects } from './objects.ts';
import type { Repository } from './repository.ts';
import { parseTree, type ContentEntry, type LinkEntry, type TreeEntry, type TreeListing } from './tree.ts';

/** A file as the commit has it. */
export interface CommittedFile {
  /** From the published folder. */
  readonly path: string;
  /** Where its content is; of another path where `path` is a symbolic link or leads through one. */
  readonly entry: ContentEntry;
  readonly pointer: LfsPointer | undefined;
}

export interface Head {
  /** The published folder as the commit spells it, from the repository's top. */
  readonly folder: string;
  /** Sorted by path in code unit order. */
  readonly files: readonly CommittedFile[];
}

/** The longest path there can be, and so the longest text of a link that leads anywhere. Bytes. */
const LONGEST_LINK = 4096;

/** What `commit` holds in `folder`, spelled as there. Throws a {@link Failure} where no model registry can hold it. */
export async function readHead(
  git: Git,
  objects: GitObjects,
  commit: GitObjectId,
  folder: string,
): Promise<Head> {
  const listing = await listTree(git, commit, folder);
  if (listing.entries.length === 0 && listing.undecodable.length === 0 && listing.absent.length === 0) {
    throw holdsNothing(git.folder, folder);
  }
  refuse(listing.undecodable, (paths) =>
    l10n.t(
      'Model registries take file names in UTF-8 only, and these are not: {0}. Rename them, commit and try again.',
      paths,
    ),
  );
  if (listing.absent.length > 0) {
    const absent = new Set(listing.absent);
    const oids = listing.entries.filter(({ path }) => absent.has(path)).map(({ oid }) => oid);
    throw objectMissing(git.folder, listing.absent, new ObjectsMissing(oids));
  }
  const placement = await placed(git, objects, commit, folder, listing.entries);
  refuse(placement.submodules, (paths) =>
    l10n.t(
      'Model registries cannot hold submodules: {0}. Replace them with the files themselves, commit and try again, or publish each submodule’s own folder.',
      paths,
    ),
  );
  refuseLinks(placement);
  refuse(
    placement.files.map((file) => file.path).filter((path) => isRefusedPath(path)),
    (paths) =>
      l10n.t(
        'Model registries refuse files in folders named “.git” or “.cache”: {0}. Rename or remove them, commit and try again.',
        paths,
      ),
  );
  const pointers = await readPointers(
    objects,
    placement.files.map((file) => file.entry),
  );
  const files = placement.files
    .map(({ path, entry }) => ({ path, entry, pointer: pointers.get(entry.oid) }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { folder, files };
}

async function listTree(git: Git, commit: GitObjectId, folder: string): Promise<TreeListing> {
  const paths = folder === '' ? [] : [`${folder}/`];
  return parseTree(
    await git.bytes(LISTED, 'ls-tree', '-r', '-z', '-l', '--full-tree', '--', commit, ...paths),
  );
}

/**
 * The repository's folder as the commit spells it: on a file system that ignores case, it may have got another since.
 * Throws a {@link Failure} where the commit has no such folder.
 */
export async function committedFolder(
  { top, folder, config }: Repository,
  git: Git,
  commit: GitObjectId,
): Promise<string> {
  const kind = await folderKind(git, commit, folder);
  if (kind === 'tree') {
    return folder;
  }
  if (kind === 'commit') {
    throw new Failure(
      'unpublishable',
      l10n.t(
        '“{0}” is a submodule that is not checked out. Run “git submodule update --init” and try again.',
        folder,
      ),
      { paths: [folder] },
    );
  }
  if (isOn(config.get('core.ignorecase'))) {
    const alike = await git.bytes(LISTED, 'ls-tree', '-r', '-d', '-z', '--name-only', '--full-tree', commit);
    const other = folderIgnoringCase(alike.toString('utf8').split('\0'), folder);
    if (other !== undefined) {
      return other;
    }
  }
  throw holdsNothing(top, folder);
}

function holdsNothing(top: string, folder: string): Failure {
  return new Failure(
    'noCommit',
    l10n.t(
      'The last commit of “{0}” holds no file in “{1}”. Commit the model’s files and try again.',
      top,
      folder === '' ? '.' : folder,
    ),
    { cause: new NotCommitted('folder') },
  );
}

async function folderKind(git: Git, commit: GitObjectId, folder: string): Promise<string | undefined> {
  if (folder === '') return 'tree';
  const line = await git.bytes(LISTED, 'ls-tree', '-z', '--full-tree', '--', commit, folder);
  return line.toString('latin1').split(' ')[1];
}

/** The one of `folders` that a file system which ignores case and Unicode composition takes for `folder`. */
export function folderIgnoringCase(folders: readonly string[], folder: string): string | undefined {
  const folded = (path: string) => path.normalize('NFC').toLowerCase();
  return folders.find((other) => folded(other) === folded(folder));
}

async function placed(
  git: Git,
  objects: GitObjects,
  commit: GitObjectId,
  folder: string,
  entries: readonly TreeEntry[],
): Promise<Placement> {
  // A link may lead out of the folder, to any place of the commit.
  const hasLinks = entries.some((entry) => entry.kind === 'link');
  const all = hasLinks && folder !== '' ? (await listTree(git, commit, '')).entries : entries;
  const links = all.filter((entry) => entry.kind === 'link').filter((link) => link.size <= LONGEST_LINK);
  const targets = new Map<GitObjectId, string>();
  await objects.readEach(
    links.map((link) => link.oid),
    (oid, content) => targets.set(oid, content.toString('utf8')),
  );
  const targetOf = (link: LinkEntry) => targets.get(link.oid) ?? '';
  try {
    return placeFiles(all, folder, targetOf);
  } catch (error) {
    if (error instanceof MalformedTree) {
      throw new Failure(
        'git',
        l10n.t('The commit is damaged: it holds “{0}” twice. Run “git fsck” to learn more.', error.path),
        { cause: error, paths: [error.path] },
      );
    }
    throw error;
  }
}

async function readPointers(
  objects: GitObjects,
  entries: readonly ContentEntry[],
): Promise<ReadonlyMap<GitObjectId, LfsPointer>> {
  const candidates = new Set(entries.filter((entry) => mayBePointer(entry.size)).map((entry) => entry.oid));
  const pointers = new Map<GitObjectId, LfsPointer>();
  await objects.readEach([...candidates], (oid, content) => {
    const pointer = parseLfsPointer(content);
    if (pointer !== undefined) {
      pointers.set(oid, pointer);
    }
  });
  return pointers;
}

function refuse(paths: readonly string[], message: (paths: string) => string): void {
  if (paths.length > 0) {
    throw new Failure('unpublishable', message(firstFew(paths)), { paths });
  }
}

function refuseLinks({ brokenLinks }: Placement): void {
  if (brokenLinks.length > 0) {
    const lines = brokenLinks.map(
      ({ path, target, problem }) => `${path} → ${target} (${LINK_PROBLEMS[problem]()})`,
    );
    throw new Failure(
      'unpublishable',
      l10n.t(
        'A symbolic link is published as the file or folder it leads to, and these lead to nothing in the commit: {0}. Replace them with the files themselves, commit and try again.',
        firstFew(lines),
      ),
      { paths: brokenLinks.map((link) => link.path) },
    );
  }
}

const LINK_PROBLEMS: Readonly<Record<LinkProblem, () => string>> = {
  leavesRepository: () => l10n.t('leaves the repository'),
  missing: () => l10n.t('not in the commit'),
  loop: () => l10n.t('leads in a circle'),
  submodule: () => l10n.t('leads into a submodule'),
  tooMany: () => l10n.t('leads to too many files'),
};
