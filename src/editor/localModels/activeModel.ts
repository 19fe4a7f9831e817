import { posix, win32 } from 'node:path';
import { isSpelledWithin } from '../../core/snapshot/files/spelledPaths.ts';
import type { WorkspaceModel } from './localModel.ts';

/**
 * The model repository that a person works on: the one that holds the file of the editor, or the one whose repository
 * does, or the first. undefined where there is none.
 *
 * @param places Absolute paths of that file: as the editor spells it, and the real one, as Git spells repositories.
 *   None where there is no file.
 */
export function activeModel(
  models: readonly WorkspaceModel[],
  places: readonly string[],
  platform: NodeJS.Platform = process.platform,
): WorkspaceModel | undefined {
  const holdsFile = (folder: string) => places.some((place) => isSpelledWithin(place, folder, platform));
  const repositories = models.filter(({ head }) => head.kind === 'repository');
  const [innermost] = repositories
    .filter((model) => holdsFile(model.folder) || holdsFile(realFolder(model, platform) ?? model.folder))
    .sort((a, b) => b.folder.length - a.folder.length);
  const sameRepository = ({ head }: WorkspaceModel) =>
    head.kind === 'repository' && holdsFile(head.repository);
  return innermost ?? repositories.find(sameRepository) ?? repositories[0];
}

/** The model's folder as Git spells it. */
function realFolder({ head }: WorkspaceModel, platform: NodeJS.Platform): string | undefined {
  if (head.kind !== 'repository') return undefined;
  return (platform === 'win32' ? win32 : posix).join(head.repository, head.folder);
}
