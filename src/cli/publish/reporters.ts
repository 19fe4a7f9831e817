import * as l10n from '@vscode/l10n';
import { progressReports, type PublishProgress } from '../../core/publish/progressReports.ts';
import type { PublishEvent, PublishPlan } from '../../core/publish/publishing.ts';
import type { Made } from '../../core/setup/making.ts';
import type { CommitPlan } from '../../core/setup/plans.ts';
import type { PublishWarning } from '../../core/publish/warnings.ts';
import { calmEvents, fileEvents, planEvent, warningEvent, type Ending, type JsonEvent } from './events.ts';
import { amountText, type Meter, type Shown } from '../meters.ts';
import { plannedFileLine } from '../setup/agreement.ts';
import { plannedFileEvents } from '../setup/events.ts';
import { filesText } from '../texts.ts';
import type { Terminal } from '../terminal.ts';
import {
  fileLine,
  missingLines,
  planAmounts,
  planHeading,
  stepLabel,
  uncommittedLines,
  warningLines,
} from './texts.ts';

/** Tells how a publish goes. */
export interface Reporter {
  /** Told ahead of all else, where what is not committed is to be. */
  toCommit(plan: CommitPlan): void;
  committed(made: Made): void;
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
    toCommit: (plan) => {
      for (const event of plannedFileEvents(plan)) write(event);
    },
    committed: ({ commit, files, lfsFiles }) => write({ kind: 'committed', commit, files, lfsFiles }),
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
    toCommit: (plan) => {
      if (plan.files.length === 0) terminal.tell(l10n.t('There is nothing to commit.'));
      for (const event of plannedFileEvents(plan)) terminal.tell(plannedFileLine(event));
    },
    committed: ({ commit, files }) =>
      terminal.tell(l10n.t('Committed {0} as {1}.', filesText(files), commit.slice(0, 7))),
    planned: (plan, warnings) => {
      for (const line of planLines(plan, warnings, planAmounts(plan))) terminal.tell(line);
    },
    dryRun: (plan, warnings) => {
      for (const line of planLines(plan, warnings, [])) terminal.tell(line);
      for (const file of fileEvents(plan)) terminal.result(fileLine(file));
      for (const line of planAmounts(plan)) terminal.result(line);
    },
    onEvent,
    notice,
    ended: (ending) => {
      meter.clear();
      switch (ending.kind) {
        case 'published':
          if (!ending.verified) {
            terminal.tell(l10n.t('Not verified: the registry could not list its files.'));
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

/** @param amounts What comes ahead of the warnings. */
function planLines(
  plan: PublishPlan,
  warnings: readonly PublishWarning[],
  amounts: readonly string[],
): readonly string[] {
  const after = [...missingLines(plan), ...uncommittedLines(plan.snapshot), ...warningLines(warnings)];
  return [...planHeading(plan), ...amounts, ...after];
}
