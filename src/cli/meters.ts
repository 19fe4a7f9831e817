import * as l10n from '@vscode/l10n';
import { Throttle } from '../core/progress/throttle.ts';
import type { Context } from './context.ts';
import type { Terminal } from './terminal.ts';
import { bar, bytes } from './texts.ts';

/** What goes on now. */
export interface Shown {
  /** "Uploading". */
  readonly label: string;
  /** How far it is, where that can be told: from 0 to 1, and in words. */
  readonly amount?: { readonly part: number; readonly text: string };
}

/** Shows to a person what goes on, on standard error. */
export interface Meter {
  show(shown: Shown): void;
  /** What was shown stays as it is. */
  clear(): void;
}

/** Bytes and files on the way. */
interface Amounts {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly doneFiles: number;
  readonly totalFiles: number;
  readonly bytesPerSecond: number | undefined;
}

/** The meter for where a command runs: one line on a terminal, a line now and then in a log. */
export async function meterFor({ terminal, process }: Context, verbose: boolean): Promise<Meter> {
  const { stderr, env } = process;
  // Some terminals of build machines have no width. Those of editors that call themselves dumb obey no escape sequences:
  // a bar would be a line of them five times a second.
  const isRewritable = stderr.isTTY && stderr.columns > 0 && env.TERM !== 'dumb';
  return isRewritable && !verbose ? barMeter(stderr) : lineMeter(terminal);
}

/** "12 MB of 98 MB, 3 of 14 files, 5.2 MB/s". */
export function amountText(amounts: Amounts): string {
  const { doneBytes, totalBytes, doneFiles, totalFiles, bytesPerSecond } = amounts;
  const parts = [
    l10n.t('{0} of {1}', bytes(doneBytes), bytes(totalBytes)),
    l10n.t('{0} of {1} files', doneFiles, totalFiles),
  ];
  if (bytesPerSecond !== undefined) parts.push(l10n.t('{0}/s', bytes(Math.round(bytesPerSecond))));
  return parts.join(', ');
}

/** The least time between two lines about one step, in milliseconds: what a build log bears. */
const LINE_EVERY_MS = 10_000;

/** A line a step, and one from time to time. */
function lineMeter(terminal: Terminal): Meter {
  let step: string | undefined;
  const lines = new Throttle<string>(LINE_EVERY_MS, (line) => terminal.tell(line));
  return {
    show: ({ label, amount }) => {
      const isNew = label !== step;
      step = label;
      lines.offer(isNew || amount === undefined ? label : `${label}: ${amount.text}`);
      if (isNew) lines.flush();
    },
    clear: () => undefined,
  };
}

const BAR_WIDTH = 24;

/** One line that is written over and over. */
async function barMeter(stream: NodeJS.WriteStream): Promise<Meter> {
  const { createLogUpdate } = await import('log-update');
  // Its cursor stays visible, so that nothing has to be put right when the program is killed.
  const update = createLogUpdate(stream, { showCursor: true });
  return {
    show: ({ label, amount }) =>
      update(amount === undefined ? `${label}…` : `${label} ${bar(amount.part, BAR_WIDTH)} ${amount.text}`),
    clear: () => update.clear(),
  };
}
