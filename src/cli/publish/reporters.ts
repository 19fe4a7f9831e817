import * as l10n from '@vscode/l10n';
import { progressReports, type PublishProgress } from '../../core/publish/progressReports.ts';
import type { PublishEvent, PublishPlan } from '../../core/publish/publishing.ts';
import type { PublishWarning } from '../../core/publish/warnings.ts';
import {
  calmEvents,
  fileEvents,
  planEvent,
  warningEvent,
  type Ending,
  type JsonEvent,
  type PlanEvent,
} from './events.ts';
import { amountText, type Meter, type Shown } from '../meters.ts';
import type { Terminal } from '../terminal.ts';
import {
  fileLine,
  missingLines,
  planCounts,
  planHeading,
  repositoryLines,
  revisionLines,
  sourceLines,
  stepLabel,
  uncommittedLines,
  warningLines,
} from './texts.ts';

/** Tells how a publish goes. */
export interface Reporter {
  /** Told before anything is sent. */
  planned(plan: PublishPlan, warnings: readonly PublishWarning[]): void;
  /** Told instead of a publish. */
  dryRun(plan: PublishPlan, warnings: readonly PublishWarning[]): void;
  readonly onEvent: (event: PublishEvent) => void;
  /** A word between the others. */
  notice(text: string): void;
  ended(ending: Ending): void;
}

/** Milliseconds since some moment; never goes back. */
const now = (): number => performance.now();

/** One JSON event a line on standard output. */
export function jsonReporter(terminal: Terminal): Reporter {
  const write = (event: JsonEvent): void => terminal.json(event);
  const calm = calmEvents(write, now);
  return {
    planned: (plan, warnings) => {
      write(planEvent(plan));
      for (const warning of warnings) write(warningEvent(warning));
    },
    dryRun: (plan, warnings) => {
      for (const event of fileEvents(plan)) write(event);
      for (const warning of warnings) write(warningEvent(warning));
      write(planEvent(plan));
    },
    onEvent: calm.onEvent,
    notice: (text) => terminal.tell(text),
    ended: (ending) => {
      calm.end();
      write(ending);
    },
  };
}

/** Text for a person: the result on standard output, everything else on standard error. */
export function textReporter(terminal: Terminal, meter: Meter): Reporter {
  const onEvent = progressReports((progress) => meter.show(shown(progress)), now);
  const notice = (text: string): void => {
    meter.clear();
    terminal.tell(text);
  };
  return {
    planned: (plan, warnings) => {
      const event = planEvent(plan);
      for (const line of planLines(event, warnings, [planCounts(event)])) terminal.tell(line);
    },
    dryRun: (plan, warnings) => {
      const event = planEvent(plan);
      for (const line of planLines(event, warnings, [])) terminal.tell(line);
      for (const file of fileEvents(plan)) terminal.result(fileLine(file));
      terminal.result(planCounts(event));
    },
    onEvent,
    notice,
    ended: (ending) => {
      meter.clear();
      switch (ending.kind) {
        case 'published':
          if (!ending.verified) {
            terminal.tell(l10n.t('The registry could not be asked to show the new commit for comparison.'));
          }
          if (ending.follows !== undefined) {
            terminal.tell(
              l10n.t(
                'Someone else published meanwhile: their version {0} is the one before.',
                ending.follows,
              ),
            );
          }
          for (const path of ending.serverEdited) {
            terminal.tell(l10n.t('The registry edited {0} by itself.', path));
          }
          terminal.result(ending.message);
          break;
        case 'unchanged':
          terminal.result(ending.message);
          break;
        case 'cancelled':
        case 'failed':
          terminal.tell(ending.message);
      }
    },
  };
}

function shown(progress: PublishProgress): Shown {
  const { step, sentBytes, totalBytes, sentFiles, totalFiles, bytesPerSecond } = progress;
  const label = stepLabel(step);
  if (step !== 'upload' || totalBytes === 0) return { label };
  const amounts = { doneBytes: sentBytes, totalBytes, doneFiles: sentFiles, totalFiles, bytesPerSecond };
  return { label, amount: { part: sentBytes / totalBytes, text: amountText(amounts) } };
}

/** @param counts What comes ahead of the warnings. */
function planLines(
  event: PlanEvent,
  warnings: readonly PublishWarning[],
  counts: readonly string[],
): readonly string[] {
  const before = [
    planHeading(event),
    ...sourceLines(event),
    ...repositoryLines(event),
    ...revisionLines(event),
  ];
  const after = [...missingLines(event), ...uncommittedLines(event), ...warningLines(warnings)];
  return [...before, ...counts, ...after];
}
