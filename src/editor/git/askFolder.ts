import path from 'node:path';
import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { PromptBase } from '../prompts.ts';
import type { Services } from '../services.ts';
import { pathsOnDisk } from '../workspace.ts';
import { knownGit } from './gitExtension.ts';
import { publishableFolders } from './publishableFolders.ts';

/**
 * A folder of the workspace that can be published: the only one, or the one that the person picks at `prompt`.
 *
 * @param instead Absolute paths of what is offered where nothing can be published yet.
 * @throws Failure `notARepository` where there is nothing to offer.
 */
export async function askFolder(
  { prompts }: Pick<Services, 'prompts'>,
  prompt: PromptBase,
  instead: readonly string[] = [],
): Promise<string | undefined> {
  const { repositories } = await knownGit();
  const publishable = await publishableFolders(pathsOnDisk(), repositories);
  const folders = publishable.length > 0 ? publishable : instead;
  const [only] = folders;
  if (only === undefined) {
    throw new Failure(
      'notARepository',
      vscode.l10n.t(
        'There is no Git repository in this workspace. Open the folder of a model, and commit its files with Git first.',
      ),
    );
  }
  if (folders.length === 1) return only;
  return prompts.pick<string>({
    ...prompt,
    choices: folders.map((folder) => ({
      label: path.basename(folder),
      description: folder,
      icon: publishable.length > 0 ? 'repo' : 'folder',
      value: folder,
    })),
  });
}
