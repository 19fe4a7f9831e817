import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import picomatch from 'picomatch';
import { isModelCard, isModelConfig } from './evidence.ts';
import { isCardFile, isConfigFile, isWeightsFile } from './fileNames.ts';

export interface SearchOptions {
  readonly signal: AbortSignal;
  /** Whether what lies at that path (from the searched folder, forward slashes) is left out, with all below it. */
  readonly isExcluded: (path: string) => boolean;
  /** Folders that are looked into, at most. */
  readonly mostFolders?: number;
}

/** How many folders below the searched one a model is looked for. */
const DEPTH = 5;
const MOST_FOLDERS = 5000;
const FOLDERS_AT_ONCE = 16;

/** Folders that hold a program's own files, by the thousand, and no model of the person's. */
const SKIPPED = new Set(['node_modules', '.git', '.hg', '.svn', '.venv', 'venv', '__pycache__', '.cache']);

/** A longer model configuration is not looked at. Bytes. */
const LONGEST_CONFIG = 1024 * 1024;
/** The beginning of a README is enough to tell what it describes. Bytes. */
const LONGEST_CARD_HEAD = 64 * 1024;

/** What a folder's own files say. */
type Evidence =
  /** Its configuration or card says that it is a model. */
  | 'declared'
  /** There are weights in it, and nothing says more. */
  | 'weights'
  | 'none';

interface Visited {
  /** From the searched folder, forward slashes; empty for itself. */
  readonly path: string;
  /** A folder above holds weights: those here may be a part of the same model. */
  readonly belowWeights: boolean;
}

/**
 * The folders of models in `top` (absolute path, and itself perhaps), as paths from it with forward slashes, sorted.
 * What is below a model is a part of it, unless all that makes it one is weights: then a folder below may say that it
 * is a model of its own. Links are not followed to folders.
 */
export async function modelFolders(top: string, options: SearchOptions): Promise<readonly string[]> {
  const { signal, isExcluded, mostFolders = MOST_FOLDERS } = options;
  const found: string[] = [];
  let left = mostFolders;
  let level: Visited[] = [{ path: '', belowWeights: false }];
  for (let depth = 0; depth <= DEPTH && level.length > 0 && left > 0; depth += 1) {
    const next: Visited[] = [];
    const visited = level.slice(0, left);
    left -= visited.length;
    for (let at = 0; at < visited.length; at += FOLDERS_AT_ONCE) {
      signal.throwIfAborted();
      const looked = await Promise.all(
        visited.slice(at, at + FOLDERS_AT_ONCE).map((folder) => look(top, folder, isExcluded)),
      );
      for (const { folder, evidence, below } of looked) {
        if (evidence === 'declared' || (evidence === 'weights' && !folder.belowWeights))
          found.push(folder.path);
        if (evidence !== 'declared') next.push(...below);
      }
    }
    level = next;
  }
  return found.sort();
}

async function look(
  top: string,
  folder: Visited,
  isExcluded: (path: string) => boolean,
): Promise<{ readonly folder: Visited; readonly evidence: Evidence; readonly below: readonly Visited[] }> {
  const absolute = join(top, folder.path);
  // What may not be read holds no model for this person.
  const entries = await readdir(absolute, { withFileTypes: true }).catch(() => []);
  const pathOf = (name: string) => (folder.path === '' ? name : `${folder.path}/${name}`);
  const here = entries.filter(({ name }) => !SKIPPED.has(name) && !isExcluded(pathOf(name)));
  const files = here.filter((entry) => entry.isFile() || entry.isSymbolicLink()).map(({ name }) => name);
  const declared = await isDeclared(absolute, files);
  const evidence = declared ? 'declared' : files.some(isWeightsFile) ? 'weights' : 'none';
  const belowWeights = folder.belowWeights || evidence === 'weights';
  const below = here
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ path: pathOf(name), belowWeights }));
  return { folder, evidence, below };
}

async function isDeclared(folder: string, files: readonly string[]): Promise<boolean> {
  const config = files.find(isConfigFile);
  if (config !== undefined) {
    const text = await beginningOf(join(folder, config), LONGEST_CONFIG);
    if (text !== undefined && isModelConfig(text)) return true;
  }
  const card = files.find(isCardFile);
  const text = card && (await beginningOf(join(folder, card), LONGEST_CARD_HEAD));
  return text !== undefined && isModelCard(text);
}

/** At most that many bytes of a file; undefined where it is none, or cannot be read. */
async function beginningOf(file: string, bytes: number): Promise<string | undefined> {
  try {
    // A named pipe would be waited for without end.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile()) return undefined;
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

/** What VS Code's `files.exclude` leaves out, by a path from a workspace folder; without patterns with `when`. */
export function exclusion(setting: Readonly<Record<string, unknown>>): (path: string) => boolean {
  const patterns = Object.entries(setting)
    .filter(([, value]) => value === true)
    .map(([pattern]) => pattern.replace(/\/$/, ''));
  return picomatch(patterns, { dot: true });
}
