import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { Lane } from '../../core/async/lanes.ts';
import type { Log } from '../../core/log.ts';
import { isWithin } from '../../core/snapshot/files/within.ts';
import { isSamePath, isSpelledWithin } from '../../core/snapshot/files/spelledPaths.ts';
import { knownGit, type GitRepository } from '../git/gitExtension.ts';
import { isInGitFolder } from '../git/headFiles.ts';
import { OpenRepositories } from '../git/openRepositories.ts';
import { foldersOnDisk } from '../workspace.ts';
import { coalesced } from './coalesced.ts';
import { newsOf } from './fileNews.ts';
import { HeadWatches } from './headWatches.ts';
import type { WorkspaceModel } from './localModel.ts';
import { ModelIndex, type FoundModel } from './modelIndex.ts';
import { modelFoldersUnder } from './subtree.ts';

const HEADS_AT_ONCE = 4;

/** Milliseconds in which events of files are gathered before anything is searched: a clone brings thousands. */
const GATHER_MS = 100;

/** The same in which writes to models' files are gathered: a download writes for minutes. */
const WRITTEN_MS = 1000;

/** The folders of models in the workspace and their HEADs, as VS Code's events of files and repositories have them. */
export class WorkspaceModels {
  /** Resolves once the workspace was searched. */
  readonly ready: Promise<void>;
  readonly #log: Log;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #statusChanged = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  /** The editor's Git extension counted changes anew. */
  readonly onDidChangeStatus = this.#statusChanged.event;
  readonly #filesChanged = new vscode.EventEmitter<readonly WorkspaceModel[]>();
  /** Files of these models came, changed or went, whatever they hold: told once for what comes at about the same time. */
  readonly onDidChangeFiles = this.#filesChanged.event;
  readonly #controller = new AbortController();
  readonly #watches = new HeadWatches((top) => this.#touch(top));
  readonly #index: ModelIndex;
  readonly #repositories: OpenRepositories;
  readonly #subscriptions: vscode.Disposable;
  /** HEAD of each repository that the Git extension has open, as it was read last. */
  readonly #heads = new Map<GitRepository, string>();
  /** The commit for which the Git extension was asked to read a repository. */
  readonly #caughtUp = new WeakMap<GitRepository, string>();
  /** Top folders of repositories in which something happened. */
  readonly #touched = new Set<string>();
  /** Folders whose own files changed, folders that went, and paths that came and may be folders. */
  readonly #changedIn = new Set<string>();
  readonly #gone = new Set<string>();
  readonly #came = new Set<string>();
  /** Models' folders in which something happened. */
  readonly #written = new Set<string>();
  readonly #tellWritten = this.#guarded(coalesced(() => this.#announceWritten(), WRITTEN_MS));
  readonly #readTouched = this.#guarded(coalesced(() => this.#index.readHeads(taken(this.#touched))));
  readonly #searchDue = this.#guarded(coalesced(() => this.#search(), GATHER_MS));

  constructor(log: Log) {
    this.#log = log;
    this.#index = new ModelIndex({
      search: (from) => searchWorkspace(from, this.#controller.signal),
      withHeads: (models) => this.#withHeads(models),
      onTaken: (models, isNews, since) => {
        log.debug(`local models: ${models.length} in the workspace`);
        this.#watches.follow(models, since);
        for (const model of models) this.#catchUp(model);
        if (isNews) this.#changed.fire();
      },
    });
    this.#repositories = new OpenRepositories(log, (repository) => this.#learn(repository));
    this.#subscriptions = this.#subscribe();
    if (vscode.workspace.isTrusted) this.#repositories.follow();
    this.ready = this.#searchAll('new');
  }

  /** Sorted by path. Empty before the first search, and where nothing of the workspace may be published. */
  get all(): readonly WorkspaceModel[] {
    return this.#index.all;
  }

  /** Changes in a model's folder that are not committed; undefined where the Git extension does not know it. */
  uncommitted({ head, folder }: Pick<WorkspaceModel, 'head' | 'folder'>): number | undefined {
    if (head.kind !== 'repository') return undefined;
    const repository = this.#openRepository({ head, folder });
    if (!repository) return undefined;
    const { mergeChanges, indexChanges, workingTreeChanges, untrackedChanges } = repository.state;
    const inModel = join(repository.rootUri.fsPath, head.folder);
    const paths = [...mergeChanges, ...indexChanges, ...workingTreeChanges, ...untrackedChanges]
      .map(({ uri }) => uri.fsPath)
      .filter((path) => isSpelledWithin(path, inModel));
    return new Set(paths).size;
  }

  #openRepository({ head, folder }: Pick<WorkspaceModel, 'head' | 'folder'>): GitRepository | undefined {
    if (head.kind !== 'repository') return undefined;
    return this.#repositories.all.find(
      ({ rootUri }) =>
        isSamePath(rootUri.fsPath, head.repository) || isSamePath(rootUri.fsPath, topOf(folder, head.folder)),
    );
  }

  /**
   * Has the Git extension read a repository whose HEAD it has not noticed: VS Code's watcher misses what happens in folders that were made
   * in quick succession. Once for each commit.
   */
  #catchUp(model: WorkspaceModel): void {
    const repository = this.#openRepository(model);
    const commit = model.head.kind === 'repository' ? model.head.commit : undefined;
    if (!repository || commit === undefined || repository.state.HEAD?.commit === commit) return;
    if (this.#caughtUp.get(repository) === commit) return;
    this.#caughtUp.set(repository, commit);
    repository.status().catch((error: unknown) => this.#log.warn(`local models: ${String(error)}`));
  }

  /** Searches everything and reads every HEAD anew. */
  refresh(): Promise<void> {
    return this.#searchAll('all');
  }

  dispose(): void {
    this.#controller.abort();
    this.#subscriptions.dispose();
    this.#watches.dispose();
    this.#repositories.dispose();
    this.#changed.dispose();
    this.#statusChanged.dispose();
    this.#filesChanged.dispose();
  }

  #subscribe(): vscode.Disposable {
    const files = vscode.workspace.createFileSystemWatcher('**');
    const searchAll = () => void this.#searchAll('new');
    return vscode.Disposable.from(
      files,
      files.onDidCreate((uri) => this.#onFile('created', uri)),
      files.onDidChange((uri) => this.#onFile('changed', uri)),
      files.onDidDelete((uri) => this.#onFile('deleted', uri)),
      vscode.workspace.onDidChangeWorkspaceFolders(searchAll),
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.#repositories.follow();
        searchAll();
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('files.exclude')) searchAll();
      }),
    );
  }

  #onFile(event: 'created' | 'changed' | 'deleted', { scheme, fsPath }: vscode.Uri): void {
    if (scheme !== 'file') return;
    const news = newsOf(
      event,
      fsPath,
      this.all.map(({ folder }) => folder),
    );
    if (news.kind !== 'head') this.#noteWritten(fsPath);
    switch (news.kind) {
      case 'nothing':
        return;
      case 'head':
        if (event === 'created') this.#watches.leave(fsPath);
        this.#touch(news.top);
        return;
      case 'evidence':
        this.#changedIn.add(news.folder);
        break;
      case 'gone':
        this.#gone.add(news.folder);
        break;
      case 'came':
        this.#came.add(news.path);
        break;
    }
    void this.#searchDue();
  }

  #noteWritten(path: string): void {
    if (isInGitFolder(path)) return;
    const folders = this.all.map(({ folder }) => folder).filter((folder) => isSpelledWithin(path, folder));
    if (folders.length === 0) return;
    for (const folder of folders) this.#written.add(folder);
    void this.#tellWritten();
  }

  #announceWritten(): Promise<void> {
    const written = new Set(taken(this.#written));
    const models = this.all.filter(({ folder }) => written.has(folder));
    if (models.length > 0) this.#filesChanged.fire(models);
    return Promise.resolve();
  }

  /** The Git extension read that repository anew, or opened or closed others. */
  #learn(repository: GitRepository | undefined): void {
    this.#statusChanged.fire();
    for (const one of repository ? [repository] : this.#repositories.all) {
      const { HEAD } = one.state;
      const head = `${HEAD?.commit ?? ''} ${HEAD?.name ?? ''}`;
      // It is read anew at every change of a file.
      if (this.#heads.get(one) === head) continue;
      this.#heads.set(one, head);
      this.#touch(one.rootUri.fsPath);
    }
  }

  #touch(top: string): void {
    this.#touched.add(top);
    void this.#readTouched();
  }

  async #search(): Promise<void> {
    const [changed, gone] = [taken(this.#changedIn), taken(this.#gone)];
    const replaced = [...gone, ...(await foldersAmong(taken(this.#came)))];
    if (changed.length + replaced.length === 0) return;
    for (const folder of replaced) this.#watches.leaveIn(folder);
    await this.#index.search(changed, replaced);
  }

  #searchAll(heads: 'all' | 'new'): Promise<void> {
    return this.#guarded(() => this.#index.searchAll(heads))();
  }

  async #withHeads(models: readonly FoundModel[]): Promise<readonly WorkspaceModel[]> {
    if (models.length === 0) return [];
    const [{ program: git }, { folderHead }] = await Promise.all([
      knownGit(),
      import('../../core/localModels/head.ts'),
    ]);
    const { signal } = this.#controller;
    const lane = new Lane(() => HEADS_AT_ONCE);
    return Promise.all(
      models.map(async (model) => ({
        ...model,
        head: await lane.run(signal, () => folderHead(model.folder, { signal, log: this.#log, git })),
      })),
    );
  }

  /** What fails is logged: nobody waits for it. */
  #guarded(task: () => Promise<void>): () => Promise<void> {
    return () =>
      task().catch((error: unknown) => {
        if (!this.#controller.signal.aborted) this.#log.error(`local models: ${String(error)}`);
      });
  }
}

/** Empties `paths`. */
function taken(paths: Set<string>): readonly string[] {
  const all = [...paths];
  paths.clear();
  return all;
}

/** Those of `paths` that are folders, without what lies in another one of them. */
async function foldersAmong(paths: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of [...paths].sort((a, b) => a.length - b.length)) {
    if (found.some((folder) => isSpelledWithin(path, folder))) continue;
    const stats = await stat(path).catch(() => undefined);
    if (stats?.isDirectory()) found.push(path);
  }
  return found;
}

/** The workspace's models at and below `from` (absolute path); none in Restricted Mode, where nothing is published. */
async function searchWorkspace(
  from: string | undefined,
  signal: AbortSignal,
): Promise<readonly FoundModel[]> {
  const folders = vscode.workspace.isTrusted ? foldersOnDisk() : [];
  const found = await Promise.all(
    folders.map(async (folder) => {
      const top = folder.uri.fsPath;
      const isWhole = from === undefined || isWithin(top, from);
      if (!isWhole && !isWithin(from, top)) return [];
      const under = isWhole ? '' : relative(top, from).split(sep).join('/');
      const { exclusion } = await import('../../core/localModels/search.ts');
      const isExcluded = exclusion(filesExclude(folder));
      const paths = await modelFoldersUnder(top, under, { signal, isExcluded });
      return paths.map((path) => placed(folder, path, folders.length > 1));
    }),
  );
  return found.flat();
}

function filesExclude({ uri }: vscode.WorkspaceFolder): Readonly<Record<string, unknown>> {
  return vscode.workspace.getConfiguration('files', uri).get<Record<string, unknown>>('exclude') ?? {};
}

/** @param path From the workspace folder, forward slashes. */
function placed(folder: vscode.WorkspaceFolder, path: string, isOneOfMany: boolean): FoundModel {
  const above = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  const parts = [path !== '' && isOneOfMany ? folder.name : '', above];
  return {
    origin: 'workspace',
    folder: join(folder.uri.fsPath, path),
    name: path === '' ? folder.name : basename(path),
    place: parts.filter((part) => part !== '').join('/'),
  };
}

/** The top folder of a repository by the path that leads to the model, which may go through links. */
function topOf(folder: string, inRepository: string): string {
  return inRepository.split('/').reduce((at, name) => (name === '' ? at : dirname(at)), folder);
}
