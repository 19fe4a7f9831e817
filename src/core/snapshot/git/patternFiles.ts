import { constants } from 'node:fs';
import { appendFile, open, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { homeFolder } from '../../homeFolder.ts';
import { variable } from '../../programs/programPath.ts';
import { isFolder, isForbidden, isGone } from '../files/systemErrors.ts';
import { temporaryFoldersIn } from '../files/temporaryFolder.ts';
import { SAID } from './exits.ts';
import type { OwnRepository } from './ownRepository.ts';
import { ignoreLine } from './patterns.ts';
import type { Repository } from './repository.ts';

/** A file beside the configuration that says what is ignored, converted or left out of the work tree. */
interface PatternFile {
  /** Absolute path; as bytes where it came from the configuration and may be no text. */
  readonly from: string | Buffer;
  /** Absolute path in our own repository. */
  readonly to: string;
}

/** More than anybody writes by hand, and as much as tools write of sparse checkouts. Bytes. */
const LARGEST = 32 * 1024 * 1024;

/**
 * Copies the files by which `git status` knows what is ignored and how files are converted, from the repository and
 * from where the person has them, so that what it calls clean is clean here. They hold patterns and names of
 * attributes: a filter that is named there, no configuration defines. What is no regular file is not read, as it might
 * never end.
 */
export async function copyPatternFiles(repository: Repository, own: OwnRepository): Promise<void> {
  const [ignore, attributes] = await Promise.all([
    personsFile(repository, 'core.excludesfile', 'ignore'),
    personsFile(repository, 'core.attributesfile', 'attributes'),
  ]);
  const { gitFolder, commonFolder } = repository;
  const info = (name: string) => join(own.gitFolder, 'info', name);
  const files: PatternFile[] = [
    { from: join(commonFolder, 'info', 'exclude'), to: info('exclude') },
    { from: join(commonFolder, 'info', 'attributes'), to: info('attributes') },
    { from: join(gitFolder, 'info', 'sparse-checkout'), to: info('sparse-checkout') },
  ];
  if (ignore !== undefined) files.push({ from: ignore, to: join(own.personFolder, 'ignore') });
  if (attributes !== undefined) files.push({ from: attributes, to: join(own.personFolder, 'attributes') });
  await Promise.all(files.map(copy));
  // Where temporary files are kept in the work tree, ours are no change of it.
  const ours = temporaryFoldersIn(repository.top).map((path) => `\n${ignoreLine(path)}\n`);
  if (ours.length > 0) await appendFile(info('exclude'), ours.join(''));
}

/**
 * The file that `key` names, else the one that Git reads where it is not set (https://git-scm.com/docs/gitignore);
 * undefined for none.
 */
async function personsFile(
  { git, top, config }: Repository,
  key: 'core.excludesfile' | 'core.attributesfile',
  name: 'ignore' | 'attributes',
): Promise<string | Buffer | undefined> {
  const named = config.bytes(key);
  const home = homeOf(git.environment);
  if (named === undefined) {
    const xdg = variable(git.environment, process.platform, 'XDG_CONFIG_HOME') ?? '';
    if (xdg !== '') return resolve(top, xdg, 'git', name);
    return home === undefined ? undefined : join(home, '.config', 'git', name);
  }
  // `~`, `%(prefix)` and what else may come are Git's to read.
  const isPlain = /^[\w./]/.test(named.toString('latin1')) || named.length === 0;
  const path = isPlain ? named : await git.bytes(SAID, 'config', '--null', '--type=path', '--get', key);
  const end = path.indexOf(0);
  return fromTop(top, end < 0 ? path : path.subarray(0, end));
}

/** As bytes on systems whose paths are bytes. */
function fromTop(top: string, path: Buffer): string | Buffer | undefined {
  if (path.length === 0) return undefined;
  if (process.platform === 'win32') return resolve(top, path.toString('utf8'));
  return path.toString('latin1').startsWith('/') ? path : Buffer.concat([Buffer.from(`${top}/`), path]);
}

/** Git for Windows makes up a home where the variable is missing, other Gits do without. */
function homeOf(environment: Readonly<Record<string, string>>): string | undefined {
  const home = variable(environment, process.platform, 'HOME');
  return home ?? (process.platform === 'win32' ? homeFolder() : undefined);
}

async function copy({ from, to }: PatternFile): Promise<void> {
  const content = await regularFile(from);
  if (content !== undefined) await writeFile(to, content);
}

/** The whole of a regular file; undefined where none can be read. A pipe that took its place is not waited for. */
async function regularFile(path: string | Buffer): Promise<Buffer | undefined> {
  try {
    if (!(await stat(path)).isFile()) return undefined;
    const handle = await open(path, constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0));
    try {
      const stats = await handle.stat();
      return stats.isFile() && stats.size <= LARGEST ? await handle.readFile() : undefined;
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Git goes on, too, without those that it may not read.
    if (isGone(error) || isForbidden(error) || isFolder(error)) return undefined;
    throw error;
  }
}
