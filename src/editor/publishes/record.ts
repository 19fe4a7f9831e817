import { hubSourceOf } from '../../core/publish/hubSource.ts';
import type { PublishOutcome, PublishPlan } from '../../core/publish/publishing.ts';
import type { Destination, NewRecord } from '../publishService.ts';

/** What the history tells of a publish that came to its end. Times in milliseconds, `startedAt` of the Unix epoch. */
export function recordOf(
  { snapshot, target }: PublishPlan,
  { place }: Destination,
  outcome: PublishOutcome,
  { startedAt, endedAt }: { readonly startedAt: number; readonly endedAt: number },
): Omit<NewRecord, 'id'> {
  const { repository, folder, commit, subject, origin } = snapshot;
  const total = snapshot.files.reduce((sum, { size }) => sum + size, 0);
  return {
    repository,
    folder,
    ...(origin.kind === 'hub' && { source: hubSourceOf(origin) }),
    commit,
    subject,
    destination: {
      accountId: place.session.accountId,
      organization: place.registry.organization,
      registry: place.registry.slug,
      model: target.model,
      endpoint: target.hub.endpoint.href,
    },
    outcome: recorded(outcome),
    startedAt,
    tookMs: Math.max(0, endedAt - startedAt),
    sentBytes: outcome.sentBytes,
    savedBytes: outcome.kind === 'published' ? Math.max(0, total - outcome.sentBytes) : 0,
  };
}

function recorded(outcome: PublishOutcome): NewRecord['outcome'] {
  switch (outcome.kind) {
    case 'published': {
      const { kind, commit, created, verified, serverEdited } = outcome;
      return { kind, version: commit, created, verified, serverEdited };
    }
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'failed':
      return { kind: 'failed', message: outcome.failure.message };
  }
}
