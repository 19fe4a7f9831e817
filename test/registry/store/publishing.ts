import { createHash } from 'node:crypto';
import type { Registry, State } from '../state.ts';
import type { CommitDraft } from './commitDraft.ts';
import { git } from './git.ts';
import { looseObject } from './looseObjects.ts';
import type { CommitDetails, CommitOutcome, ModelRepository } from './modelRepository.ts';
import type { ModelStore } from './modelStore.ts';
import { fileSize } from './modelTree.ts';

/** Commits a draft; on `main` that publishes a package whose version is the commit's SHA. */
export function publishCommit(
  state: State,
  registry: Registry,
  model: string,
  repository: ModelRepository,
  draft: CommitDraft,
  { createdAt, ...details }: Omit<CommitDetails, 'publish'> & { readonly createdAt?: Date | undefined },
): Promise<CommitOutcome> {
  return repository.commit(draft, {
    ...details,
    publish: async (sha, makeVisible) => {
      if (details.branch !== 'main') {
        await makeVisible();
        return;
      }
      const tree = await repository.tree({ kind: 'commit', sha });
      const commit =
        looseObject(repository.gitDirectory, sha)?.content ??
        (await git(repository.gitDirectory, ['cat-file', 'commit', sha])).stdout;
      const pending = state.addPending({
        registryId: registry.id,
        name: model,
        version: sha,
        size: tree.entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? fileSize(entry) : 0), 0),
        digests: {
          sha256: createHash('sha256').update(commit).digest('hex'),
          sha512: createHash('sha512').update(commit).digest('hex'),
        },
        metadata: {},
        ...(createdAt && { createdAt: createdAt.toISOString() }),
      });
      await state.saved();
      try {
        await makeVisible();
      } catch (error) {
        state.dropPending(pending);
        throw error;
      }
      state.publishPending(pending);
      await state.saved();
    },
  });
}

/** Finds out which packages were published by a registry that was killed while it did so. */
export async function settlePending(state: State, models: ModelStore): Promise<void> {
  for (const pending of [...state.pendingPackages()]) {
    const repository = models.model(pending.registryId, pending.name);
    if (repository.exists && (await repository.isOnMain(pending.version))) state.publishPending(pending);
    else state.dropPending(pending);
  }
  await state.saved();
}
