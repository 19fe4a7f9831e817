import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { project } from './dependencies.mjs';
import { suites, titleOf } from './testJobs.mjs';

/**
 * A row of the closing table.
 * @typedef {{ name: string, passed: number, failed: number, skipped: number, note?: string, failures: Failure[] }} Row
 * @typedef {{ name: string, reason: string }} Failure
 */

const order = ['provision', 'lint', ...suites];

/** How the tests of a job ended. One that broke without a failed test counts as a failure, told by the end of its log. */
export async function resultsOf({ job, note, log }) {
  const written = job.results && (await readJson(join(project, job.results)));
  const results = written || { passed: 0, failed: 0, skipped: 0, failures: [] };
  const broken = note ?? (job.results && !written ? 'wrote no results' : undefined);
  if (broken === undefined || results.failed > 0) return { job, results };
  const reason = log === undefined ? '' : (await readFile(log, 'utf8')).split('\n').slice(-40).join('\n');
  const failure = { name: `${titleOf(job)} ${broken}`, reason };
  return { job, results: { ...results, failed: 1, failures: [failure] }, note: broken };
}

/**
 * One row for each suite, and for the rest where something broke. A suite that ran no test counts as one failure.
 * @returns {Row[]}
 */
export function rowsOf(ended) {
  const names = [...new Set(ended.map(({ job }) => job.row))];
  return names.sort(inOrder).flatMap((name) => {
    const own = ended.filter(({ job }) => job.row === name);
    const sum = (key) => own.reduce((total, { results }) => total + results[key], 0);
    const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
    const failures = own.flatMap(({ results }) => results.failures);
    const notes = own.flatMap(({ note }) => note ?? []);
    const row = { name, passed, failed, skipped, failures, note: notes[0] };
    if (!own.some(({ job }) => job.results)) return failed === 0 && name !== 'lint' ? [] : [row];
    return [passed + failed + skipped === 0 ? { ...row, failed: 1, note: 'no test ran' } : row];
  });
}

const inOrder = (one, other) =>
  order.findIndex((suite) => one.startsWith(suite)) - order.findIndex((suite) => other.startsWith(suite)) ||
  one.localeCompare(other);

/** @param {readonly Row[]} rows */
export function tableOf(rows) {
  const line = (name, cells, note = '') =>
    `${name.padEnd(16)}${cells.map((cell) => String(cell).padStart(9)).join('')}  ${note}`.trimEnd();
  return [
    line('suite', ['passed', 'failed', 'skipped']),
    ...rows.map(({ name, passed, failed, skipped, note }) =>
      name === 'lint' && failed === 0
        ? line(name, ['', '', ''], 'clean')
        : line(name, [passed, failed, skipped], note),
    ),
  ].join('\n');
}

const readJson = (file) =>
  readFile(file, 'utf8').then(
    (text) => JSON.parse(text),
    () => undefined,
  );
