import type { CachedModel } from '../../core/localModels/cachedModels.ts';
import type { FolderHead } from '../../core/localModels/head.ts';
import type { GitObjectId } from '../../core/objectIds.ts';

/** A model's folder in the workspace. */
export interface WorkspaceModel {
  readonly origin: 'workspace';
  /** Absolute path. */
  readonly folder: string;
  /** Name of the folder. */
  readonly name: string;
  /** Where it is in the workspace, where the name does not say that already. */
  readonly place: string;
  readonly head: FolderHead;
}

/** A model that can be published from this machine. */
export type LocalModel = WorkspaceModel | ({ readonly origin: 'cache' } & CachedModel);

/** The commit that a model is; undefined where there is none yet. */
export function commitOfModel(model: LocalModel): GitObjectId | undefined {
  if (model.origin === 'cache') return model.commit;
  return model.head.kind === 'repository' || model.head.kind === 'download' ? model.head.commit : undefined;
}

/** The branch that a model's commit is of, as far as that is known. */
export function branchOfModel(model: LocalModel): string | undefined {
  if (model.origin === 'cache') return model.branch;
  return model.head.kind === 'repository' ? model.head.branch : undefined;
}
