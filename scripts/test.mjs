/**
 * Runs every suite, or those that are named, on all cores, whatever the others do, and says at the end what failed and how each went: the
 * end is what is kept of a long output. `--grep TEXT`: some tests; `--file TEXT`: some files; `--vscode VERSION`: one instead of both;
 * `--pictures`: what a person looks at is kept, in `.test-output/screenshots`. The suite `windows` runs where Wine and programs of Windows
 * are there; `--provision` provides them before, where they can be had.
 * The last line is `N passed, N failed, N skipped`. Ends with an error where a test failed, a suite had none, or, with
 * MODEL_REGISTRIES_REQUIRE_CLIENTS=1, one was skipped.
 */
import { existsSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureDependencies, project } from './dependencies.mjs';
import { memoryFolder } from './memoryFolder.mjs';
import { runJobs } from './scheduler.mjs';
import { openScreen } from './screen.mjs';
import { jobsOf, suites, titleOf } from './testJobs.mjs';
import { resultsOf, rowsOf, tableOf } from './testReport.mjs';

const output = join(project, '.test-output');
/** What explains a failure. */
const evidence = join(output, 'evidence');

/** There are more jobs than cores: a window, and a publish that meets with a fault, wait more than they compute. */
const cores = availableParallelism();
const most = cores + 1;
const mostOfSuite = {
  provision: cores,
  lint: 1,
  unit: cores,
  clients: 1,
  editor: 1,
  workbench: cores,
  windows: 1,
};

/** These leave the processor to what is looked at. */
const background = ['lint', 'unit', 'clients'];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    grep: { type: 'string' },
    file: { type: 'string' },
    vscode: { type: 'string' },
    pictures: { type: 'boolean' },
    provision: { type: 'boolean' },
  },
});
const chosen = positionals.length === 0 ? ['lint', ...suites] : positionals;
const known = ['lint', 'quick', ...suites];
const strange = chosen.find((name) => !known.includes(name));
if (strange !== undefined) throw new Error(`${strange} is none of ${known.join(', ')}.`);

await ensureDependencies();

const started = Date.now();
/** Why the suite `windows` does not run, in a sentence; undefined where it does, or was not asked for. */
const noWindows = chosen.includes('windows') && !options.provision ? await whyNoWindows() : undefined;
const seconds = () => Math.round((Date.now() - started) / 1000);

for (const kept of ['results', 'logs', 'evidence'])
  await rm(join(output, kept), { recursive: true, force: true });

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => stopping.abort());

const screen = await openScreen();
if (noWindows !== undefined) screen.say(noWindows);
const jobs = await jobsOf(
  noWindows === undefined ? chosen : chosen.filter((name) => name !== 'windows'),
  options,
);
let left = jobs.length;
const temporary = await memoryFolder();
if (temporary !== undefined) process.env.TMPDIR = temporary;
const outcomes = await runJobs(jobs, {
  most,
  mostOfSuite,
  background,
  signal: stopping.signal,
  logOf: (job) =>
    join(
      output,
      'logs',
      `${titleOf(job)
        .replaceAll(/[^\w.]+/g, '-')
        .slice(0, 100)}.log`,
    ),
  onLine: (line) => screen.say(line),
  onEnd({ job, note, seconds: took }) {
    left -= 1;
    screen.say(`${note === undefined ? '✔' : '✖'} ${titleOf(job)} (${took} s)`);
  },
  onBegin: (running) =>
    screen.show(`${seconds()} s, ${left} of ${jobs.length} left: ${running.map(titleOf).join(' · ')}`),
});
screen.show('');
if (temporary !== undefined) await rm(temporary, { recursive: true, force: true, maxRetries: 5 });

const ended = await Promise.all(outcomes.map(resultsOf));
for (const { log } of outcomes.filter((_, index) => ended[index].results.failed > 0)) {
  if (log !== undefined) await cp(log, join(evidence, 'logs', basename(log)));
}
const rows = rowsOf(ended);
for (const { name, failures } of rows) {
  for (const failure of failures) console.log(`\nfailed in ${name}: ${failure.name}\n${failure.reason}`);
}
console.log(`\n${tableOf(rows)}\nin ${seconds()} seconds\n`);
if (existsSync(evidence)) console.log(`Logs and pictures of what failed: ${evidence}\n`);
if (noWindows !== undefined) console.log(`${noWindows}\n`);
const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);

const skippedWhereForbidden = process.env.MODEL_REGISTRIES_REQUIRE_CLIENTS === '1' && sum('skipped') > 0;
process.exitCode = sum('failed') > 0 || skippedWhereForbidden ? 1 : 0;

async function whyNoWindows() {
  const { tsImport } = await import('tsx/esm/api');
  const { windowsTools } = await tsImport('../test/setup/windows/windows.ts', import.meta.url);
  const { missing } = windowsTools();
  return (
    missing && `windows is SKIPPED: ${missing}. “npm run test:windows -- --provision” provides what it needs.`
  );
}
