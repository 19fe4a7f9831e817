import * as l10n from '@vscode/l10n';
import type { DownloadPlan, DownloadProgress } from '../../core/download/downloading.ts';
import { amountLines } from '../../core/download/planTexts.ts';
import type { DownloadNotice } from '../../core/download/notices.ts';
import { progressReports } from '../../core/download/progressReports.ts';
import { Throttle } from '../../core/progress/throttle.ts';
import { amountText, type Meter } from '../meters.ts';
import type { Terminal } from '../terminal.ts';
import { type Ending, fileEvents, type JsonEvent, planEvent, warningEvent } from './events.ts';
import { noticeSentence } from './noticeSentence.ts';
import { fileLine, planHeading } from './texts.ts';

/** Tells how a download goes. */
export interface Reporter {
  /** Told before anything is fetched. */
  planned(plan: DownloadPlan, notices: readonly DownloadNotice[]): void;
  /** Told instead of a download. */
  dryRun(plan: DownloadPlan, notices: readonly DownloadNotice[]): void;
  readonly onProgress: (progress: DownloadProgress) => void;
  /** A word between the others. */
  notice(text: string): void;
  ended(ending: Ending): void;
}

/** The least time between two events of progress, in milliseconds. */
const EVERY_MS = 200;

/** One JSON event a line on standard output. */
export function jsonReporter(terminal: Terminal): Reporter {
  const write = (event: JsonEvent): void => terminal.json(event);
  const progress = new Throttle<DownloadProgress>(EVERY_MS, (amounts) =>
    write({ kind: 'progress', ...amounts }),
  );
  return {
    planned: (plan, notices) => {
      write(planEvent(plan));
      for (const notice of notices) write(warningEvent(notice));
    },
    dryRun: (plan, notices) => {
      for (const event of fileEvents(plan)) write(event);
      for (const notice of notices) write(warningEvent(notice));
      write(planEvent(plan));
    },
    onProgress: (amounts) => progress.offer(amounts),
    notice: (text) => terminal.tell(text),
    ended: (ending) => {
      progress.flush();
      write(ending);
    },
  };
}

/** Text for a person: where the files are on standard output, everything else on standard error. */
export function textReporter(terminal: Terminal, meter: Meter): Reporter {
  const report = progressReports(
    ({ receivedBytes, totalBytes, doneFiles, totalFiles, bytesPerSecond }) => {
      const label = l10n.t('Downloading');
      const amounts = { doneBytes: receivedBytes, totalBytes, doneFiles, totalFiles, bytesPerSecond };
      const part = totalBytes === 0 ? 1 : receivedBytes / totalBytes;
      meter.show({ label, amount: { part, text: amountText(amounts) } });
    },
    () => performance.now(),
  );
  const tell = (text: string): void => {
    meter.clear();
    terminal.tell(text);
  };
  const warn = (notices: readonly DownloadNotice[]): void => {
    for (const notice of notices) tell(l10n.t('Warning: {0}', noticeSentence(notice)));
  };
  return {
    planned: (plan, notices) => {
      const event = planEvent(plan);
      tell(planHeading(event));
      for (const line of amountLines(event)) tell(line);
      warn(notices);
    },
    dryRun: (plan, notices) => {
      const event = planEvent(plan);
      tell(planHeading(event));
      warn(notices);
      for (const file of fileEvents(plan)) terminal.result(fileLine(file));
      for (const line of amountLines(event)) terminal.result(line);
    },
    onProgress: report,
    notice: tell,
    ended: (ending) => {
      tell(ending.message);
      if (ending.kind === 'downloaded') terminal.path(ending.path);
    },
  };
}
