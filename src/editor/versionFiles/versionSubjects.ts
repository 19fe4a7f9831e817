import { Failure } from '../../core/failure.ts';
import { listCommits } from '../../core/hub/commitList.ts';
import { connectionTo } from '../../core/hub/connection.ts';
import type { ModelVersion } from '../../core/hosts/host.ts';
import type { CommitName } from '../../core/objectIds.ts';
import type { Session } from '../accounts/sessions.ts';
import type { Services } from '../services.ts';
import { subjectLine } from '../subjectLine.ts';

/** First lines of commit messages, as far as they are known. */
export type Subjects = ReadonlyMap<CommitName, string>;

/**
 * The subjects of a version and of those before it, in one request. They are nice to know, and no reason to stop: empty
 * where the server does not tell them, and the log says why.
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
      commits.flatMap(({ id, message }) => {
        const subject = subjectLine(message);
        return subject === undefined ? [] : [[id, subject] as const];
      }),
    );
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    log.warn(`compare: no commit messages of ${model}: ${error.message}`);
    return new Map();
  }
}
