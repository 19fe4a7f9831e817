import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import type { UncommittedChange } from '../snapshot.ts';
import type { GitConfig } from './config.ts';
import type { Git } from './git.ts';

/** A change as Git sees it. */
export interface StatusEntry {
  readonly kind: UncommittedChange['kind'];
  /** From the repository's top. A folder of untracked files ends with a slash. */
  readonly path: string;
}

/** Parses `git status --porcelain=v2 -z` (https://git-scm.com/docs/git-status#_porcelain_format_version_2). */
export function parseStatus(output: string): StatusEntry[] {
  const entries: StatusEntry[] = [];
  const records = output.split('\0').values();
  for (const record of records) {
    const fields = record.split(' ');
    const [type = '', states = ''] = fields;
    switch (type) {
      case '1':
        entries.push({ kind: kindOf(states), path: fields.slice(8).join(' ') });
        break;
      case '2':
        // The path it had follows in a record of its own.
        records.next();
        entries.push({
          kind: states.startsWith('C') ? 'added' : 'renamed',
          path: fields.slice(9).join(' '),
        });
        break;
      case 'u':
        entries.push({ kind: 'conflicted', path: fields.slice(10).join(' ') });
        break;
      case '?':
        entries.push({ kind: 'untracked', path: fields.slice(1).join(' ') });
        break;
      default:
        break;
    }
  }
  return entries;
}

function kindOf(states: string): UncommittedChange['kind'] {
  if (states.includes('D')) {
    return 'deleted';
  }
  return states.includes('A') ? 'added' : 'modified';
}

/**
 * What differs between HEAD and the work tree in `folder`, at the top that `git` is in.
 *
 * Git would run the `clean` command of a configured filter on every file that looks touched, so all of them are switched off.
 * Submodules are not looked into, for they bring configuration of their own.
 */
export async function readStatus(git: Git, config: GitConfig, folder: string): Promise<StatusEntry[]> {
  const output = await git.bytes(
    ...withoutFilters(config),
    'status',
    '--porcelain=v2',
    '-z',
    '--untracked-files=normal',
    '--ignore-submodules=all',
    // Only renames without edits: to look for others, Git reads whole files.
    '--find-renames=100%',
    ...(folder === '' ? [] : ['--', folder]),
  );
  return parseStatus(output.toString('utf8'));
}

/** Arguments in front of a command that keep it from running the filters of the configuration. */
export function withoutFilters(config: GitConfig): string[] {
  return config.subsections('filter').flatMap((filter) => {
    if (filter.includes('=')) {
      // The command line has no way to name it.
      throw new Failure(
        'git',
        l10n.t(
          'The Git configuration of this repository has a filter named “{0}”, which cannot be kept from running. Rename it without “=” and try again.',
          filter,
        ),
      );
    }
    const setting = `filter.${filter}`;
    return [
      '-c',
      `${setting}.clean=`,
      '-c',
      `${setting}.smudge=`,
      '-c',
      `${setting}.process=`,
      '-c',
      `${setting}.required=false`,
    ];
  });
}
