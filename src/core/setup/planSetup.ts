import { appendFile, lstat, mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { allOf } from '../async/allOf.ts';
import { Failure } from '../failure.ts';
import { homeFolder } from '../homeFolder.ts';
import { isCardFile, isWeightsFile } from '../localModels/fileNames.ts';
import { encodingOf } from '../publish/textWindows.ts';
import { existingFolder } from '../snapshot/files/existingFolder.ts';
import { NotTheFile, readSmallFile } from '../snapshot/files/regularFile.ts';
import { isSamePath } from '../snapshot/files/spelledPaths.ts';
import { isGone, isSystemError, plainly, refused } from '../snapshot/files/systemErrors.ts';
import { temporaryFolder, temporaryFoldersIn } from '../snapshot/files/temporaryFolder.ts';
import { walk, type FolderEntry } from '../snapshot/files/walk.ts';
import { CONFIG_WANTED, parseConfig } from '../snapshot/git/config.ts';
import { isInNoRepository } from '../snapshot/git/explain.ts';
import { gitIn, type GitQuestions } from '../snapshot/git/git.ts';
import { SAID } from '../snapshot/git/exits.ts';
import { ownRepository, type OwnRepository } from '../snapshot/git/ownRepository.ts';
import { withIndexCopy } from '../snapshot/git/indexCopy.ts';
import { gitProgram } from '../snapshot/git/program.ts';
import { findRepository, headOf, type Repository } from '../snapshot/git/repository.ts';
import { unlessForbidden } from '../snapshot/git/unreadable.ts';
import { cacheLocation } from '../snapshot/hfCache/location.ts';
import { refusalOfOtherPart } from '../snapshot/hfCache/otherParts.ts';
import { withLines } from './appendedText.ts';
import { commitSettings } from './committer.ts';
import { ignoresFor } from './ignores.ts';
import { BINARY_BYTES, lfsLines, type LfsCandidate } from './lfsLines.ts';
import { isLicenseFile, LICENSE_HEAD, licenseOf } from './licenses.ts';
import { cardFacts, modelCardText, TEXT_FILES, type ModelTexts } from './modelCard.ts';
import { ignoreLine } from '../snapshot/git/patterns.ts';
import { beginningOf, secretsIn, type PlanOptions } from './planning.ts';
import type { Ignored, LeftOut, PlannedFile, SetupPlan, WrittenFile } from './plans.ts';
import { findGitLfs, SETTING_UP } from './settingUp.ts';
import {
  byCodeUnit,
  filtersOf,
  listed,
  refuseFiltered,
  strayLinks,
  workFiles,
  type WorkFile,
} from './workFolder.ts';

/** Hundreds of a person's own lines. Bytes. */
const LONGEST_TEXT = 1024 * 1024;
/** A folder of more is not a model's. */
const MOST_FILES = 100_000;
const MOST_FOLDERS = 20_000;
const LOOKS_AT_ONCE = 32;
/** By these is told whether a file is a text. */
const TEXT_SAMPLE = 8000;

interface SetupOptions extends PlanOptions {
  /** Paths from the folder that are to be ignored, too: the person does not want them in the commit. */
  readonly leaveOut?: readonly string[];
}

/**
 * What makes a repository with a first commit of `folder` (absolute path), which is in none, or in one without a commit.
 * Only looks: nothing is written to the folder, and nothing of any configuration runs.
 *
 * @throws Failure `notARepository` without the folder; `conflict` where there is a commit already; `noCommit` where there
 *   is nothing to commit; `unpublishable` for what no registry takes; `disk`, `git`; and the signal's reason when aborted.
 */
export async function planSetup(folder: string, options: SetupOptions): Promise<SetupPlan> {
  const { signal, log } = options;
  signal.throwIfAborted();
  const top = await existingFolder(folder);
  refuseSystemFolders(top);
  const refusal = await refusalOfOtherPart(top);
  if (refusal !== undefined) throw refusal;
  const program = await gitProgram(options.git);
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const git = gitIn(top, { program, environment: process.env, signal: either, log });
  const kept = await temporaryFolder('setup-');
  let own: OwnRepository | undefined;
  try {
    const place = await placeOf(git, top, kept.path);
    own = await ownRepository(place.repository);
    return await planIn(place, own, options);
  } catch (error) {
    signal.throwIfAborted();
    throw await unlessForbidden(plainly(error, folder), top);
  } finally {
    ended.abort();
    await git.idle();
    await own?.remove();
    await kept.remove();
  }
}

interface Place {
  readonly kind: SetupPlan['repository'];
  /** Of a new one, the Git folder is one of ours, and empty. */
  readonly repository: Repository;
}

async function placeOf(git: GitQuestions, top: string, ours: string): Promise<Place> {
  try {
    const repository = await findRepository(git);
    if ((await headOf(repository)).commit !== undefined) throw hasCommits(top);
    if (repository.folder !== '') throw liesIn(top, repository.top);
    return { kind: 'empty', repository };
  } catch (error) {
    if (!(error instanceof Failure && isInNoRepository(error))) throw error;
    await refuseBrokenRepository(top);
    const config = parseConfig(await git.bytes(SAID, 'config', '--null', '--get-regexp', CONFIG_WANTED));
    await mkdir(join(ours, 'objects'));
    return {
      kind: 'new',
      repository: { git, top, folder: '', gitFolder: ours, commonFolder: ours, config },
    };
  }
}

async function planIn(
  { kind, repository }: Place,
  own: OwnRepository,
  options: SetupOptions,
): Promise<SetupPlan> {
  const { signal, log, leaveOut = [] } = options;
  const { top, git, config } = repository;
  const entries = await entriesOf(top, signal);
  const [ignoreFile, attributesFile] = await Promise.all([
    textAt(top, '.gitignore'),
    textAt(top, '.gitattributes'),
  ]);
  const ignored = [
    ...ignoresFor(entries, ignoreFile?.toString('utf8') ?? ''),
    ...leaveOut.map((path): Ignored => {
      const about = entries.filter((entry) => entry.path === path || entry.path.startsWith(`${path}/`));
      // What is mistyped, or a path from elsewhere, would be committed.
      if (about.length === 0) throw nothingAt(top, path);
      return {
        line: ignoreLine(path),
        files: about.length,
        bytes: about.reduce((sum, { size }) => sum + size, 0),
      };
    }),
  ];
  // As they will count: behind all that stands in `.gitignore`.
  const lines = [`/${SETTING_UP}/`, ...ignored.map(({ line }) => line)];
  const seen = await withIndexCopy(repository, own, () => contentsOf(own, kind, lines, top, config, signal));
  if (seen.files.length === 0) throw nothingToCommit(top);
  const { card, license } = await cardFor(top, entries, seen.files);
  const writes: WrittenFile[] = [
    ...written(
      '.gitignore',
      ignoreFile,
      'Not part of the model',
      ignored.map(({ line }) => line),
    ),
    ...written('.gitattributes', attributesFile, 'Large files, which Git LFS keeps', seen.lines),
    ...(card === undefined
      ? []
      : [
          {
            path: 'README.md',
            added: card.split('\n'),
            content: Buffer.from(card),
            before: undefined,
          } as const,
        ]),
  ];
  const settings = await commitSettings(
    git,
    process.env,
    kind === 'new' ? undefined : join(repository.commonFolder, 'hooks'),
  );
  return {
    kind: 'setUp',
    repository: kind,
    top,
    writes,
    files: withWrites(seen.files, seen.filters, writes),
    secrets: await secretsIn(seen.files, log, signal),
    author: settings.author,
    leftOut: seen.leftOut,
    unstaged: seen.staged,
    unobserved: settings.unobserved,
    ignored,
    card: card === undefined ? undefined : { license },
    lacksLfs: [...seen.filters.values()].includes('lfs') && (await findGitLfs()) === undefined,
  };
}

interface Contents {
  readonly files: readonly WorkFile[];
  readonly leftOut: readonly LeftOut[];
  /** What is in the index and is to be ignored. */
  readonly staged: readonly string[];
  /** The lines that `.gitattributes` is to get. */
  readonly lines: readonly string[];
  /** What attributes say of `filter`, with those lines, by path. */
  readonly filters: ReadonlyMap<string, string>;
}

/** What Git would commit with the lines that it has got, and which of that Git LFS is to keep. */
async function contentsOf(
  own: OwnRepository,
  kind: Place['kind'],
  ignored: readonly string[],
  top: string,
  config: Repository['config'],
  signal: AbortSignal,
): Promise<Contents> {
  const { paths, nested, staged } = await listed(own.git, '', { cached: kind === 'empty', ignored });
  const all = await workFiles(top, paths, signal);
  const links = await strayLinks(top, all, signal);
  const stray = new Set(links.map(({ path }) => path));
  const files = all.filter(({ path }) => !stray.has(path));
  const names = files.map(({ path }) => path);
  const before = await filtersOf(own.git, names);
  const candidates = await allOf(files, LOOKS_AT_ONCE, signal, async (file): Promise<LfsCandidate> => ({
    path: file.path,
    size: file.kind === 'link' ? 0 : file.size,
    isText: await isText(file),
    filter: before.get(file.path) ?? 'unspecified',
  }));
  const lines = lfsLines(candidates);
  await addAttributes(own, lines);
  const filters = lines.length === 0 ? before : await filtersOf(own.git, names);
  refuseFiltered(filters, config);
  const repositories = nested.map((path): LeftOut => ({ path, why: 'nestedRepository' }));
  return { files, leftOut: [...repositories, ...links], staged, lines, filters };
}

/** Adds lines to the file beside our configuration, which Git reads as it will read the person's. */
async function addAttributes(own: OwnRepository, lines: readonly string[]): Promise<void> {
  if (lines.length > 0) {
    await appendFile(join(own.gitFolder, 'info', 'attributes'), `\n${lines.join('\n')}\n`);
  }
}

/** undefined where the size and the name tell more than the content does. */
async function isText({ path, file, kind, size }: WorkFile): Promise<boolean | undefined> {
  if (kind === 'link' || size < BINARY_BYTES || isWeightsFile(path)) return undefined;
  return encodingOf(await beginningOf(file, TEXT_SAMPLE)) !== undefined;
}

function written(
  path: WrittenFile['path'],
  before: Buffer | undefined,
  heading: string,
  added: readonly string[],
): WrittenFile[] {
  if (added.length === 0) return [];
  return [{ path, added, content: withLines(before, heading, added), before }];
}

function withWrites(
  files: readonly WorkFile[],
  filters: ReadonlyMap<string, string>,
  writes: readonly WrittenFile[],
): PlannedFile[] {
  const planned = new Map(
    files.map(({ path, size, kind }): [string, PlannedFile] => [
      path,
      { path, change: 'added', store: kind === 'file' && filters.get(path) === 'lfs' ? 'lfs' : 'git', size },
    ]),
  );
  for (const { path, content } of writes) {
    planned.set(path, { path, change: 'added', store: 'git', size: content.length });
  }
  return [...planned.values()].sort((a, b) => byCodeUnit(a.path, b.path));
}

type Entry = FolderEntry & { readonly size: number };

/** All that is in the folder, but what is Git's own, or ours. */
async function entriesOf(top: string, signal: AbortSignal): Promise<readonly Entry[]> {
  let folders = 0;
  const ours = new Set([SETTING_UP, ...temporaryFoldersIn(top)]);
  const found = await walk(top, signal, (path) => {
    folders += 1;
    return ours.has(path) || basename(path) === '.git' || folders > MOST_FOLDERS;
  });
  if (found.length > MOST_FILES || folders > MOST_FOLDERS) {
    throw new Failure(
      'unpublishable',
      l10n.t(
        '“{0}” holds more than {1} files or {2} folders, so it is hardly a model’s folder. Choose the one that holds only the model’s files.',
        ...[top, MOST_FILES, MOST_FOLDERS],
      ),
    );
  }
  return allOf(found, LOOKS_AT_ONCE, signal, async (entry) => ({
    ...entry,
    size:
      entry.kind === 'file'
        ? await lstat(entry.file).then(
            ({ size }) => size,
            () => 0,
          )
        : 0,
  }));
}

/** The text of a card for the model, where there is none, and its license, where a file tells it. */
async function cardFor(
  top: string,
  entries: readonly Entry[],
  files: readonly WorkFile[],
): Promise<{ readonly card: string | undefined; readonly license: string | undefined }> {
  if (entries.some(({ path }) => isCardFile(path))) return { card: undefined, license: undefined };
  const regular = new Map(files.filter(({ kind }) => kind === 'file').map((file) => [file.path, file]));
  const read = async (path: string) => {
    const file = regular.get(path);
    return file === undefined ? undefined : (await readSmallFile(file.file, LONGEST_TEXT))?.toString('utf8');
  };
  const texts = Object.fromEntries(
    await Promise.all(
      Object.entries(TEXT_FILES).map(async ([key, path]) => [key, await read(path)] as const),
    ),
  ) as unknown as ModelTexts;
  const licenseFile = [...regular.values()].find(({ path }) => isLicenseFile(path));
  const license =
    licenseFile && licenseOf((await beginningOf(licenseFile.file, LICENSE_HEAD)).toString('utf8'));
  return { card: modelCardText(basename(top), cardFacts(texts, license)), license };
}

/** What a text file at the top holds; undefined where there is none. */
async function textAt(top: string, name: string): Promise<Buffer | undefined> {
  const file = join(top, name);
  try {
    const text = await readSmallFile(file, LONGEST_TEXT);
    if (text !== undefined) return text;
  } catch (error) {
    if (isGone(error)) return undefined;
    if (isSystemError(error)) throw refused(error, file, [name]);
    if (!(error instanceof NotTheFile)) throw error;
  }
  throw new Failure(
    'disk',
    l10n.t('“{0}” is not a plain file, or is too long to be added to. Replace it and try again.', file),
    { paths: [name] },
  );
}

/** The top of a drive, and where a person keeps everything else. */
function refuseSystemFolders(top: string): void {
  const home = homeFolder();
  const isHome = home !== undefined && isSamePath(top, home);
  if (dirname(top) !== top && !isHome && cacheLocation(top) === undefined) return;
  throw new Failure(
    'unpublishable',
    cacheLocation(top) === undefined
      ? l10n.t('“{0}” is not made a repository: choose the folder that holds the model’s files.', top)
      : l10n.t(
          '“{0}” is in the Hugging Face cache, and is published as it is. Choose a folder of your own to change the model.',
          top,
        ),
  );
}

async function refuseBrokenRepository(top: string): Promise<void> {
  const place = join(top, '.git');
  const stats = await lstat(place).catch((error: unknown) => {
    if (isGone(error)) return undefined;
    throw error;
  });
  if (stats === undefined) return;
  throw new Failure(
    'git',
    l10n.t(
      'There is a “{0}” that Git does not recognize as a repository. Repair it, or remove it and try again.',
      place,
    ),
  );
}

function hasCommits(top: string): Failure {
  return new Failure(
    'conflict',
    l10n.t(
      '“{0}” is in a Git repository with commits already. Commit what is new there, and publish it.',
      top,
    ),
  );
}

function liesIn(folder: string, top: string): Failure {
  return new Failure(
    'noCommit',
    l10n.t(
      '“{0}” lies in the repository “{1}”, which has no commit yet. Set that folder up, or commit the model’s files there.',
      folder,
      top,
    ),
  );
}

function nothingAt(top: string, path: string): Failure {
  return new Failure(
    'notFound',
    l10n.t('“{0}” holds no “{1}” that could be left out. Name it by its path from that folder.', top, path),
    { paths: [path] },
  );
}

function nothingToCommit(top: string): Failure {
  return new Failure(
    'noCommit',
    l10n.t('“{0}” holds no files that could be committed. Put the model’s files there and try again.', top),
  );
}
