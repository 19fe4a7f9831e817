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

/** Sizes of models, measured once they are shown and a few at a time. No content is read. */
export interface LocalSizes {
  /** undefined where it was not measured yet. */
  of(model: LocalModel): Measured | undefined;
  /** Measures those that were not. */
  want(models: readonly LocalModel[]): void;
  /** What is in no commit is measured anew when it is wanted. */
  forget(): void;
  dispose(): void;
}

const MEASURED_AT_ONCE = 2;

/** @param onKnown That model was measured. */
export function createLocalSizes(log: Log, onKnown: (model: LocalModel) => void): LocalSizes {
  const controller = new AbortController();
  const { signal } = controller;
  const lane = new Lane(() => MEASURED_AT_ONCE);
  const known = new Map<string, Measured>();
  const wanted = new Set<string>();

  const measure = async (model: LocalModel): Promise<Measured> => {
    try {
      const bytes = await sizeOf(model);
      return bytes === undefined ? { kind: 'unknown' } : { kind: 'size', bytes };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Failure) return { kind: 'unfit', failure: error };
      log.warn(`local models: the size of ${model.folder} is not known: ${String(error)}`);
      return { kind: 'unknown' };
    }
  };
  const sizeOf = async (model: LocalModel): Promise<number | undefined> => {
    if (model.origin === 'cache' || model.head.kind !== 'repository') return folderSize(model.folder, signal);
    const { repository, folder, commit } = model.head;
    if (commit === undefined) return folderSize(model.folder, signal);
    const [{ program }, { committedSize }] = await Promise.all([
      knownGit(),
      import('../../core/localModels/head.ts'),
    ]);
    return committedSize({ repository, folder, commit }, { signal, log, git: program });
  };

  return {
    of: (model) => known.get(keyOf(model)),
    want(models) {
      for (const model of models) {
        const key = keyOf(model);
        if (known.has(key) || wanted.has(key)) continue;
        wanted.add(key);
        lane
          .run(signal, () => measure(model))
          .then((measured) => {
            known.set(key, measured);
            onKnown(model);
          })
          .catch((error: unknown) => {
            if (!signal.aborted) log.error(`local models: ${String(error)}`);
          })
          .finally(() => wanted.delete(key));
      }
    },
    forget() {
      for (const key of known.keys()) if (!isOfCommit(key)) known.delete(key);
    },
    dispose: () => controller.abort(),
  };
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
