import { channel } from 'node:diagnostics_channel';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';

/** How many tests of a run ended how, and which of them failed. */
export interface Results {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly FailedTest[];
}

/** A test or hook that failed: its name with those of the suites it is in, and what it threw. */
export interface FailedTest {
  readonly name: string;
  readonly reason: string;
}

/** Channel of `node:diagnostics_channel` on which each {@link FailedTest} is told at once: Mocha loads reporters apart from modules of tests. */
export const FAILED_TEST = 'model-registries:failed-test';

/** The most characters of a reason: an assertion may quote megabytes. */
const longestReason = 4000;

/**
 * Mocha's spec reporter, which also tells each failure on standard error when it happens, and writes {@link Results} as JSON to the file
 * named by its option `results`, relative to the working directory.
 * With the option `linePrefix` every line starts with it, to be told from what else a host prints.
 */
export default class ResultsReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const { results, linePrefix } = (options.reporterOptions ?? {}) as {
      results?: string;
      linePrefix?: string;
    };
    if (linePrefix) Mocha.reporters.Base.consoleLog = prefixed(linePrefix);
    const failures: FailedTest[] = [];
    runner.on('fail', (test, error: unknown) => {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const failed = { name: test.fullTitle(), reason: reason.slice(0, longestReason) };
      failures.push(failed);
      channel(FAILED_TEST).publish(failed);
      for (const line of `✖ ${failed.name}\n${failed.reason}`.split('\n'))
        console.error(`${linePrefix ?? ''}${line}`);
    });
    if (results === undefined) return;
    runner.once('end', () => {
      const { passes, failures: failed, pending } = this.stats;
      writeResults(results, { passed: passes, failed, skipped: pending, failures });
    });
  }
}

const prefixed =
  (prefix: string) =>
  (...args: unknown[]) => {
    for (const line of format(...args).split('\n')) console.log(`${prefix}${line}`);
  };

function writeResults(file: string, results: Results): void {
  mkdirSync(dirname(resolve(file)), { recursive: true });
  writeFileSync(resolve(file), `${JSON.stringify(results)}\n`);
}
