import { join } from 'node:path';
import { isSamePath, isSpelledWithin } from '../../core/snapshot/files/spelledPaths.ts';
import type { WorkspaceModel } from './localModel.ts';

/** A model's folder whose HEAD was not read. */
export type FoundModel = Omit<WorkspaceModel, 'head'>;

/** Where models are found, and their HEADs are read. */
interface ModelSources {
  /** The models at and below a folder (absolute path), or all of the workspace. */
  readonly search: (from: string | undefined) => Promise<readonly FoundModel[]>;
  /** In the order of `models`. */
  readonly withHeads: (models: readonly FoundModel[]) => Promise<readonly WorkspaceModel[]>;
  /** Called after each search or reading, one at a time. `since`: when it began, in milliseconds of the Unix epoch. */
  readonly onTaken: (models: readonly WorkspaceModel[], isNews: boolean, since: number) => void;
}

/** The models of the workspace and their HEADs. What writes the list takes turns. */
export class ModelIndex {
  readonly #sources: ModelSources;
  #all: readonly WorkspaceModel[] = [];
  #searched = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(sources: ModelSources) {
    this.#sources = sources;
  }

  /** Sorted by path. Empty before the first search. */
  get all(): readonly WorkspaceModel[] {
    return this.#all;
  }

  /** Searches everything. HEADs are read of all models, or of those only that were not known to be in a repository. */
  searchAll(heads: 'all' | 'new'): Promise<void> {
    return this.#inTurn(async (since) => {
      const found = await this.#sources.search(undefined);
      this.#take(await this.#read(found, heads === 'all' ? [] : this.#all), since);
    });
  }

  /**
   * Searches folders (absolute paths) and what is below them. HEADs are read of the models that come.
   *
   * @param changed Folders in which files came, changed or went.
   * @param replaced Folders that came or went themselves: what is in them is new, whatever was there before.
   */
  search(changed: readonly string[], replaced: readonly string[]): Promise<void> {
    return this.#inTurn(async (since) => {
      const tops = withoutNested([...changed, ...replaced]);
      const found = await Promise.all(tops.map((top) => this.#sources.search(top)));
      const known = this.#all.filter(({ folder }) => !replaced.some((top) => isSpelledWithin(folder, top)));
      const others = known.filter(({ folder }) => !tops.some((top) => isSpelledWithin(folder, top)));
      this.#take([...others, ...(await this.#read(found.flat(), known))], since);
    });
  }

  /** Reads the HEADs again that may be those of the repositories in these folders. */
  readHeads(tops: readonly string[]): Promise<void> {
    return this.#inTurn(async (since) => {
      const affected = this.#all.filter((model) => tops.some((top) => isOf(model, top)));
      if (affected.length === 0) return;
      const read = new Map((await this.#sources.withHeads(affected)).map((model) => [model.folder, model]));
      this.#take(
        this.#all.map((model) => read.get(model.folder) ?? model),
        since,
      );
    });
  }

  /** The models with their HEADs: a HEAD in a repository that is `known` is followed, and not read again. */
  async #read(
    found: readonly FoundModel[],
    known: readonly WorkspaceModel[],
  ): Promise<readonly WorkspaceModel[]> {
    const followed = new Map(
      known.flatMap(({ folder, head }) => (head.kind === 'repository' ? [[folder, head] as const] : [])),
    );
    const read = await this.#sources.withHeads(found.filter(({ folder }) => !followed.has(folder)));
    const heads = new Map([...followed, ...read.map(({ folder, head }) => [folder, head] as const)]);
    return found.flatMap((model) => {
      const head = heads.get(model.folder);
      return head ? [{ ...model, head }] : [];
    });
  }

  #take(models: readonly WorkspaceModel[], since: number): void {
    const taken = once(models);
    const isNews = !this.#searched || JSON.stringify(taken) !== JSON.stringify(this.#all);
    this.#all = taken;
    this.#searched = true;
    this.#sources.onTaken(taken, isNews, since);
  }

  #inTurn(task: (since: number) => Promise<void>): Promise<void> {
    const own = this.#turn.then(() => task(Date.now()));
    this.#turn = own.catch(() => undefined);
    return own;
  }
}

/** Paths without those that lie in another one of them, each once. */
function withoutNested(paths: Iterable<string>): readonly string[] {
  const kept: string[] = [];
  for (const path of [...new Set(paths)].sort((a, b) => a.length - b.length)) {
    if (!kept.some((other) => isSpelledWithin(path, other))) kept.push(path);
  }
  return kept;
}

/** A workspace folder may lie in another one. */
function once(models: readonly WorkspaceModel[]): readonly WorkspaceModel[] {
  const byFolder = new Map(models.map((model) => [model.folder, model]));
  return [...byFolder.values()].sort((a, b) => (a.folder < b.folder ? -1 : Number(a.folder > b.folder)));
}

/** Whether a model's HEAD may be that of the repository in `top`. */
function isOf({ folder, head }: WorkspaceModel, top: string): boolean {
  if (isSpelledWithin(folder, top)) return true;
  return (
    head.kind === 'repository' &&
    (isSamePath(head.repository, top) || isSpelledWithin(head.gitFolder, join(top, '.git')))
  );
}
