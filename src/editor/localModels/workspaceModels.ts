import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import pLimit from 'p-limit';
import * as vscode from 'vscode';
import { isCardFile, isConfigFile, isEvidence } from '../../core/localModels/fileNames.ts';
import { folderHead, type FolderHead } from '../../core/localModels/head.ts';
import { exclusion, modelFolders } from '../../core/localModels/search.ts';
import type { Log } from '../../core/log.ts';
import { knownGit, type GitRepository } from '../git/gitExtension.ts';
import { createOpenRepositories } from '../git/openRepositories.ts';
import { coalesced } from './coalesced.ts';
import { foldersOnDisk } from '../workspace.ts';
import type { WorkspaceModel } from './localModel.ts';
import { isWithin } from '../../core/snapshot/git/confinedRepository.ts';
import { isInGitFolder, repositoryOfHeadFile } from '../git/headFiles.ts';
import { watchHead } from '../git/watchHead.ts';

/** The folders of models in the workspace, and their HEADs, kept up to date by what VS Code tells of files and repositories. */
export interface WorkspaceModels {
  /** Sorted by path. Empty before the first search, and where nothing of the workspace may be published. */
  readonly all: readonly WorkspaceModel[];
  /** Resolves once the workspace was searched. */
  readonly ready: Promise<void>;
  readonly onDidChange: vscode.Event<void>;
  /** How many changes are not committed in a model's folder; undefined where the editor's Git extension does not know its repository. */
  uncommitted(model: WorkspaceModel): number | undefined;
  /** The editor's Git extension counted changes anew. */
  readonly onDidChangeStatus: vscode.Event<void>;
  /** Searches anew. */
  refresh(): Promise<void>;
  dispose(): void;
}

const HEADS_AT_ONCE = 4;

export function createWorkspaceModels(log: Log): WorkspaceModels {
  const changed = new vscode.EventEmitter<void>();
  const statusChanged = new vscode.EventEmitter<void>();
  const controller = new AbortController();
  const { signal } = controller;
  let all: readonly WorkspaceModel[] = [];
  let searched = false;

  const take = (models: readonly WorkspaceModel[]) => {
    const isNews = !searched || JSON.stringify(models) !== JSON.stringify(all);
    all = models;
    searched = true;
    followHeads();
    if (isNews) changed.fire();
  };
  const withHeads = async (
    models: readonly Omit<WorkspaceModel, 'head'>[],
  ): Promise<readonly WorkspaceModel[]> => {
    if (models.length === 0) return [];
    const { program } = await knownGit();
    const limit = pLimit(HEADS_AT_ONCE);
    const headOf = (folder: string): Promise<FolderHead> =>
      limit(() => folderHead(folder, { signal, log, git: program }));
    return Promise.all(models.map(async (model) => ({ ...model, head: await headOf(model.folder) })));
  };

  const search = async () => {
    const folders = publishableWorkspaceFolders();
    const found = await Promise.all(
      folders.map(async (folder) => {
        const isExcluded = exclusion(filesExclude(folder));
        const paths = await modelFolders(folder.uri.fsPath, { signal, isExcluded });
        return paths.map((path) => placed(folder, path, folders.length > 1));
      }),
    );
    const models = once(found.flat());
    take(await withHeads(models));
    log.debug(`local models: ${models.length} in the workspace`);
  };
  /** Top folders of repositories in which something happened. */
  const touched = new Set<string>();
  const readHeads = async () => {
    const tops = [...touched];
    touched.clear();
    const affected = all.filter((model) => tops.some((top) => isOf(model, top)));
    if (affected.length === 0) return;
    const read = new Map((await withHeads(affected)).map((model) => [model.folder, model]));
    take(all.map((model) => read.get(model.folder) ?? model));
  };
  // Both write `all`, and so take turns.
  let turn: Promise<void> = Promise.resolve();
  const inTurn = (task: () => Promise<void>) => (): Promise<void> => {
    const own = turn.then(task);
    turn = own.catch((error: unknown) => {
      if (!signal.aborted) log.error(`local models: ${String(error)}`);
    });
    return turn;
  };
  const searchAnew = coalesced(inTurn(search));
  const readHeadsAnew = coalesced(inTurn(readHeads));
  const touch = (top: string) => {
    touched.add(top);
    void readHeadsAnew();
  };

  const known = new Map<GitRepository, string>();
  const repositories = createOpenRepositories(log, (repository) => {
    statusChanged.fire();
    for (const one of repository ? [repository] : repositories.all) {
      const { HEAD } = one.state;
      const head = `${HEAD?.commit ?? ''} ${HEAD?.name ?? ''}`;
      // It is read anew at every change of a file.
      if (known.get(one) === head) continue;
      known.set(one, head);
      touch(one.rootUri.fsPath);
    }
  });

  /** Paths that came into being, and may be folders. */
  const created = new Set<string>();
  const lookAtCreated = coalesced(async () => {
    const paths = [...created];
    created.clear();
    for (const path of paths) {
      const isFolder = await stat(path).then(
        (stats) => stats.isDirectory(),
        () => false,
      );
      if (!isFolder) continue;
      void searchAnew();
      return;
    }
  });
  const onFile = (kind: 'created' | 'changed' | 'deleted', { scheme, fsPath }: vscode.Uri) => {
    if (scheme !== 'file') return;
    const top = repositoryOfHeadFile(fsPath);
    if (top !== undefined) touch(top);
    if (top !== undefined && kind === 'created') unfollow(fsPath);
    if (isInGitFolder(fsPath)) return;
    const name = basename(fsPath);
    const isNews =
      kind === 'changed'
        ? isConfigFile(name) || isCardFile(name)
        : isEvidence(name) || (kind === 'deleted' && all.some(({ folder }) => isWithin(folder, fsPath)));
    if (isNews) {
      void searchAnew();
    } else if (kind === 'created') {
      created.add(fsPath);
      void lookAtCreated();
    }
  };
  const files = vscode.workspace.createFileSystemWatcher('**');

  /** By the folder that holds HEAD. */
  const followed = new Map<string, { dispose(): void }>();
  const unfollow = (folder: string) => {
    followed.get(folder)?.dispose();
    followed.delete(folder);
  };
  const followHeads = () => {
    const tops = new Map<string, string>();
    for (const { head } of all) if (head.kind === 'repository') tops.set(head.gitFolder, head.repository);
    for (const folder of followed.keys()) if (!tops.has(folder)) unfollow(folder);
    for (const [folder, top] of tops) {
      if (followed.has(folder)) continue;
      const onChange = () => touch(top);
      followed.set(folder, watchHead(folder, onChange));
      // HEAD may have moved since it was read.
      onChange();
    }
  };

  const subscriptions = [
    files,
    files.onDidCreate((uri) => onFile('created', uri)),
    files.onDidChange((uri) => onFile('changed', uri)),
    files.onDidDelete((uri) => onFile('deleted', uri)),
    vscode.workspace.onDidChangeWorkspaceFolders(() => void searchAnew()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      repositories.follow();
      void searchAnew();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('files.exclude')) void searchAnew();
    }),
  ];
  if (vscode.workspace.isTrusted) repositories.follow();
  const ready = searchAnew();

  return {
    get all() {
      return all;
    },
    ready,
    onDidChange: changed.event,
    onDidChangeStatus: statusChanged.event,
    uncommitted(model) {
      const { head, folder } = model;
      if (head.kind !== 'repository') return undefined;
      const repository = repositories.all.find(
        ({ rootUri }) => rootUri.fsPath === head.repository || rootUri.fsPath === topOf(folder, head.folder),
      );
      if (!repository) return undefined;
      const { mergeChanges, indexChanges, workingTreeChanges, untrackedChanges } = repository.state;
      const inModel = join(repository.rootUri.fsPath, head.folder);
      const paths = [...mergeChanges, ...indexChanges, ...workingTreeChanges, ...untrackedChanges]
        .map(({ uri }) => uri.fsPath)
        .filter((path) => isWithin(path, inModel));
      return new Set(paths).size;
    },
    refresh: () => searchAnew(),
    dispose() {
      controller.abort();
      for (const one of [...subscriptions, ...followed.values(), repositories, changed, statusChanged])
        one.dispose();
    },
  };
}

/** The folders that may be searched: none in Restricted Mode, where nothing is published. */
function publishableWorkspaceFolders(): readonly vscode.WorkspaceFolder[] {
  return vscode.workspace.isTrusted ? foldersOnDisk() : [];
}

function filesExclude({ uri }: vscode.WorkspaceFolder): Readonly<Record<string, unknown>> {
  return vscode.workspace.getConfiguration('files', uri).get<Record<string, unknown>>('exclude') ?? {};
}

/** @param path From the workspace folder, forward slashes. */
function placed(
  folder: vscode.WorkspaceFolder,
  path: string,
  isOneOfMany: boolean,
): Omit<WorkspaceModel, 'head'> {
  const above = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  const parts = [path !== '' && isOneOfMany ? folder.name : '', above];
  return {
    origin: 'workspace',
    folder: join(folder.uri.fsPath, path),
    name: path === '' ? folder.name : basename(path),
    place: parts.filter((part) => part !== '').join('/'),
  };
}

/** A workspace folder may lie in another one. */
function once<M extends { readonly folder: string }>(models: readonly M[]): readonly M[] {
  const byFolder = new Map(models.map((model) => [model.folder, model]));
  return [...byFolder.values()].sort((a, b) => (a.folder < b.folder ? -1 : Number(a.folder > b.folder)));
}

/** Whether a model's HEAD may be that of the repository in `top`. */
function isOf({ folder, head }: WorkspaceModel, top: string): boolean {
  if (isWithin(folder, top)) return true;
  return (
    head.kind === 'repository' && (head.repository === top || isWithin(head.gitFolder, join(top, '.git')))
  );
}

/** The top folder of a repository by the path that leads to the model, which may go through links. */
function topOf(folder: string, inRepository: string): string {
  return inRepository.split('/').reduce((at, name) => (name === '' ? at : dirname(at)), folder);
}
