import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Failure, type FailureKind } from '../../../src/core/failure.ts';

/** A file of a commit, as a Hub has it. */
export interface HubFile {
  readonly content: Buffer | string;
  readonly lfs?: boolean;
}

export type HubFiles = Readonly<Record<string, HubFile>>;

/** How a client keeps contents in its cache. */
export type Layout =
  /** Links to `blobs/<etag>`. */
  | 'links'
  /** Links to `blobs/<etag>`, which for LFS files are links to a store that all models share. */
  | 'shared'
  /** Files, where links are not allowed. */
  | 'files';

export interface CachedModel {
  /** Absolute path of `models--…/snapshots/<commit>`. */
  readonly snapshot: string;
  /** Absolute path of `models--…`. */
  readonly storage: string;
  readonly cache: string;
  readonly commit: string;
}

export const COMMIT = 'c0ffee0123456789c0ffee0123456789c0ffee01';

export function gitSha1(content: Buffer | string): string {
  return createHash('sha1')
    .update(`blob ${Buffer.byteLength(content)}\0`)
    .update(content)
    .digest('hex');
}

export function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

export function pointerId(content: Buffer | string): string {
  return gitSha1(
    `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256(content)}\nsize ${Buffer.byteLength(content)}\n`,
  );
}

/** A model with all that a snapshot can hold. */
export const MODEL: HubFiles = {
  '.gitattributes': { content: '*.safetensors filter=lfs diff=lfs merge=lfs -text\n' },
  'README.md': { content: '---\nlicense: mit\n---\n# Tiny\n' },
  'config.json': { content: '{"hidden_size": 8}\n' },
  'model.safetensors': { content: Buffer.alloc(300_000, 7), lfs: true },
  'onnx/größe 尺寸.onnx': { content: Buffer.from('onnx'), lfs: true },
  'onnx/same weights.safetensors': { content: Buffer.alloc(300_000, 7), lfs: true },
  'empty.txt': { content: '' },
};

export interface CacheOptions {
  readonly layout?: Layout;
  readonly model?: string;
  readonly commit?: string;
  /** Whether the client lists the commit in `trees/`, as huggingface_hub does from 1.22 on. */
  readonly listed?: boolean;
  /** Paths that were not downloaded. */
  readonly without?: readonly string[];
  /** Commit by branch or tag. */
  readonly refs?: Readonly<Record<string, string>>;
}

/** Lays a snapshot out as huggingface_hub does (facts: its `file_download.py`, `_tree_cache.py` and `utils/_shared_blobs.py`). */
export function cacheModel(
  cache: string,
  files: HubFiles,
  {
    layout = 'links',
    model = 'acme/tiny-model',
    commit = COMMIT,
    listed = true,
    without = [],
    refs = { main: commit },
  }: CacheOptions = {},
): CachedModel {
  const storage = join(cache, `models--${model.replace('/', '--')}`);
  const snapshot = join(storage, 'snapshots', commit);
  mkdirSync(snapshot, { recursive: true });
  for (const [path, file] of Object.entries(files)) {
    if (without.includes(path)) continue;
    const place = join(snapshot, ...path.split('/'));
    mkdirSync(dirname(place), { recursive: true });
    if (layout === 'files') {
      writeFileSync(place, file.content);
      continue;
    }
    const blob = join(storage, 'blobs', file.lfs ? sha256(file.content) : gitSha1(file.content));
    if (layout === 'shared' && file.lfs) shareContent(cache, blob, file.content);
    else write(blob, file.content);
    symlinkSync(relative(dirname(place), blob), place);
  }
  for (const [name, id] of Object.entries(refs)) write(join(storage, 'refs', ...name.split('/')), id);
  if (listed) write(join(storage, 'trees', `${commit}.json`), JSON.stringify(listingOf(files), undefined, 1));
  return { snapshot, storage, cache, commit };
}

export function listingOf(files: HubFiles): { format_version: number; files: Record<string, unknown> } {
  const entries = Object.entries(files).map(([path, { content, lfs }]) => {
    const size = Buffer.byteLength(content);
    const own = { size, blob_id: lfs ? pointerId(content) : gitSha1(content) };
    return [path, lfs ? { ...own, lfs_sha256: sha256(content), lfs_size: size } : own];
  });
  return { format_version: 1, files: Object.fromEntries(entries) as Record<string, unknown> };
}

/** Puts content into the store that models share, under a name that tells nothing of it, and a link to it at `blob`. */
function shareContent(cache: string, blob: string, content: Buffer | string): void {
  const hash = randomBytes(32).toString('hex');
  write(join(cache, 'blobs', '.huggingface-shared-blobs'), '1\n');
  const stored = join(cache, 'blobs', hash.slice(0, 2), hash);
  write(stored, content);
  write(`${stored}.refs`, `${relative(cache, blob)}\n`);
  mkdirSync(dirname(blob), { recursive: true });
  try {
    symlinkSync(relative(dirname(blob), stored), blob);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

export interface DownloadOptions {
  readonly commit?: string;
  readonly listed?: boolean;
  readonly without?: readonly string[];
  /** Seconds of the Unix epoch. */
  readonly notedAt?: number;
}

/** What `hf download --local-dir` leaves (its `_local_folder.py`). */
export function downloadModel(
  folder: string,
  files: HubFiles,
  { commit = COMMIT, listed = true, without = [], notedAt = Date.now() / 1000 + 1 }: DownloadOptions = {},
): void {
  const notes = join(folder, '.cache', 'huggingface');
  write(join(notes, '.gitignore'), '*');
  write(join(notes, 'CACHEDIR.TAG'), 'Signature: 8a477f597d28d172789f06886806bc55\n');
  for (const [path, { content, lfs }] of Object.entries(files)) {
    if (without.includes(path)) continue;
    write(join(folder, ...path.split('/')), content);
    const note = join(notes, 'download', ...path.split('/'));
    const etag = lfs ? sha256(content) : gitSha1(content);
    write(`${note}.metadata`, `${commit}\n${etag}\n${notedAt}\n`);
    write(`${note}.lock`, '');
  }
  if (listed) write(join(notes, 'trees', `${commit}.json`), JSON.stringify(listingOf(files)));
}

/** Writes a file and the folders it lies in. */
export function write(file: string, content: Buffer | string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** The failure of that kind which opening a snapshot ends in. */
export async function refusal(opening: Promise<unknown>, kind: FailureKind): Promise<Failure> {
  try {
    await opening;
  } catch (error) {
    assert(error instanceof Failure, String(error));
    assert.equal(error.kind, kind, error.message);
    return error;
  }
  return assert.fail('It was opened');
}
