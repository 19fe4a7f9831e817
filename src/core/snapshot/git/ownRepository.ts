import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import type { GitObjectId } from '../../objectIds.ts';
import { temporaryFolder } from '../files/temporaryFolder.ts';
import type { Git } from './git.ts';
import type { Repository } from './repository.ts';
import { ownConfig } from './settings.ts';

/**
 * A temporary Git folder of ours that stands in for a repository's: HEAD, and a configuration that we wrote. With
 * `GIT_OBJECT_DIRECTORY` and `GIT_WORK_TREE` (https://git-scm.com/docs/git#_environment_variables) Git reads the
 * repository's objects and files through it, and no configuration that anybody else wrote: not the repository's, not
 * the person's, not the machine's. So there is no filter, hook, fsmonitor, textconv, alias or promisor remote that it
 * could run, whatever its name is.
 */
export interface OwnRepository {
  /** Git in the top folder of the work tree. */
  readonly git: Git;
  /** The same with `variables` besides: who commits, or another index. */
  with(variables: Readonly<Record<string, string>>): Git;
  /** Absolute path of the Git folder. */
  readonly gitFolder: string;
  /** Absolute path of the folder where Git looks for the person's `ignore` and `attributes`. */
  readonly personFolder: string;
  /** Removes it all, as often as one likes. No process of `git` may be left. */
  remove(): Promise<void>;
}

/** Stands in for HEAD where nobody asks for it. */
const NO_BRANCH = 'ref: refs/heads/none';

/** Makes one for `repository`, whose HEAD is `commit`. Throws a `disk` failure without a temporary folder. */
export async function ownRepository(repository: Repository, commit?: GitObjectId): Promise<OwnRepository> {
  const temporary = await temporaryFolder('git-folder-').catch((error: unknown) => {
    throw unwritable(tmpdir(), error);
  });
  const folder = temporary.path;
  const remove = () => temporary.remove();
  const gitFolder = join(folder, 'repository');
  const home = join(folder, 'home');
  const personFolder = join(home, 'git');
  // On Windows, Git takes the null device for no file.
  const nothing = join(folder, 'nothing');
  try {
    await Promise.all([
      mkdir(join(gitFolder, 'refs'), { recursive: true }),
      mkdir(join(gitFolder, 'info'), { recursive: true }),
      mkdir(personFolder, { recursive: true }),
    ]);
    await Promise.all([
      writeFile(join(gitFolder, 'HEAD'), `${commit ?? NO_BRANCH}\n`),
      writeFile(join(gitFolder, 'config'), ownConfig(repository.config)),
      writeFile(nothing, ''),
    ]);
  } catch (error) {
    await remove();
    throw unwritable(folder, error);
  }
  const own = {
    GIT_DIR: gitFolder,
    GIT_WORK_TREE: repository.top,
    GIT_OBJECT_DIRECTORY: join(repository.commonFolder, 'objects'),
    GIT_CONFIG_COUNT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_SYSTEM: nothing,
    GIT_CONFIG_GLOBAL: nothing,
    // Git before 2.32 knows none of the last two.
    HOME: home,
    XDG_CONFIG_HOME: home,
  };
  return {
    git: repository.git.reading(own),
    with: (variables) => repository.git.reading({ ...own, ...variables }),
    gitFolder,
    personFolder,
    remove,
  };
}

/** No temporary files can be had in `folder`. */
export function unwritable(folder: string, cause: unknown): Failure {
  return new Failure(
    'disk',
    l10n.t(
      'Temporary files cannot be written in “{0}” ({1}). Make room there, or set the variable TMPDIR (TEMP on Windows) to a folder that can be written.',
      folder,
      cause instanceof Error ? cause.message : String(cause),
    ),
    { cause },
  );
}
