/**
 * `npm run bench`: every contender does the same with the same data against the same servers, taking turns. See scenarios.ts for what is
 * measured.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { runProjectScript } from '../setup/project.ts';
import { contenders, measure, type Contender } from './contenders.ts';
import { machine } from './machine.ts';
import { median } from './median.ts';
import { profileThreads } from './profile.ts';
import { missedScenarios, report, type CaseProfile, type Measurement } from './report.ts';
import { scenarios, type Case } from './scenarios.ts';
import { onStage, type Run } from './stages.ts';

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a positive number is needed');
  return value;
}

const all = scenarios(1).map(({ id }) => id);
const options = new Command('bench')
  .description(
    'Compares publishing, downloading and importing with other clients, side by side on this machine.',
  )
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

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function runCase(
  scenario: string,
  each: Case,
  known: readonly Contender[],
): Promise<{ readonly measurements: readonly Measurement[]; readonly profile: CaseProfile | undefined }> {
  const { id, title, contenders: names, maxRuns } = each;
  say(`${scenario}: ${title}: making the data`);
  return onStage(each, async ({ bytes, perform }) => {
    const contending = known.filter(({ name }) => names.includes(name));
    const runs = new Map(contending.map((contender) => [contender, [] as Run[]]));
    for (let run = 1; run <= Math.min(options.runs, maxRuns ?? Infinity); run += 1) {
      for (const [contender, costs] of runs) {
        const cost = await perform(contender, measure);
        costs.push(cost);
        say(`  ${contender.name} ${run}: ${cost.wallSeconds.toFixed(2)} s`);
      }
    }
    const measurements = [...runs].map(([contender, costs]) => ({
      scenario,
      case: id,
      contender: contender.name,
      version: contender.version,
      bytes,
      linkBytesPerSecond: each.linkBytesPerSecond,
      runs: costs.length,
      wallSeconds: median(costs.map(({ wallSeconds }) => wallSeconds)),
      cpuSeconds: median(costs.map(({ cpuSeconds }) => cpuSeconds)),
      peakBytes: median(costs.map(({ peakBytes }) => peakBytes)),
      firstByteSeconds: median(costs.map(({ firstByteSeconds }) => firstByteSeconds ?? NaN)),
      diskBytes: median(costs.map(({ diskBytes }) => diskBytes ?? NaN)),
    }));
    const ours = contending.find(({ name }) => name === 'ours');
    if (ours === undefined || !missedScenarios(measurements).has(scenario)) {
      return { measurements, profile: undefined };
    }
    let threads: CaseProfile['threads'] = [];
    await perform(ours, async (invocation) => {
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
