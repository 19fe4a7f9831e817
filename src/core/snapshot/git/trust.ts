import { accessSync, constants, realpathSync } from 'node:fs';
import { devNull } from 'node:os';
import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { variable, type Environment } from '../../programs/programPath.ts';
import { commandForAnyShell } from '../../shells/anyShell.ts';

/**
 * How a person says that Git may read the repository in `folder` (as Git names it), which somebody else owns: in their
 * own configuration, or where they have none that can be written, as in a container, by variables.
 */
export function trustSentence(folder: string, environment: Environment = process.env): string {
  const command = commandForAnyShell(
    hasOwnConfig(environment)
      ? ['git', 'config', '--global', '--add', 'safe.directory', folder]
      : ['export', ...variablesOf(folder, environment)],
  );
  return command === undefined
    ? l10n.t('If you trust it, add it to safe.directory in Git’s global configuration.')
    : l10n.t('If you trust it, run: {0}', command);
}

/** Whether `git config --global` can write (https://git-scm.com/docs/git-config#FILES): Git replaces the file. */
function hasOwnConfig(environment: Environment): boolean {
  // Git for Windows makes up a home.
  if (process.platform === 'win32') return true;
  const home = filled(variable(environment, process.platform, 'HOME'));
  const file =
    filled(variable(environment, process.platform, 'GIT_CONFIG_GLOBAL')) ??
    (home === undefined ? undefined : join(home, '.gitconfig'));
  if (file === undefined || file === devNull) return false;
  try {
    accessSync(dirname(realPath(file)), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    // There is none yet.
    return file;
  }
}

/** One setting more than there are (https://git-scm.com/docs/git-config#ENVIRONMENT). */
function variablesOf(folder: string, environment: Environment): string[] {
  const given = variable(environment, process.platform, 'GIT_CONFIG_COUNT') ?? '';
  const count = /^\d{1,5}$/.test(given) ? Number(given) : 0;
  return [
    `GIT_CONFIG_COUNT=${count + 1}`,
    `GIT_CONFIG_KEY_${count}=safe.directory`,
    `GIT_CONFIG_VALUE_${count}=${folder}`,
  ];
}

function filled(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
