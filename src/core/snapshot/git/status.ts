import type { UncommittedChange } from '../snapshot.ts';
import { LISTED } from './exits.ts';
import type { Git } from './git.ts';

/** A change as Git sees it. */
export interface StatusEntry {
  readonly kind: UncommittedChange['kind'];
  /** From the repository's top. A folder of untracked files ends with a slash. */
  readonly path: string;
}

/** A record of a path, as far as it is used. */
interface StatusRecord {
  readonly type: string;
  /** Of index and work tree, a letter each. */
  readonly states: string;
  readonly isSameMode: boolean;
  readonly path: string;
}

/** The field in which the path begins, by the type of a record. */
const PATH_FIELD: ReadonlyMap<string, number> = new Map([
  ['1', 8],
  ['2', 9],
  ['u', 10],
  ['?', 1],
]);

/** Parses `git status --porcelain=v2 -z` (https://git-scm.com/docs/git-status#_porcelain_format_version_2). */
function* recordsOf(output: string): Generator<StatusRecord> {
  const records = output.split('\0').values();
  for (const record of records) {
    const fields = record.split(' ');
    const [type = '', states = '', , , indexMode, workTreeMode] = fields;
    // The path it had follows in a record of its own.
    if (type === '2') records.next();
    const field = PATH_FIELD.get(type);
    if (field === undefined) continue;
    yield { type, states, isSameMode: indexMode === workTreeMode, path: fields.slice(field).join(' ') };
  }
}

export function parseStatus(output: string): StatusEntry[] {
  return [...recordsOf(output)].map((record) => ({ kind: kindOf(record), path: record.path }));
}

function kindOf({ type, states }: StatusRecord): UncommittedChange['kind'] {
  if (type === '?') return 'untracked';
  if (type === 'u') return 'conflicted';
  if (type === '2') return states.startsWith('C') ? 'added' : 'renamed';
  if (states.includes('D')) return 'deleted';
  return states.includes('A') ? 'added' : 'modified';
}

/** Paths whose work tree has another content than the index, which has HEAD's, and no other difference. */
export function parseOtherContents(output: string): ReadonlySet<string> {
  const records = [...recordsOf(output)].filter(
    ({ type, states, isSameMode }) => type === '1' && states === '.M' && isSameMode,
  );
  return new Set(records.map(({ path }) => path));
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
