import { lstat, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { variable, type Environment } from '../programs/programPath.ts';
import { isOn } from '../snapshot/git/config.ts';
import type { Answers } from '../snapshot/git/exits.ts';
import type { GitQuestions } from '../snapshot/git/git.ts';
import type { Author, Unobserved } from './plans.ts';

/** What a person's Git says of commits. */
interface CommitSettings {
  readonly author: Author | undefined;
  readonly unobserved: readonly Unobserved[];
  /** Whether hooks are looked for elsewhere than in the repository (`core.hooksPath`). */
  readonly hooksElsewhere: boolean;
}

const WANTED = '^((user|author)\\.(name|email)|commit\\.gpgsign|core\\.hookspath|hook\\..*\\.event)$';
/** Nothing is set where Git says so by its exit code. */
const SET_OR_NOT: Answers = { 0: 'anything', 1: 'nothing' };
/** The hooks of a commit that can stop or change it (https://git-scm.com/docs/githooks). */
const COMMIT_HOOKS: readonly string[] = ['pre-commit', 'prepare-commit-msg', 'commit-msg'];

/**
 * Who commits, as `git commit` finds it out (https://git-scm.com/docs/git-commit#_commit_information), and what it would
 * do besides.
 *
 * @param hooks absolute path of the repository's own hooks; undefined where it has none.
 */
export async function commitSettings(
  git: GitQuestions,
  environment: Environment,
  hooks: string | undefined,
): Promise<CommitSettings> {
  const output = await git.bytes(SET_OR_NOT, 'config', '--null', '--get-regexp', WANTED);
  const settings = output
    .toString('utf8')
    .split('\0')
    .filter((record) => record !== '')
    .map((record): readonly [string, string] => {
      const [key = '', ...value] = record.split('\n');
      return [key.toLowerCase(), value.length === 0 ? 'true' : value.join('\n')];
    });
  // The last one counts.
  const named = new Map(settings);
  const read = (part: 'name' | 'email') =>
    filled(variable(environment, process.platform, `GIT_AUTHOR_${part.toUpperCase()}`)) ??
    filled(named.get(`author.${part}`)) ??
    filled(named.get(`user.${part}`)) ??
    (part === 'email' ? filled(variable(environment, process.platform, 'EMAIL')) : undefined);
  const [name, email] = [read('name'), read('email')];
  // The last one is ours, of the command line.
  const hooksPath = settings
    .filter(([key]) => key === 'core.hookspath')
    .slice(0, -1)
    .at(-1)?.[1];
  const folder = filled(hooksPath) === undefined ? hooks : resolve(git.folder, hooksPath ?? '');
  const events = settings.filter(([key]) => key.startsWith('hook.')).map(([, event]) => event);
  const found = new Set(
    [...(await hooksIn(folder)), ...events].filter((hook) => COMMIT_HOOKS.includes(hook)),
  );
  return {
    author: name === undefined || email === undefined ? undefined : { name, email },
    unobserved: [
      ...[...found].sort().map((hook): Unobserved => ({ kind: 'hook', name: hook })),
      ...(isOn(named.get('commit.gpgsign')) ? [{ kind: 'signature' } as const] : []),
    ],
    hooksElsewhere: filled(hooksPath) !== undefined,
  };
}

/** Names of what Git would run there; those that it may not read it does not run either. */
async function hooksIn(folder: string | undefined): Promise<string[]> {
  if (folder === undefined) return [];
  const names = (await readdir(folder).catch(() => [])).filter((name) => COMMIT_HOOKS.includes(name));
  const runnable = await Promise.all(
    names.map(async (name) => {
      const stats = await lstat(join(folder, name)).catch(() => undefined);
      return stats !== undefined && (process.platform === 'win32' || (stats.mode & 0o111) !== 0);
    }),
  );
  return names.filter((_name, index) => runnable[index]);
}

function filled(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}

/** Whether Git takes a text for a name or an address in a commit: it drops what cannot stand in one. */
export function isAuthorText(text: string): boolean {
  return /[^\s.,:;<>"\\']/.test(text) && !/[<>\p{Cc}]/u.test(text);
}
