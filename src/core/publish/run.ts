import type { HubClient } from '../hub/client.ts';
import type { Log } from '../log.ts';
import type { TransferMeter } from '../progress/meter.ts';
import type { HashMemory } from '../snapshot/hashMemory.ts';
import type { CommitWaits } from './commitWaits.ts';
import type { FileEvent } from './fileEvents.ts';
import type { Sha256 } from '../objectIds.ts';
import type { PublishEvent, PublishPlan, PublishStep } from './publishing.ts';
import type { Sha256Thread } from './sha256Thread.ts';
import type { TransferBudget } from '../async/transferBudget.ts';

/** What every step of one publish works with. */
export interface Run {
  readonly plan: PublishPlan;
  readonly hub: HubClient;
  readonly meter: TransferMeter;
  readonly budget: TransferBudget;
  /** Objects that the server has told, or was told, to have. */
  readonly stored: Set<Sha256>;
  /** Those of `stored` that nothing has confirmed yet: the server left them out of its answers. */
  readonly unconfirmed: Set<Sha256>;
  readonly log: Log;
  readonly hashes?: HashMemory | undefined;
  readonly sha256s: Sha256Thread;
  readonly commitWaits: CommitWaits;
  readonly onEvent: (event: PublishEvent) => void;
  readonly onFile?: ((event: FileEvent) => void) | undefined;
  readonly signal: AbortSignal;
}

/** Does the work of a step between its two events. */
export async function step<T>(run: Run, name: PublishStep, work: () => Promise<T>): Promise<T> {
  run.signal.throwIfAborted();
  run.onEvent({ kind: 'stepStarted', step: name });
  const result = await work();
  // After a cancel nothing is told any more but the outcome.
  if (!run.signal.aborted) run.onEvent({ kind: 'stepFinished', step: name });
  return result;
}

export interface OverlappingStep {
  begin(): void;
  end(): void;
}

/** A step that runs beside others: its events are told when the first of its work begins, and when it has ended. */
export function overlappingStep(run: Run, name: PublishStep): OverlappingStep {
  let begun = false;
  return {
    begin: () => {
      if (begun || run.signal.aborted) return;
      begun = true;
      run.onEvent({ kind: 'stepStarted', step: name });
    },
    end: () => {
      if (begun && !run.signal.aborted) run.onEvent({ kind: 'stepFinished', step: name });
    },
  };
}
