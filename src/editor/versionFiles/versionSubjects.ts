import { Failure } from '../../core/failure.ts';
import { listCommits } from '../../core/hub/commitList.ts';
import { connectionTo } from '../../core/hub/connection.ts';
import type { ModelVersion } from '../../core/hosts/host.ts';
import type { CommitName } from '../../core/objectIds.ts';
import { publishedAs } from '../../core/publish/trailer.ts';
import type { Session } from '../accounts/sessions.ts';
import type { Services } from '../services.ts';
import { subjectLine } from '../subjectLine.ts';

/** What a commit message tells. */
export interface SubjectOf {
  readonly subject: string | undefined;
  /** The commit of a Git repository that it was published from. */
  readonly git: string | undefined;
}

/** As far as it is known. */
type Subjects = ReadonlyMap<CommitName, SubjectOf>;

/**
 * What the messages of a version and of those before it tell, in one request. It is nice to know, and no reason to stop: empty
 * where the server does not tell it, and the log says why.
 */
export async function subjectsFrom(
  { http, log }: Pick<Services, 'http' | 'log'>,
  { host }: Session,
  { registry, model }: Pick<ModelVersion, 'registry' | 'model'>,
  commit: CommitName,
  signal: AbortSignal,
): Promise<Subjects> {
  try {
    const hub = connectionTo(host.hub(registry), model, http);
    const commits = (await listCommits(hub, commit, signal, { retries: 0, longestAskedMs: 0 })) ?? [];
    return new Map(
      commits.map(({ id, message }) => {
        const published = publishedAs(message);
        const git = published?.kind === 'git' ? published.commit : undefined;
        return [id, { subject: subjectLine(message), git }] as const;
      }),
    );
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    log.warn(`compare: no commit messages of ${model}: ${error.message}`);
    return new Map();
  }
}
