import * as l10n from '@vscode/l10n';
import { Failure } from '../../core/failure.ts';
import { isInNoRepository } from '../../core/snapshot/git/explain.ts';
import type { PublishOutcome, PublishPlan } from '../../core/publish/publishing.ts';
import { reported } from '../failures.ts';
import type { Ending } from './events.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { bytes } from '../texts.ts';

export function exitCodeOf({ kind }: Ending): ExitCode {
  switch (kind) {
    case 'published':
    case 'unchanged':
      return EXIT.done;
    case 'cancelled':
      return EXIT.cancelled;
    case 'failed':
      return EXIT.failed;
  }
}

/** Whose tokens others may take the place of. */
interface Hubs {
  readonly hub: URL;
  /** The one that is imported from. */
  readonly from?: URL;
}

export function endingOf(outcome: PublishOutcome, { target, snapshot }: PublishPlan, hubs: Hubs): Ending {
  const { model, hub } = target;
  const place = hub.endpoint.href;
  switch (outcome.kind) {
    case 'published': {
      const { commit, sentBytes, verified, serverEdited, follows } = outcome;
      return outcome.created
        ? {
            kind: 'published',
            message: l10n.t('Published {0} to {1} as {2}.', model, place, commit),
            ...{ commit, sentBytes, verified, serverEdited },
            ...(follows === undefined ? {} : { follows: follows.id }),
          }
        : {
            kind: 'unchanged',
            message: l10n.t(
              '{0} at {1} holds the files of {2} already, as {3}.',
              ...[model, place, snapshot.commit.slice(0, 7), commit],
            ),
            commit,
          };
    }
    case 'cancelled': {
      const { sentBytes, unsettled } = outcome;
      return {
        kind: 'cancelled',
        message: unsettled
          ? l10n.t(
              'Cancelled during the last step. Check {0} to see whether {1} was published.',
              place,
              model,
            )
          : l10n.t(
              'Cancelled after {0} were sent. Nothing of it is visible at {1}.',
              bytes(sentBytes),
              place,
            ),
        ...{ sentBytes, unsettled },
      };
    }
    case 'failed':
      return failedEnding(outcome.failure, hubs, outcome.sentBytes);
  }
}

/** The ending of a publish that was cancelled before anything was sent. */
export function cancelledEarly(): Ending {
  return {
    kind: 'cancelled',
    message: l10n.t('Cancelled before anything was sent.'),
    ...{ sentBytes: 0, unsettled: false },
  };
}

export function failedEnding(thrown: unknown, { hub, from }: Hubs, sentBytes = 0): Ending {
  const failure = reported(thrown, hub, from);
  const message =
    thrown instanceof Failure && isInNoRepository(thrown)
      ? l10n.t(
          '{0} “model-registries init” does all of that, and shows first what it will do.',
          failure.message,
        )
      : failure.message;
  return { kind: 'failed', ...failure, message, sentBytes };
}
