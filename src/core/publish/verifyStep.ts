import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import { type CommitName, shortName } from '../objectIds.ts';
import { fixedParent, look } from './commitLook.ts';
import { deviation, SERVER_EDITED } from './compare.ts';
import type { Deliveries } from './delivery.ts';
import { confirmObjects } from './leftOut.ts';
import type { PublishOutcome } from './publishing.ts';
import { step, type Run } from './run.ts';

type Shown = Pick<Extract<PublishOutcome, { kind: 'published' }>, 'commit' | 'verified' | 'serverEdited'>;

/**
 * The registry's own listing of the new commit must be the snapshot, path by path; and where it lists no files, there
 * must be a version of that name. What is published stays so: no cancel here.
 */
export async function verified(run: Run, made: CommitName, work: Deliveries): Promise<Shown> {
  if (run.signal.aborted) return { commit: made, verified: false, serverEdited: [] };
  const { plan, hub, log } = run;
  return step(run, 'verify', async () => {
    let commit = made;
    let listed;
    try {
      listed = await hub.tree(made, run.signal);
      if (listed === undefined) {
        commit = await versionOf(run, made, work);
        if (commit !== made) listed = await hub.tree(commit, run.signal);
      }
    } catch (error) {
      if (error instanceof CommitLost) throw lost(run, made);
      log.warn(`The new commit could not be read back: ${String(error)}`);
    }
    const isConfirmed = await confirmObjects(run, commit, work);
    const isParent = commit === fixedParent(plan);
    if (listed === undefined && isParent) throw unmade(run, made);
    if (listed === undefined) return { commit, verified: false, serverEdited: [] };
    const byPath = new Map(listed.map((file) => [file.path, file]));
    const { wrong, serverEdited } = deviation(plan.snapshot.files, byPath, work.hashes);
    if (wrong.length > 0 && isParent) throw unmade(run, made);
    if (wrong.length > 0) {
      throw new Failure(
        'protocol',
        l10n.t(
          '“{0}” was published as {1}, but the registry shows {2} files otherwise than they were sent, “{3}” first. Tell its operators.',
          plan.target.model,
          shortName(commit),
          wrong.length,
          wrong[0] ?? '',
        ),
        { paths: wrong },
      );
    }
    if (serverEdited.length > 0) log.info(`The registry edited ${SERVER_EDITED} by itself.`);
    return { commit, verified: isConfirmed, serverEdited };
  });
}

/** The registry has no version of the name that it gave the commit. */
class CommitLost extends Error {
  override readonly name = 'CommitLost';
}

/** The name of a commit whose files cannot be listed. Throws {@link CommitLost} where it is not there. */
async function versionOf(run: Run, made: CommitName, work: Deliveries): Promise<CommitName> {
  const { hub, plan, signal } = run;
  const head = await hub.head(plan.target.hub.revision, signal);
  if (head?.commit === made || (await hub.head(made, signal)) !== undefined) return made;
  const seen = await look(run, work, signal);
  if (seen.kind === 'ours') return seen.commit;
  const parent = fixedParent(plan);
  // Some servers have a word for a commit in which they find nothing new.
  if (seen.kind === 'unmoved' && parent !== undefined) return parent;
  throw new CommitLost(made);
}

/** The head is the one before, and does not hold what was sent. */
function unmade({ plan: { target } }: Run, made: CommitName): Failure {
  return new Failure(
    'unknownOutcome',
    l10n.t(
      '{1} took the commit to “{0}” and answered “{2}”, but its newest version is the one before. Check there before you publish again, and tell its operators.',
      target.model,
      target.hub.endpoint.host,
      made.slice(0, 40),
    ),
  );
}

function lost({ plan: { target } }: Run, made: CommitName): Failure {
  return new Failure(
    'unknownOutcome',
    l10n.t(
      '{1} took the commit to “{0}” and called it {2}, but knows no such version. Check there before you publish again, and tell its operators.',
      target.model,
      target.hub.endpoint.host,
      made.slice(0, 40),
    ),
  );
}
