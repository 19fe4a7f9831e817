import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { project } from './dependencies.mjs';

/** Milliseconds after which a job that says nothing any more is stopped. */
const patience = 10 * 60_000;

/** Milliseconds that a job has to end in once it is asked to: a browser's driver closes it, and then goes on. */
const grace = 10_000;

const hasProcessGroups = process.platform !== 'win32';

/**
 * How a job ended. `note` is there where it did not end well.
 * @typedef {{ job: import('./testJobs.mjs').Job, note?: string, seconds: number, log?: string }} Outcome
 */

/**
 * Runs the jobs in their order, as many at once as may be, each once what it needs has ended well. Once it is aborted, those that run are
 * ended, with the processes that they began, and no other begins.
 * @param {import('./testJobs.mjs').Job[]} jobs
 * @param {object} options
 * @param {number} options.most jobs at once
 * @param {Record<string, number>} options.mostOfSuite jobs of a suite at once
 * @param {readonly string[]} options.background suites that leave the processor to the others
 * @param {AbortSignal} options.signal
 * @param {(job: import('./testJobs.mjs').Job) => string} options.logOf the file that keeps what a job prints
 * @param {(line: string) => void} options.onLine a line that a job wrote to standard error
 * @param {(running: import('./testJobs.mjs').Job[]) => void} options.onBegin after one or more have begun: all that run
 * @param {(outcome: Outcome) => void} options.onEnd after each
 * @returns {Promise<Outcome[]>}
 */
export async function runJobs(
  jobs,
  { most, mostOfSuite, background, signal, logOf, onLine, onBegin, onEnd },
) {
  const waiting = [...jobs];
  /** @type {Map<import('./testJobs.mjs').Job, Promise<Outcome>>} */
  const running = new Map();
  /** @type {Outcome[]} */
  const outcomes = [];
  for (;;) {
    if (signal.aborted) waiting.length = 0;
    for (const job of [...waiting]) {
      const missing = (job.needs ?? []).filter((name) => !endedWell(outcomes, name));
      const failed = missing.find((name) => outcomes.some((outcome) => outcome.job.name === name));
      const ofSuite = [...running.keys()].filter(({ suite }) => suite === job.suite).length;
      const mayBegin = missing.length === 0 && running.size < most && ofSuite < mostOfSuite[job.suite];
      if (failed === undefined && !mayBegin) continue;
      waiting.splice(waiting.indexOf(job), 1);
      running.set(
        job,
        failed === undefined
          ? run(job, { log: logOf(job), inBackground: background.includes(job.suite), signal, onLine })
          : Promise.resolve({ job, note: `needs ${failed}, which failed`, seconds: 0 }),
      );
    }
    if (running.size === 0) return outcomes;
    onBegin([...running.keys()]);
    const ended = await Promise.race(running.values());
    running.delete(ended.job);
    outcomes.push(ended);
    onEnd(ended);
  }
}

const endedWell = (outcomes, name) =>
  outcomes.some(({ job, note }) => job.name === name && note === undefined);

/** @returns {Promise<Outcome>} */
async function run(job, { log, inBackground, signal, onLine }) {
  const started = Date.now();
  await mkdir(dirname(log), { recursive: true });
  const kept = createWriteStream(log);
  const child = spawn(process.execPath, job.args, {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...job.environment },
    detached: hasProcessGroups,
  });
  const stop = () => end(child);
  signal.addEventListener('abort', stop, { once: true });
  const ending = new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not start: ${error.message}`));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : noteOn(code, signal)));
  });
  if (inBackground && child.pid !== undefined)
    setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  child.stdout.pipe(kept, { end: false });
  child.stderr.pipe(kept, { end: false });
  createInterface(child.stderr).on('line', onLine);
  let note;
  const timer = setTimeout(() => {
    note = `said nothing for ${patience / 60_000} minutes`;
    end(child, 'SIGKILL');
  }, patience);
  child.stdout.on('data', () => timer.refresh());
  child.stderr.on('data', () => timer.refresh());
  const ended = await ending;
  clearTimeout(timer);
  signal.removeEventListener('abort', stop);
  kept.end();
  await finished(kept);
  return { job, note: note ?? ended, seconds: Math.round((Date.now() - started) / 1000), log };
}

/** Ends a job with the servers and browsers that it started; what does not end in time is ended the hard way. */
function end(child, how = 'SIGTERM') {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  if (hasProcessGroups) process.kill(-child.pid, how);
  else child.kill(how);
  if (how !== 'SIGKILL') setTimeout(() => end(child, 'SIGKILL'), grace).unref();
}

const noteOn = (code, signal) => (code === null ? `was ended by ${signal}` : `ended with exit code ${code}`);
