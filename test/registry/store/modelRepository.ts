import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { lfsTracked, trackingLine, type ControlFiles } from './attributes.ts';
import type { CommitDraft, Operation } from './commitDraft.ts';
import { git, gitText, initBare, streamedGit } from './git.ts';
import { looseHistory, looseObject, type LooseCommit } from './looseObjects.ts';
import { emptyTree, readBlobs, readModelTree, type ModelTree } from './modelTree.ts';
import type { ObjectStore } from './objects.ts';
import { canBeReference } from './paths.ts';

export interface Author {
  readonly name: string;
  readonly email: string;
}

export interface CommitDetails {
  readonly branch: string;
  /** Whether the commit makes the branch where there is none. */
  readonly makesBranch?: boolean;
  /** Prefix of the SHA that must be the branch's head. */
  readonly parent: string | undefined;
  readonly message: string;
  readonly author: Author;
  /**
   * Runs once the commit's objects are written and before the branch shows them; it calls `makeVisible` once. No other
   * commit on the model runs meanwhile.
   */
  readonly publish: (sha: string, makeVisible: () => Promise<void>) => Promise<void>;
}

export type CommitOutcome =
  | { readonly kind: 'committed'; readonly sha: string }
  /** `parent` is not the head. */
  | { readonly kind: 'stale'; readonly head: string | undefined }
  | { readonly kind: 'unknownBranch' }
  /** The commit deletes a file or folder that is not there. */
  | { readonly kind: 'missingPath'; readonly path: string }
  /** The path would be a file and a folder at once. */
  | { readonly kind: 'clash'; readonly path: string };

/** What a revision names. `unborn` is `main` of a model without a commit. */
export type Revision =
  | { readonly kind: 'commit'; readonly sha: string }
  | { readonly kind: 'unborn' }
  | { readonly kind: 'unknown' };

/** A commit as lists show it. */
export interface LoggedCommit {
  readonly sha: string;
  /** ISO 8601. */
  readonly date: string;
  readonly author: string;
  /** First line of the message. */
  readonly title: string;
  /** The message after its first paragraph. */
  readonly body: string;
}

const cachedTrees = 3;
const PIPED_BYTES = 64 * 1024;

/** One model: a bare Git repository whose large files are LFS pointers. */
export class ModelRepository {
  readonly gitDirectory: string;
  readonly objects: ObjectStore;
  readonly #trees = new Map<string, Promise<ModelTree>>();
  /** Names of commits that are known to be there: none ever goes. */
  readonly #commits = new Set<string>();
  readonly #attributes = new WeakMap<ModelTree, Promise<ControlFiles>>();
  #tail: Promise<unknown> = Promise.resolve();

  constructor(gitDirectory: string, objects: ObjectStore) {
    this.gitDirectory = gitDirectory;
    this.objects = objects;
  }

  get exists(): boolean {
    return fs.existsSync(this.gitDirectory);
  }

  /** Whether it was made just now; false when it was there. */
  create(): Promise<boolean> {
    return this.#alone(async () => {
      if (this.exists) return false;
      // Appears under its name only when it is whole.
      const making = `${this.gitDirectory}.${randomUUID()}`;
      await fs.promises.mkdir(path.dirname(making), { recursive: true });
      await initBare(making);
      // Where Git LFS looks when it clones from this folder.
      await fs.promises.mkdir(this.objects.lfsFolder, { recursive: true });
      const storage = path.relative(this.gitDirectory, this.objects.lfsFolder);
      await fs.promises.symlink(storage, path.join(making, 'lfs'), 'junction');
      await fs.promises.rename(making, this.gitDirectory);
      return true;
    });
  }

  /** Gives `main` of a new model a commit without files. */
  beginEmpty({ name, email }: Author): Promise<void> {
    return this.#alone(async () => {
      const tree = (await gitText(this.gitDirectory, ['hash-object', '-w', '-t', 'tree', '--stdin'])).trim();
      const identity = ['-c', `user.name=${name}`, '-c', `user.email=${email}`];
      const commit = [...identity, 'commit-tree', tree, '-m', 'Begin the model'];
      const sha = (await gitText(this.gitDirectory, commit)).trim();
      await git(this.gitDirectory, ['update-ref', 'refs/heads/main', sha]);
    });
  }

  /** A branch, a tag, a full `refs/…` name, a commit's SHA of at least 7 digits, or `HEAD`, which is `main`. */
  async revision(revision: string): Promise<Revision> {
    const name = revision === 'HEAD' ? 'main' : revision;
    if (!canBeReference(name)) return { kind: 'unknown' };
    const references = [`refs/heads/${name}`, `refs/tags/${name}`];
    if (name.startsWith('refs/heads/') || name.startsWith('refs/tags/')) references.push(name);
    const sha = (await this.#withoutGit(references, name)) ?? (await this.#byGit(references, name));
    if (sha !== undefined) return { kind: 'commit', sha };
    if (name === 'main' || name === 'refs/heads/main') return { kind: 'unborn' };
    return { kind: 'unknown' };
  }

  /** The head of a branch that has a file of its own, as nearly all have, or a commit that was seen before; else undefined. */
  async #withoutGit(references: readonly string[], name: string): Promise<string | undefined> {
    const first = references.find((reference) => fs.existsSync(this.#fileOf(reference)));
    if (first === undefined) return this.#commits.has(name) ? name : undefined;
    // A tag may name an object that names the commit.
    if (!first.startsWith('refs/heads/')) return undefined;
    const content = await fs.promises.readFile(this.#fileOf(first), 'latin1').catch(() => '');
    return /^([0-9a-f]{40})\n$/.exec(content)?.[1];
  }

  /** Takes a process, where there is anything that could be of that name. */
  async #byGit(references: readonly string[], name: string): Promise<string | undefined> {
    const mayBeCommit = /^[0-9a-f]{7,40}$/.test(name);
    const mayBeReference = ['packed-refs', ...references].some((file) => fs.existsSync(this.#fileOf(file)));
    if (!mayBeCommit && !mayBeReference) return undefined;
    const candidates = mayBeCommit ? [...references, name] : references;
    const answer = await gitText(
      this.gitDirectory,
      ['cat-file', '--batch-check'],
      candidates.map((candidate) => `${candidate}^{commit}\n`).join(''),
    );
    const sha = /^([0-9a-f]{40}) commit/m.exec(answer)?.[1];
    if (sha !== undefined) this.#commits.add(sha);
    return sha;
  }

  #fileOf(reference: string): string {
    return path.join(this.gitDirectory, ...reference.split('/'));
  }

  tree(revision: Revision): Promise<ModelTree> {
    if (revision.kind !== 'commit') return Promise.resolve(emptyTree);
    const { sha } = revision;
    const tree = this.#trees.get(sha) ?? readModelTree(this.gitDirectory, this.objects, sha);
    this.#trees.delete(sha);
    this.#trees.set(sha, tree);
    tree.catch(() => this.#trees.delete(sha));
    for (const oldest of this.#trees.keys()) {
      if (this.#trees.size <= cachedTrees) break;
      this.#trees.delete(oldest);
    }
    return tree;
  }

  /** Contents of the `.gitattributes` files of a tree, by path. */
  attributes(tree: ModelTree): Promise<ControlFiles> {
    let attributes = this.#attributes.get(tree);
    if (!attributes) {
      attributes = this.#readAttributes(tree);
      this.#attributes.set(tree, attributes);
    }
    return attributes;
  }

  async #readAttributes(tree: ModelTree): Promise<ControlFiles> {
    const files = tree.entries.filter(
      (entry) =>
        entry.kind === 'file' && (entry.path === '.gitattributes' || entry.path.endsWith('/.gitattributes')),
    );
    const blobs = await readBlobs(
      this.gitDirectory,
      files.map((file) => file.oid),
    );
    return new Map(files.map((file) => [file.path, blobs.get(file.oid)!]));
  }

  /** The bytes of a blob. */
  readBlob(oid: string): Readable {
    const loose = looseObject(this.gitDirectory, oid);
    if (loose) return Readable.from(chunksOf(loose.content), { objectMode: false });
    const child = streamedGit(this.gitDirectory, ['cat-file', 'blob', oid]);
    child.stdin.end();
    // The stream ends with the error; nobody waits for the process besides.
    child.catch((error: unknown) => child.stdout.destroy(error as Error));
    child.stdout.once('close', () => child.kill());
    return child.stdout;
  }

  /** Branches and tags with the commits they name. */
  async refs(): Promise<{ readonly ref: string; readonly sha: string }[]> {
    const output = await gitText(this.gitDirectory, [
      'for-each-ref',
      '--format=%(refname) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)',
      'refs/heads',
      'refs/tags',
    ]);
    return output
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [ref, sha] = line.split(' ');
        return { ref: ref!, sha: sha! };
      });
  }

  /** Newest first. */
  async log(sha: string, skip: number, count: number): Promise<LoggedCommit[]> {
    const loose = looseHistory(this.gitDirectory, sha, skip + count);
    if (loose) return loose.slice(skip).map(logged);
    const output = await gitText(this.gitDirectory, [
      'log',
      '-z',
      '--format=%H%x1f%aI%x1f%an%x1f%s%x1f%b',
      `--skip=${String(skip)}`,
      `--max-count=${String(count)}`,
      sha,
    ]);
    return output
      .split('\0')
      .filter(Boolean)
      .map((record) => {
        const [commit, date, author, title, body] = record.split('\x1f');
        return {
          sha: commit!,
          date: new Date(date!).toISOString(),
          author: author!,
          title: title!,
          body: (body ?? '').trimEnd(),
        };
      });
  }

  async countCommits(sha: string): Promise<number> {
    const loose = looseHistory(this.gitDirectory, sha, Infinity);
    return loose?.length ?? Number(await gitText(this.gitDirectory, ['rev-list', '--count', sha]));
  }

  /** The last commit that changed each of the paths, files or directories. */
  async lastCommits(sha: string, paths: readonly string[]): Promise<ReadonlyMap<string, LoggedCommit>> {
    const found = new Map<string, LoggedCommit>();
    if (paths.length === 0) return found;
    const output = await gitText(this.gitDirectory, [
      '--literal-pathspecs',
      'log',
      '-z',
      '-m',
      '--first-parent',
      '--name-only',
      '--no-renames',
      '--root',
      '--format=%x1e%H%x1f%aI%x1f%an%x1f%s%x1f%x1d',
      sha,
      '--',
      ...paths,
    ]);
    for (const record of output.split('\x1e').slice(1)) {
      const [head, names] = record.split('\x1d');
      const [commit, date, author, title] = head!.split('\x1f');
      const changed = new Set<string>();
      for (const name of (names ?? '').split('\0').map((each) => each.replace(/^\n/, ''))) {
        for (let end = name.length; end > 0; end = name.lastIndexOf('/', end - 1))
          changed.add(name.slice(0, end));
      }
      for (const each of paths) {
        if (changed.has(each) && !found.has(each)) {
          found.set(each, { sha: commit!, date: date!, author: author!, title: title!, body: '' });
        }
      }
      if (found.size === paths.length) break;
    }
    return found;
  }

  /** Whether a commit is the head of `main` or one of its ancestors. */
  async isOnMain(sha: string): Promise<boolean> {
    const main = await this.revision('main');
    if (main.kind !== 'commit' || (await this.revision(sha)).kind !== 'commit') return false;
    const base = await gitText(this.gitDirectory, ['merge-base', sha, main.sha]);
    return base.trim() === sha;
  }

  /** False when a reference of that name, or one above or below it, stands in the way. */
  createBranch(branch: string, sha: string): Promise<boolean> {
    return this.#alone(() => this.#createReference(`refs/heads/${branch}`, sha));
  }

  /** A tag of a commit, with a message where an annotation is given. False as `createBranch` answers it. */
  createTag(
    tag: string,
    sha: string,
    annotation?: { readonly message: string; readonly author: Author },
  ): Promise<boolean> {
    return this.#alone(async () => {
      if (!annotation) return this.#createReference(`refs/tags/${tag}`, sha);
      const header = `object ${sha}\ntype commit\ntag ${tag}\ntagger ${signatureOf(annotation.author)}\n`;
      const object = await gitText(this.gitDirectory, ['mktag'], `${header}\n${annotation.message}\n`);
      return this.#createReference(`refs/tags/${tag}`, object.trim());
    });
  }

  /** @param ref with its `refs/heads/` or `refs/tags/`. False when there is none. */
  deleteReference(ref: string): Promise<boolean> {
    return this.#alone(async () => {
      if (!(await this.refs()).some((each) => each.ref === ref)) return false;
      await git(this.gitDirectory, ['update-ref', '-d', ref]);
      return true;
    });
  }

  async #createReference(ref: string, target: string): Promise<boolean> {
    const refs = await this.refs();
    if (refs.some((each) => `${each.ref}/`.startsWith(`${ref}/`) || ref.startsWith(`${each.ref}/`)))
      return false;
    await git(this.gitDirectory, ['update-ref', ref, target, '0'.repeat(40)]);
    return true;
  }

  /**
   * Commits a draft. A file that is there keeps its mode, and LFS files that no `.gitattributes` hands to LFS get a line
   * there. All or nothing; commits on one model wait for each other.
   */
  commit(draft: CommitDraft, details: CommitDetails): Promise<CommitOutcome> {
    return this.#alone(async () => {
      const head = await this.revision(`refs/heads/${details.branch}`);
      if (head.kind === 'unknown' && details.makesBranch !== true) return { kind: 'unknownBranch' };
      const headSha = head.kind === 'commit' ? head.sha : undefined;
      if (details.parent !== undefined && headSha?.startsWith(details.parent.toLowerCase()) !== true) {
        return { kind: 'stale', head: headSha };
      }
      const tree = await this.tree(head);
      const missing = missingPath(tree, draft.operations);
      if (missing !== undefined) return { kind: 'missingPath', path: missing };
      const clashing = clashingPath(tree, draft.operations);
      if (clashing !== undefined) return { kind: 'clash', path: clashing };

      const staging = `refs/incoming/${randomUUID()}`;
      const sha = await this.#import(draft, staging, {
        parent: headSha,
        tree,
        attributes: await this.#editedAttributes(draft, tree),
        details,
      });
      try {
        await details.publish(sha, async () => {
          if (details.branch === 'main') {
            await this.#moveMain(sha);
            await fs.promises.rm(this.#fileOf(staging));
            return;
          }
          const moved = `update refs/heads/${details.branch} ${sha} ${headSha ?? '0'.repeat(40)}`;
          await git(this.gitDirectory, ['update-ref', '--stdin'], `${moved}\ndelete ${staging}\n`);
        });
        this.#commits.add(sha);
        return { kind: 'committed', sha };
      } catch (error) {
        await git(this.gitDirectory, ['update-ref', '-d', staging]);
        throw error;
      }
    });
  }

  /** As Git moves a branch that no other is above or below, without a process. */
  async #moveMain(sha: string): Promise<void> {
    const main = this.#fileOf('refs/heads/main');
    await fs.promises.writeFile(`${main}.lock`, `${sha}\n`, { flag: 'wx' });
    await fs.promises.rename(`${main}.lock`, main);
  }

  /** The commit's SHA. */
  async #import(
    draft: CommitDraft,
    ref: string,
    commit: {
      readonly parent: string | undefined;
      readonly tree: ModelTree;
      readonly attributes: Buffer | undefined;
      readonly details: CommitDetails;
    },
  ): Promise<string> {
    const mark = `:${String(draft.operations.length + 1)}`;
    const modeOf = (path: string) => {
      const entry = commit.tree.byPath.get(path);
      return entry?.kind === 'file' && entry.mode.startsWith('100') ? entry.mode : '100644';
    };
    function* commands(): Generator<string | Buffer> {
      const signature = signatureOf(commit.details.author);
      const message = Buffer.from(commit.details.message);
      yield `commit ${ref}\nmark ${mark}\nauthor ${signature}\ncommitter ${signature}\ndata ${String(message.length)}\n`;
      yield message;
      yield '\n';
      if (commit.parent !== undefined) yield `from ${commit.parent}\n`;
      for (const operation of inOrder(draft.operations)) {
        switch (operation.kind) {
          case 'file':
          case 'lfsFile':
            yield `M ${modeOf(operation.path)} :${String(operation.mark)} ${quoted(operation.path)}\n`;
            break;
          case 'deletedFile':
          case 'deletedFolder':
            yield `D ${quoted(operation.path)}\n`;
        }
      }
      if (commit.attributes) {
        yield `M ${modeOf('.gitattributes')} inline ".gitattributes"\ndata ${String(commit.attributes.length)}\n`;
        yield commit.attributes;
        yield '\n';
      }
      yield `get-mark ${mark}\ndone\n`;
    }
    const importing = streamedGit(this.gitDirectory, ['fast-import', '--quiet', '--done']);
    const answer = text(importing.stdout);
    const input = async function* () {
      for await (const chunk of await draft.blobs()) yield chunk as Buffer;
      yield* commands();
    };
    await Promise.all([importing, pipeline(Readable.from(input(), { objectMode: false }), importing.stdin)]);
    return (await answer).trim();
  }

  /** The root `.gitattributes` with lines for LFS files that no file hands to LFS; undefined when none is needed. */
  async #editedAttributes(draft: CommitDraft, tree: ModelTree): Promise<Buffer | undefined> {
    const large = new Set<string>();
    const attributes = new Map(await this.attributes(tree));
    for (const { kind, path } of inOrder(draft.operations)) {
      if (kind === 'lfsFile') large.add(path);
      else large.delete(path);
      const content = draft.attributes.get(path);
      if (kind === 'file' && content) attributes.set(path, content);
      else attributes.delete(path);
      if (kind === 'deletedFolder') {
        for (const set of [large, attributes]) {
          for (const each of set.keys()) if (each.startsWith(`${path}/`)) set.delete(each);
        }
      }
    }
    if (large.size === 0) return undefined;
    const tracked = await lfsTracked(attributes, [...large]);
    const untracked = [...large].filter((path) => !tracked.has(path));
    if (untracked.length === 0) return undefined;
    const before = attributes.get('.gitattributes')?.toString('utf8') ?? '';
    const separator = before === '' || before.endsWith('\n') ? '' : '\n';
    return Buffer.from(before + separator + untracked.map(trackingLine).join(''));
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}

/** As Git splits a commit's message: its first paragraph in one line, and what follows. */
function logged({ sha, date, author, message }: LooseCommit): LoggedCommit {
  const lines = message.split('\n');
  const [start, end] = paragraph(lines, 0);
  const title = lines.slice(start, end).map(withoutEnd).join(' ');
  const body = lines.slice(paragraph(lines, end)[0]).join('\n').trimEnd();
  return { sha, date: date.toISOString(), author, title, body };
}

/** Where the first paragraph from a line on begins and ends. */
function paragraph(lines: readonly string[], from: number): readonly [start: number, end: number] {
  const isBlank = (line: string) => withoutEnd(line) === '';
  let start = from;
  while (start < lines.length && isBlank(lines[start]!)) start += 1;
  let end = start;
  while (end < lines.length && !isBlank(lines[end]!)) end += 1;
  return [start, end];
}

const withoutEnd = (line: string) => line.replace(/[\t\v\f\r ]+$/, '');

/** As large as those of a process's output. */
function* chunksOf(content: Buffer): Generator<Buffer> {
  for (let start = 0; start < content.length; start += PIPED_BYTES)
    yield content.subarray(start, start + PIPED_BYTES);
}

function missingPath(tree: ModelTree, operations: readonly Operation[]): string | undefined {
  for (const { kind, path } of operations) {
    if (kind === 'deletedFile' && tree.byPath.get(path)?.kind !== 'file') return path;
    if (kind === 'deletedFolder' && tree.byPath.get(path)?.kind !== 'directory') return path;
  }
  return undefined;
}

/** A path that is both a file and a folder once the deletions and then the additions are carried out. */
function clashingPath(tree: ModelTree, operations: readonly Operation[]): string | undefined {
  const added = new Set(operations.filter((each) => !isDeletion(each)).map(({ path }) => path));
  const deleted = new Set(operations.filter(isDeletion).map(({ path }) => path));
  const stays = (path: string) =>
    tree.byPath.get(path)?.kind === 'file' && ![path, ...ancestors(path)].some((each) => deleted.has(each));
  for (const path of added) {
    const clash = ancestors(path).find((each) => added.has(each) || stays(each));
    if (clash !== undefined) return clash;
    if (tree.byPath.get(path)?.kind === 'directory') {
      const inside = tree.entries.some((entry) => entry.path.startsWith(`${path}/`) && stays(entry.path));
      if (inside) return path;
    }
  }
  return undefined;
}

function isDeletion({ kind }: Operation): boolean {
  return kind === 'deletedFile' || kind === 'deletedFolder';
}

/** Deletions are carried out before additions, in whatever order they came. */
function inOrder(operations: readonly Operation[]): readonly Operation[] {
  return [...operations.filter(isDeletion), ...operations.filter((operation) => !isDeletion(operation))];
}

/** The folders a path is in: of `a/b/c` `a/b` and `a`. */
function ancestors(path: string): string[] {
  const folders: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
    folders.push(path.slice(0, end));
  return folders;
}

function signatureOf(author: Author): string {
  // eslint-disable-next-line no-control-regex
  const clean = (text: string) => text.replace(/[<>\x00-\x1f]/g, '').trim();
  return `${clean(author.name)} <${clean(author.email)}> ${String(Math.floor(Date.now() / 1000))} +0000`;
}

/** A path as `git fast-import` reads it. */
function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
