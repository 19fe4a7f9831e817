/**
 * Runs every suite, whatever the one before did, and says at the end what failed and how each went: the end is
 * what is kept of a long output. The last line is `N passed, N failed, N skipped`. Ends with an error where a
 * test failed, a suite had none, or, with MODEL_REGISTRIES_REQUIRE_CLIENTS=1, one was skipped.
 */
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDependencies, npm, project } from './dependencies.mjs';

const resultsFolder = join(project, '.test-output', 'results');
const suites = ['unit', 'clients', 'editor', 'workbench'];

/** What a suite's runs wrote: one file per run, named `suite.json` or `suite-run.json`. */
async function resultsOf(suite) {
  const files = await readdir(resultsFolder).catch(() => []);
  const own = files.filter((file) => file === `${suite}.json` || file.startsWith(`${suite}-`)).sort();
  return Promise.all(
    own.map(async (file) => ({
      name: file.replace(/\.json$/, '').replace('-', ' '),
      ...JSON.parse(await readFile(join(resultsFolder, file), 'utf8')),
    })),
  );
}

/** One row per run. A suite that broke without a failed test, or that ran none, counts as one failure. */
function rowsOf(suite, code, runs) {
  const rows = runs.map((run) =>
    run.passed + run.failed + run.skipped === 0 ? { ...run, failed: 1, note: 'no test ran' } : run,
  );
  if (code === 0 && rows.length > 0) return rows;
  if (rows.some((row) => row.failed > 0)) return rows;
  const note = code === 0 ? 'wrote no results' : `ended with exit code ${code}`;
  return [...rows, { name: suite, passed: 0, failed: 1, skipped: 0, note }];
}

await ensureDependencies();
await rm(resultsFolder, { recursive: true, force: true });

const rows = [];
const started = Date.now();
console.log('\n── lint');
const lint = await npm(['run', '--silent', 'lint']);
if (lint !== 0) rows.push({ name: 'lint', passed: 0, failed: 1, skipped: 0, note: 'see above' });
for (const suite of suites) {
  console.log(`\n── ${suite}`);
  const code = await npm(['run', '--silent', `test:${suite}`]);
  rows.push(...rowsOf(suite, code, await resultsOf(suite)));
}

for (const { name, failures = [] } of rows) {
  for (const failure of failures) console.log(`\nfailed in ${name}: ${failure.name}\n${failure.reason}`);
}
const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
const line = (name, passed, failed, skipped, note = '') =>
  `${name.padEnd(16)}${[passed, failed, skipped].map((cell) => String(cell).padStart(9)).join('')}  ${note}`.trimEnd();
console.log(`\n${line('suite', 'passed', 'failed', 'skipped')}`);
if (lint === 0) console.log(line('lint', '', '', '', 'clean'));
for (const { name, passed, failed, skipped, note } of rows) {
  console.log(line(name, passed, failed, skipped, note));
}
console.log(`in ${Math.round((Date.now() - started) / 1000)} seconds\n`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);

const skippedWhereForbidden = process.env.MODEL_REGISTRIES_REQUIRE_CLIENTS === '1' && sum('skipped') > 0;
process.exitCode = sum('failed') > 0 || sum('passed') === 0 || skippedWhereForbidden ? 1 : 0;
