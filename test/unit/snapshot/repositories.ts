import assert from 'node:assert/strict';
import { execFileSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { deflateSync } from 'node:zlib';
import { Failure, type FailureKind } from '../../../src/core/failure.ts';
import type { Log } from '../../../src/core/log.ts';
import { openGitSnapshot } from '../../../src/core/snapshot/git/openGitSnapshot.ts';
import type { Snapshot, SnapshotFile } from '../../../src/core/snapshot/snapshot.ts';

/** Temporary folders of one test, and a Git that no configuration of this machine reaches. To be called in a `describe`. */
export function scratch(): { folder: () => string; repository: (path?: string) => Repository } {
  const folders: string[] = [];
  const saved = new Map<string, string | undefined>();

  function folder(): string {
    const made = realpathSync.native(mkdtempSync(join(tmpdir(), 'snapshot-')));
    folders.push(made);
    return made;
  }

  beforeEach(() => {
    const config = join(folder(), 'gitconfig');
    writeFileSync(config, '');
    const isolated = {
      GIT_CONFIG_GLOBAL: config,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.org',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.org',
    };
    for (const [name, value] of Object.entries(isolated)) {
      saved.set(name, process.env[name]);
      process.env[name] = value;
    }
  });

  afterEach(() => {
    for (const [name, value] of saved) restore(name, value);
    for (const made of folders.splice(0)) {
      rmSync(made, { recursive: true, force: true, maxRetries: 5 });
    }
  });

  return {
    folder,
    repository: (path = join(folder(), 'model')) => {
      mkdirSync(path, { recursive: true });
      cpSync(initialized(), join(path, '.git'), { recursive: true });
      return openRepository(path);
    },
  };
}

let initializedFolder: string | undefined;

/** The `.git` that `git init` makes here, without its examples of hooks; a copy takes less time than a process. */
function initialized(): string {
  if (initializedFolder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'initialized-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    execFileSync('git', ['init', '--quiet', '--template=', '--initial-branch=main', made]);
    mkdirSync(join(made, '.git', 'info'));
    initializedFolder = join(made, '.git');
  }
  return initializedFolder;
}

/** Gives a variable of this process back the value that it had. */
export function restore(name: string, value: string | undefined): void {
  if (value === undefined) {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    delete process.env[name];
  } else {
    process.env[name] = value;
  }
}

export interface Repository {
  readonly path: string;
  /** Standard output, without its last line end. */
  git(...args: string[]): string;
  gitWith(input: string | Buffer, ...args: string[]): string;
  /** Standard output as it is. */
  gitBytes(...args: string[]): Buffer;
  write(path: string, content: string | Buffer): void;
  /** SHA of the new commit. */
  commit(message: string): string;
  /** SHA of HEAD. */
  head(): string;
}

export function openRepository(path: string): Repository {
  const run = (args: string[], input?: string | Buffer) =>
    execFileSync('git', args, {
      cwd: path,
      input,
      stdio: 'pipe',
      maxBuffer: 1 << 30,
      // What this test runner was started with is not for the programs that Git starts.
      env: { ...process.env, NODE_OPTIONS: '' },
    });
  const repository: Repository = {
    path,
    git: (...args) => run(args).toString().replace(/\n$/, ''),
    gitWith: (input, ...args) => run(args, input).toString().replace(/\n$/, ''),
    gitBytes: (...args) => run(args),
    write(file, content) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), content);
    },
    commit(message) {
      repository.git('add', '--all');
      repository.git(...COMMIT, message);
      return repository.head();
    },
    head: () => headOf(path) ?? repository.git('rev-parse', 'HEAD'),
  };
  return repository;
}

/**
 * HEAD of a branch that has a file of its own. To read it takes less than a process, which whoever asks again and again would hold this
 * one up with.
 */
function headOf(path: string): string | undefined {
  const folder = [join(path, '.git'), path].find((each) => existsSync(join(each, 'HEAD')));
  const read = (name: string) => {
    const file = folder === undefined ? '' : join(folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  };
  const [, branch] = /^ref: (.+)$/.exec(read('HEAD')) ?? [];
  return branch === undefined ? undefined : /^[0-9a-f]{40}$/.exec(read(branch))?.[0];
}

/** Without a look at whether the repository is to be tidied up, which takes two more processes. */
const COMMIT = ['-c', 'maintenance.auto=false', 'commit', '--quiet', '--allow-empty', '-m'];

export interface PlainEntry {
  readonly mode: '100644' | '100755' | '120000' | '160000';
  readonly path: string | Buffer;
  readonly content: string | Buffer;
}

/** Commits exactly these entries, whatever a file system or a careful Git would say to their names. */
export function commitEntries(repository: Repository, entries: readonly PlainEntry[]): string {
  const lines = entries.map(({ mode, path, content }) => {
    const oid = mode === '160000' ? String(content) : storeBlob(repository, content);
    return Buffer.concat([Buffer.from(`${mode} ${oid}\t`), Buffer.from(path), Buffer.from([0])]);
  });
  rmSync(join(repository.path, '.git', 'index'), { force: true });
  const careless = ['-c', 'core.protectNTFS=false', '-c', 'core.protectHFS=false'];
  repository.gitWith(Buffer.concat(lines), ...careless, 'update-index', '-z', '--index-info');
  repository.git(...COMMIT, 'Entries');
  return repository.git('rev-parse', 'HEAD');
}

/** Writes a blob as Git would: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_object_storage */
function storeBlob(repository: Repository, content: string | Buffer): string {
  const bytes = Buffer.from(content);
  const object = Buffer.concat([Buffer.from(`blob ${bytes.length}\0`), bytes]);
  const oid = createHash('sha1').update(object).digest('hex');
  const file = join(repository.path, '.git', 'objects', oid.slice(0, 2), oid.slice(2));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, deflateSync(object, { level: 1 }));
  return oid;
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

export function pointerTo(content: string | Buffer): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256(content)}\nsize ${Buffer.byteLength(content)}\n`;
}

/** Puts content where git-lfs keeps it, below a folder such as `.git/lfs`. */
export function storeObject(lfsFolder: string, content: string | Buffer): string {
  const oid = sha256(content);
  const file = join(lfsFolder, 'objects', oid.slice(0, 2), oid.slice(2, 4), oid);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** Whether the tests may use a real git-lfs. */
export function hasGitLfs(): boolean {
  try {
    execFileSync('git', ['lfs', 'version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const silent: Log = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export function fileAt(snapshot: Snapshot, path: string): SnapshotFile {
  const file = snapshot.files.find((candidate) => candidate.path === path);
  if (file === undefined) {
    throw new Error(`no ${path} among ${snapshot.files.map((other) => other.path).join(', ')}`);
  }
  return file;
}

export async function contentOf(opening: Promise<Readable>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await opening) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** Opens the snapshot of `path` for as long as `use` runs. */
export async function withSnapshot<T>(path: string, use: (snapshot: Snapshot) => T | Promise<T>): Promise<T> {
  const snapshot = await openGitSnapshot(path, { signal: new AbortController().signal, log: silent });
  try {
    return await use(snapshot);
  } finally {
    await snapshot.dispose();
  }
}

/** The failure with which `path` cannot be opened, which has to be of that kind. */
export async function failureOf(path: string, kind: FailureKind): Promise<Failure> {
  try {
    await withSnapshot(path, () => undefined);
  } catch (error) {
    assert(error instanceof Failure, String(error));
    assert.equal(error.kind, kind, error.message);
    return error;
  }
  assert.fail(`${path} was opened`);
}

const running = new Set<ChildProcess>();
subscribe('child_process', (message) => {
  const { process: started } = message as { readonly process: ChildProcess };
  running.add(started);
  for (const end of ['exit', 'error']) started.once(end, () => running.delete(started));
});

/**
 * Command lines of the processes that were started here and have not ended; but for those of the local registry, which works in this
 * process, too, and on its own account.
 */
export function processes(): string[] {
  return [...running]
    .map(({ spawnargs }) => spawnargs.join(' '))
    .filter((line) => !line.includes(' --git-dir='));
}
