import { Failure } from '../../failure.ts';
import type { GitObjectId } from '../../objectIds.ts';
import type { Git } from './git.ts';
import { ownRepository, type OwnRepository } from './ownRepository.ts';
import type { Repository } from './repository.ts';

/** Git for a repository's objects, and for more where there is a repository of ours. */
export type ObjectReader =
  | {
      readonly kind: 'own';
      readonly git: Git;
      readonly own: OwnRepository;
    }
  | {
      /**
       * No folder can be made for a repository of ours. Git reads objects (`cat-file`, `ls-tree`) in the repository
       * itself, which runs nothing either: that needs no index, work tree, hook, filter or pager, and no transport is
       * allowed for what is missing.
       */
      readonly kind: 'repository';
      readonly git: Git;
      /** Why there is no folder. */
      readonly why: Failure;
    };

/** A reader of `repository`, whose HEAD is `commit`; whoever asks for it removes its repository of ours. */
export async function objectReader(repository: Repository, commit?: GitObjectId): Promise<ObjectReader> {
  try {
    const own = await ownRepository(repository, commit);
    return { kind: 'own', git: own.git, own };
  } catch (error) {
    if (!(error instanceof Failure && error.kind === 'disk')) throw error;
    return { kind: 'repository', git: repository.git.reading({}), why: error };
  }
}
