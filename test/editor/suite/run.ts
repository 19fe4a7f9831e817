import Mocha from 'mocha';
import ResultsReporter from '../../setup/resultsReporter.ts';
import { keepEvidence } from '../evidence.ts';
import { withLocalRegistry } from '../localRegistry.ts';

/** What the oldest supported VS Code runs, too, has this word in its title: what may differ there, and one walk through each room. */
const OLDEST = '@oldest';

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
    // Whoever names tests means those, wherever they run.
    grep:
      process.env.MODEL_REGISTRIES_TEST_GREP ??
      (process.env.MODEL_REGISTRIES_TEST_OLDEST === undefined ? undefined : OLDEST),
  });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  const evidence = process.env.MODEL_REGISTRIES_TEST_EVIDENCE;
  if (evidence !== undefined) {
    const prefix = process.env.MODEL_REGISTRIES_TEST_LINE_PREFIX ?? '';
    mocha.suite.beforeEach(keepEvidence(evidence, (line) => console.log(`${prefix}${line}`)));
  }
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
