import Mocha from 'mocha';
import ResultsReporter from '../../setup/resultsReporter.ts';
import { withLocalRegistry } from '../localRegistry.ts';

/**
 * Runs inside the extension host, server or desktop alike. `suites` load the test files, once mocha's globals are there.
 * @throws Error when a test failed or none ran
 */
export async function runSuites(suites: readonly (() => Promise<unknown>)[]): Promise<void> {
  const mocha = new Mocha({
    timeout: 60_000,
    forbidOnly: true,
    forbidPending: true,
    color: true,
    reporter: ResultsReporter,
    reporterOptions: {
      results: process.env.MODEL_REGISTRIES_TEST_RESULTS,
      linePrefix: process.env.MODEL_REGISTRIES_TEST_LINE_PREFIX,
    },
    grep: process.env.MODEL_REGISTRIES_TEST_GREP,
  });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  for (const load of suites) await load();
  const ran = await withLocalRegistry(
    () =>
      new Promise<{ failed: number; total: number }>((resolve) => {
        const runner = mocha.run((failed) => resolve({ failed, total: runner.stats?.tests ?? 0 }));
      }),
  );
  if (ran.failed > 0) throw new Error(`${ran.failed} of ${ran.total} tests failed.`);
  if (ran.total === 0) throw new Error('No test ran.');
}
