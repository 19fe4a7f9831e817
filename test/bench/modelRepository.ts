import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { link, mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { text } from './content.ts';
import type { HubEntry } from './hubWire.ts';

/** A file of a benchmark's repository. Content is random and differs from file to file. */
export interface BenchFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly lfs: boolean;
}

export interface BenchRepository {
  readonly folder: string;
  /** What a registry holds that has exactly this commit. */
  readonly entries: readonly HubEntry[];
  readonly bytes: number;
}

const BLOCK = 8 * 2 ** 20;
const LONG_AGO = new Date('2026-01-01T00:00:00Z');

/** Writes `size` random bytes to `path` and returns their SHA-256. Fast enough for gigabytes: a cipher's key stream. */
async function writeRandom(path: string, size: number): Promise<string> {
  const keyStream = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(BLOCK);
  const hash = createHash('sha256');
  const out = createWriteStream(path);
  for (let written = 0; written < size; written += BLOCK) {
    const block = keyStream.update(zeros.subarray(0, Math.min(BLOCK, size - written)));
    hash.update(block);
    if (!out.write(block)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
  return hash.digest('hex');
}

/**
 * A Git repository with one commit of `files`: LFS files as pointers with their objects in the LFS store and their content in the
 * work tree (hard links, so that gigabytes are written once), and an index whose stat data is fresh, as git-lfs leaves it.
 */
export async function makeRepository(folder: string, files: readonly BenchFile[]): Promise<BenchRepository> {
  await mkdir(folder, { recursive: true });
  const git = execa({
    cwd: folder,
    env: {
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Bench',
      GIT_AUTHOR_EMAIL: 'bench@example.com',
      GIT_COMMITTER_NAME: 'Bench',
      GIT_COMMITTER_EMAIL: 'bench@example.com',
    },
  });
  await git`git init -q -b main`;
  const attributes = Buffer.from(
    files
      .filter((file) => file.lfs)
      .map((file) => `${file.path} filter=lfs diff=lfs merge=lfs -text\n`)
      .join(''),
  );
  const entries: HubEntry[] = [];
  const stream: (string | Buffer)[] = [
    'commit refs/heads/main\ncommitter Bench <bench@example.com> 1767225600 +0000\ndata 12\nAdd a model\n\n',
  ];
  const add = (path: string, content: Buffer): void => {
    stream.push(`M 100644 inline ${path}\ndata ${content.length}\n`, content, '\n');
  };
  const write = async (path: string, content: Buffer): Promise<void> => {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
    await utimes(target, LONG_AGO, LONG_AGO);
    const oid = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
    entries.push({ path, size: content.length, oid, lfs: false });
    add(path, content);
  };
  if (attributes.length > 0) await write('.gitattributes', attributes);
  for (const file of files) {
    if (!file.lfs) {
      await write(file.path, text(file.path, file.size, randomBytes));
      continue;
    }
    const target = join(folder, file.path);
    await mkdir(dirname(target), { recursive: true });
    const sha256 = await writeRandom(target, file.size);
    await utimes(target, LONG_AGO, LONG_AGO);
    const object = join(folder, '.git/lfs/objects', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
    await mkdir(dirname(object), { recursive: true });
    await link(target, object);
    entries.push({ path: file.path, size: file.size, oid: sha256, lfs: true });
    add(
      file.path,
      Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${file.size}\n`),
    );
  }
  await execa('git', ['fast-import', '--quiet'], {
    cwd: folder,
    input: Buffer.concat(stream.map((part) => Buffer.from(part))),
  });
  await git`git read-tree HEAD`;
  // The clean filter answers from the commit: it only serves to make the index's stat data fresh without hashing gigabytes.
  await git({
    reject: false,
  })`git -c ${'filter.lfs.clean=cat >/dev/null; git cat-file blob HEAD:%f'} update-index -q --refresh`;
  return { folder, entries, bytes: entries.reduce((sum, entry) => sum + entry.size, 0) };
}
