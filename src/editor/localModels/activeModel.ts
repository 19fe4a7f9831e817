import type { WorkspaceModel } from './localModel.ts';
import { isWithin } from '../../core/snapshot/files/within.ts';

/**
 * The model repository that a person works on: the one that holds `file` (absolute path, of the editor), or the one
 * whose repository does, or the first. undefined where there is none.
 */
export function activeModel(
  models: readonly WorkspaceModel[],
  file: string | undefined,
): WorkspaceModel | undefined {
  const repositories = models.filter(({ head }) => head.kind === 'repository');
  if (file === undefined) return repositories[0];
  const [innermost] = repositories
    .filter(({ folder }) => isWithin(file, folder))
    .sort((a, b) => b.folder.length - a.folder.length);
  const sameRepository = ({ head }: WorkspaceModel) =>
    head.kind === 'repository' && isWithin(file, head.repository);
  return innermost ?? repositories.find(sameRepository) ?? repositories[0];
}
