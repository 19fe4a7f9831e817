import { Lane } from '../../core/async/lanes.ts';
import { folderSize } from '../../core/localModels/folderSize.ts';
import { Failure } from '../../core/failure.ts';
import type { Log } from '../../core/log.ts';
import { knownGit } from '../git/gitExtension.ts';
import type { LocalModel } from './localModel.ts';

/** How large a model is. */
export type Measured =
  /** Bytes of all files. */
  | { readonly kind: 'size'; readonly bytes: number }
  | { readonly kind: 'unknown' }
  /** Why its commit cannot be published. */
  | { readonly kind: 'unfit'; readonly failure: Failure };

const MEASURED_AT_ONCE = 2;

/** Sizes of models, measured once they are shown and a few at a time. No content is read. */
export class LocalSizes {
  readonly #log: Log;
  readonly #onKnown: (model: LocalModel) => void;
  readonly #controller = new AbortController();
  readonly #lane = new Lane(() => MEASURED_AT_ONCE);
  readonly #known = new Map<string, Measured>();
  /** Those of {@link #known} that may have another size by now. */
  readonly #stale = new Set<string>();
  readonly #wanted = new Set<string>();

  /** @param onKnown That model was measured. */
  constructor(log: Log, onKnown: (model: LocalModel) => void) {
    this.#log = log;
    this.#onKnown = onKnown;
  }

  /** As it was measured last; undefined where it was not measured yet. */
  of(model: LocalModel): Measured | undefined {
    return this.#known.get(keyOf(model));
  }

  /** Measures those that were not, and those that may have changed. */
  want(models: readonly LocalModel[]): void {
    for (const model of models) {
      const key = keyOf(model);
      if ((this.#known.has(key) && !this.#stale.has(key)) || this.#wanted.has(key)) continue;
      this.#wanted.add(key);
      this.#stale.delete(key);
      this.#measure(model, key)
        .catch((error: unknown) => {
          if (!this.#controller.signal.aborted) this.#log.error(`local models: ${String(error)}`);
        })
        .finally(() => this.#wanted.delete(key));
    }
  }

  /** Files of these models may have come, changed or gone: what is in no commit is measured anew when it is wanted. */
  markStale(models: readonly LocalModel[]): void {
    for (const key of models.map(keyOf)) if (this.#known.has(key) && !isOfCommit(key)) this.#stale.add(key);
  }

  /** As {@link markStale}, of all models. */
  markAllStale(): void {
    for (const key of this.#known.keys()) if (!isOfCommit(key)) this.#stale.add(key);
  }

  dispose(): void {
    this.#controller.abort();
  }

  async #measure(model: LocalModel, key: string): Promise<void> {
    const { signal } = this.#controller;
    const before = this.#known.get(key);
    const now = await this.#lane.run(signal, () => measured(model, this.#log, signal));
    this.#known.set(key, now);
    if (!isSame(before, now)) this.#onKnown(model);
    // What changed while it was measured.
    if (this.#stale.has(key)) setImmediate(() => this.want([model]));
  }
}

async function measured(model: LocalModel, log: Log, signal: AbortSignal): Promise<Measured> {
  try {
    const bytes = await sizeOf(model, log, signal);
    return bytes === undefined ? { kind: 'unknown' } : { kind: 'size', bytes };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Failure) return { kind: 'unfit', failure: error };
    log.warn(`local models: the size of ${model.folder} is not known: ${String(error)}`);
    return { kind: 'unknown' };
  }
}

async function sizeOf(model: LocalModel, log: Log, signal: AbortSignal): Promise<number | undefined> {
  if (model.origin === 'cache' || model.head.kind !== 'repository') return folderSize(model.folder, signal);
  const { repository, folder, commit } = model.head;
  if (commit === undefined) return folderSize(model.folder, signal);
  const [{ program }, { committedSize }] = await Promise.all([
    knownGit(),
    import('../../core/localModels/head.ts'),
  ]);
  return committedSize({ repository, folder, commit }, { signal, log, git: program });
}

function isSame(before: Measured | undefined, now: Measured): boolean {
  if (before?.kind !== now.kind) return false;
  return (
    now.kind === 'unknown' || (now.kind === 'size' && before.kind === 'size' && before.bytes === now.bytes)
  );
}

/** Names what is measured: a commit's size never changes. */
function keyOf(model: LocalModel): string {
  const commit =
    model.origin === 'workspace' && model.head.kind === 'repository' ? model.head.commit : undefined;
  return JSON.stringify([commit ?? null, model.folder]);
}

function isOfCommit(key: string): boolean {
  return !key.startsWith('[null');
}
