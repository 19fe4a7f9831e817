import * as l10n from '@vscode/l10n';
import { Throttle } from '../../core/progress/throttle.ts';
import { weightLines } from '../../core/weights/changesText.ts';
import { compareLocalWeights, type ComparedBytes } from '../../core/weights/localWeights.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { reported } from '../failures.ts';
import { meterFor } from '../meters.ts';
import { bytes } from '../texts.ts';
import { weightEvents } from './weightEvents.ts';

export interface CompareFilesRequest {
  /** Paths, absolute or relative to the working directory. */
  readonly before: string;
  readonly after: string;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Milliseconds between two reports. */
const EVERY_MS = 100;

/** Writes how weights of this machine differ. That they do is no failure. */
export async function carryOutCompareFiles(
  { before, after, json, verbose }: CompareFilesRequest,
  context: Context,
): Promise<ExitCode> {
  const { terminal, signal } = context;
  const meter = json ? undefined : await meterFor(context, verbose);
  const reports = new Throttle<ComparedBytes>(EVERY_MS, ({ done, total }) => {
    const text = l10n.t('{0} of {1}', bytes(done), bytes(total));
    meter?.show({ label: l10n.t('Comparing'), amount: { part: total > 0 ? done / total : 1, text } });
  });
  try {
    const comparison = await compareLocalWeights(before, after, {
      signal,
      onProgress: (progress) => reports.offer(progress),
    });
    meter?.clear();
    if (json) for (const event of weightEvents(comparison)) terminal.json(event);
    else for (const line of weightLines([comparison])) terminal.result(line);
    return EXIT.done;
  } catch (error) {
    meter?.clear();
    if (signal.aborted) return EXIT.cancelled;
    const failure = reported(error, undefined);
    if (json) terminal.json({ kind: 'failed', ...failure });
    else terminal.tell(failure.message);
    return EXIT.failed;
  }
}
