import type { GitObjectId } from '../../objectIds.ts';
import type { GitConfig } from './config.ts';
import { LISTED } from './exits.ts';
import type { GitQuestions } from './git.ts';
import { withGit, type GitOptions } from './withGit.ts';

/** A repository elsewhere that this one knows. */
interface Remote {
  readonly name: string;
  /** As configured: it may hold a name and password, and is never shown. */
  readonly url: string;
}

/** A branch of a remote, as it was when it was fetched or pushed last. */
interface RemoteBranch {
  readonly remote: Remote;
  /** Its name there, such as `main`. */
  readonly branch: string;
}

/** Where a commit was pushed to, as far as this machine knows. */
export interface Pushed {
  /** Empty where nothing can be pushed or fetched. */
  readonly remotes: readonly Remote[];
  /** The branches that contain the commit: what the local branch follows first, then those of its name. */
  readonly branches: readonly RemoteBranch[];
}

/**
 * Asks no server: what was pushed from elsewhere is known after a fetch, and what was deleted there may still be known.
 *
 * @param repository absolute path of the top folder.
 * @param head its commit, and the local branch it is on.
 */
export async function wherePushed(
  repository: string,
  head: { readonly commit: GitObjectId; readonly branch: string | undefined },
  options: GitOptions,
): Promise<Pushed> {
  return withGit(repository, options, async ({ git, config }) => {
    const remotes = remotesOf(config);
    const [containing, followed] = await Promise.all([
      refs(git, 'refname', `--contains=${head.commit}`, 'refs/remotes/'),
      head.branch === undefined ? noRefs : refs(git, 'upstream', `refs/heads/${head.branch}`),
    ]);
    const rank = (ref: string, { branch }: RemoteBranch) =>
      followed.includes(ref) ? 0 : branch === head.branch ? 1 : 2;
    const branches = containing.flatMap((ref) => {
      const branch = remoteBranch(ref, remotes);
      return branch ? [{ branch, rank: rank(ref, branch) }] : [];
    });
    return { remotes, branches: branches.sort((a, b) => a.rank - b.rank).map(({ branch }) => branch) };
  });
}

const noRefs: readonly string[] = [];

/** One field of each ref that matches. */
async function refs(
  git: GitQuestions,
  field: 'refname' | 'upstream',
  ...query: readonly string[]
): Promise<string[]> {
  const output = await git.text(LISTED, 'for-each-ref', `--format=%(${field})`, ...query);
  return output.split(/\r?\n/).filter((ref) => ref !== '');
}

function remotesOf(config: GitConfig): readonly Remote[] {
  return config.subsections('remote').flatMap((name) => {
    const url = config.get(`remote.${name}.url`);
    return url === undefined ? [] : [{ name, url }];
  });
}

/** undefined for a remote that is not configured any more, and for the pointer to its default branch. */
function remoteBranch(ref: string, remotes: readonly Remote[]): RemoteBranch | undefined {
  const rest = ref.replace(/^refs\/remotes\//, '');
  // A remote's name may hold slashes, and begin with another one's.
  const [remote] = remotes
    .filter(({ name }) => rest.startsWith(`${name}/`))
    .sort((a, b) => b.name.length - a.name.length);
  const branch = remote && rest.slice(remote.name.length + 1);
  return remote && branch !== undefined && branch !== 'HEAD' ? { remote, branch } : undefined;
}
