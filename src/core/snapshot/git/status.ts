import type { UncommittedChange } from '../snapshot.ts';
import { LISTED } from './exits.ts';
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

/** Paths of which the same output says that the work tree has another content than the index, which is HEAD's, and nothing else. */
export function parseOtherContents(output: string): ReadonlySet<string> {
  const paths = new Set<string>();
  const records = output.split('\0').values();
  for (const record of records) {
    const [type, states, , , indexMode, workTreeMode, ...rest] = record.split(' ');
    if (type === '2') records.next();
    if (type === '1' && states === '.M' && indexMode === workTreeMode) paths.add(rest.slice(2).join(' '));
  }
  return paths;
}

/**
 * What differs between HEAD and the work tree in `folder`, at the top that `git` is in, for {@link parseStatus}.
 * Submodules are not looked into, for they bring configuration of their own.
 */
export async function statusOf(git: Git, folder: string): Promise<string> {
  const output = await git.bytes(
    LISTED,
    'status',
    '--porcelain=v2',
    '-z',
    '--untracked-files=normal',
    '--ignore-submodules=all',
    // Only renames without edits: to look for others, Git reads whole files.
    '--find-renames=100%',
    ...(folder === '' ? [] : ['--', folder]),
  );
  return output.toString('utf8');
}
