/**
 * `npm run bench`: every contender publishes the same data to the same sink, taking turns. See scenarios.ts for what is measured.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Command, InvalidArgumentError } from 'commander';
import { runProjectScript } from '../setup/project.ts';
import { contenders, measure, type Contender, type Cost } from './contenders.ts';
import { machine } from './machine.ts';
import { median } from './median.ts';
import { makeRepository, type BenchRepository } from './modelRepository.ts';
import { profileThreads } from './profile.ts';
import { missedScenarios, report, type CaseProfile, type Measurement } from './report.ts';
import { scenarios, type Case } from './scenarios.ts';
import type { SinkCounts, SinkState } from './sink.ts';

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a positive number is needed');
  return value;
}

const all = scenarios(1).map(({ id }) => id);
const options = new Command('bench')
  .description('Compares publishing with other clients, side by side against a sink on this machine.')
  .option('--scenario <id...>', `which (${all.join(', ')})`, all)
  .option(
    '--scale <factor>',
    'sizes and counts relative to the published ones; 0.02 fits in a minute',
    positive,
    1,
  )
  .option('--runs <n>', 'runs of each contender; the median counts', positive, 3)
  .option('--only <contender...>', 'leave the other contenders out')
  .option('--json', 'print the measurements as JSON instead of tables')
  .option('--write', 'write test/bench/RESULTS.md')
  .parse()
  .opts<{
    scenario: string[];
    scale: number;
    runs: number;
    only?: string[];
    json?: boolean;
    write?: boolean;
  }>();

interface Sink {
  readonly hub: URL;
  reset(state: SinkState): Promise<void>;
  counts(): Promise<SinkCounts>;
  stop(): Promise<void>;
}

async function startSink(args: readonly string[]): Promise<Sink> {
  const script = fileURLToPath(new URL('sink.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout });
  const { value } = (await lines[Symbol.asyncIterator]().next()) as IteratorResult<string, string>;
  const hub = new URL((JSON.parse(value) as { url: string }).url);
  return {
    hub,
    reset: async (state) => {
      await fetch(new URL('/state', hub), { method: 'POST', body: JSON.stringify(state) });
    },
    counts: async () => (await (await fetch(new URL('/counts', hub))).json()) as SinkCounts,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Publishes once to a hub that holds what the case says. */
type Publish = (
  contender: Contender,
  run: typeof measure,
) => Promise<Cost & { firstByteSeconds: number | undefined }>;

/** Sets a case up, and takes it down when `work` has ended. */
async function withCase<T>(
  { files, held, sink: sinkArguments }: Case,
  work: (repository: BenchRepository, publish: Publish) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'model-registries-bench-'));
  const sink = await startSink(sinkArguments);
  try {
    const repository = await makeRepository(join(folder, 'model'), files);
    // Or the disk is still busy with it while the first contender runs.
    await promisify(execFile)('sync');
    return await work(repository, async (contender, run) => {
      await sink.reset({ entries: held(repository.entries) });
      const cost = await run(contender.publish(repository, sink.hub));
      const { firstByteAt, commits, wrongHashes } = await sink.counts();
      if (wrongHashes > 0 || (contender.name !== 'curl' && commits === 0)) {
        throw new Error(`${contender.name} did not publish: ${commits} commits, ${wrongHashes} wrong hashes`);
      }
      const firstByteSeconds = firstByteAt === undefined ? undefined : firstByteAt / 1000 - cost.startedAt;
      return { ...cost, firstByteSeconds };
    });
  } finally {
    await sink.stop();
    await rm(folder, { recursive: true });
  }
}

function runCase(
  scenario: string,
  each: Case,
  known: readonly Contender[],
): Promise<{ readonly measurements: readonly Measurement[]; readonly profile: CaseProfile | undefined }> {
  const { id, title, contenders: names, maxRuns } = each;
  say(`${scenario}: ${title}: writing the data`);
  return withCase(each, async (repository, publish) => {
    const contending = known.filter(({ name }) => names.includes(name));
    const runs = new Map(contending.map((contender) => [contender, [] as Awaited<ReturnType<Publish>>[]]));
    for (let run = 1; run <= Math.min(options.runs, maxRuns ?? Infinity); run += 1) {
      for (const [contender, costs] of runs) {
        const cost = await publish(contender, measure);
        costs.push(cost);
        say(`  ${contender.name} ${run}: ${cost.wallSeconds.toFixed(2)} s`);
      }
    }
    const measurements = [...runs].map(([contender, costs]) => ({
      scenario,
      case: id,
      contender: contender.name,
      version: contender.version,
      bytes: repository.bytes,
      runs: costs.length,
      wallSeconds: median(costs.map(({ wallSeconds }) => wallSeconds)),
      cpuSeconds: median(costs.map(({ cpuSeconds }) => cpuSeconds)),
      peakBytes: median(costs.map(({ peakBytes }) => peakBytes)),
      firstByteSeconds: median(costs.map(({ firstByteSeconds }) => firstByteSeconds ?? NaN)),
    }));
    const ours = contending.find(({ name }) => name === 'ours');
    if (ours === undefined || !missedScenarios(measurements).has(scenario)) {
      return { measurements, profile: undefined };
    }
    let threads: CaseProfile['threads'] = [];
    await publish(ours, async (invocation) => {
      const profiled = await profileThreads(invocation, measure);
      threads = profiled.threads;
      return profiled.result;
    });
    return { measurements, profile: { scenario, case: id, threads } };
  });
}

await runProjectScript('esbuild.mjs');
const home = await mkdtemp(join(tmpdir(), 'model-registries-bench-home-'));
try {
  const known = (await contenders(home)).filter(({ name }) => options.only?.includes(name) ?? true);
  const measurements: Measurement[] = [];
  const profiles: CaseProfile[] = [];
  for (const scenario of scenarios(options.scale).filter(({ id }) => options.scenario.includes(id))) {
    for (const each of scenario.cases) {
      const result = await runCase(scenario.id, each, known);
      measurements.push(...result.measurements);
      if (result.profile) profiles.push(result.profile);
    }
  }
  const text = report({ measurements, profiles, machine: machine(), scale: options.scale, date: new Date() });
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ machine: machine(), scale: options.scale, measurements, profiles }, null, 2)}\n`
      : text,
  );
  if (options.write) await writeFile(fileURLToPath(new URL('RESULTS.md', import.meta.url)), text);
} finally {
  await rm(home, { recursive: true });
}
