import prettyBytes from 'pretty-bytes';
import type { ThreadProfile } from './profile.ts';

/** Medians of one contender in one case. Seconds and bytes. */
export interface Measurement {
  readonly scenario: string;
  readonly case: string;
  readonly contender: string;
  readonly version: string;
  /** Bytes of all files. */
  readonly bytes: number;
  /** What the held link takes; undefined where none is held. */
  readonly linkBytesPerSecond: number | undefined;
  readonly runs: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Peak resident memory of the largest process. */
  readonly peakBytes: number;
  /** From the start of the process to the first byte of an object or commit at the hub; NaN where nothing goes to one. */
  readonly firstByteSeconds: number;
  /** The most that was on the disk beyond what was there before; NaN where it was not watched. */
  readonly diskBytes: number;
}

/** Where our own time goes in one case. */
export interface CaseProfile {
  readonly scenario: string;
  readonly case: string;
  readonly threads: readonly ThreadProfile[];
}

interface Goal {
  readonly scenario: string;
  readonly text: string;
  /** What was reached, as text, and whether that is enough; undefined where what it needs was not measured. */
  readonly verdict: (of: Lookup) => Verdict;
}

type Lookup = (scenario: string, id: string, contender: string) => Measurement | undefined;

function ratio(slower: Measurement | undefined, faster: Measurement | undefined): number | undefined {
  return slower && faster && slower.wallSeconds / faster.wallSeconds;
}

type Verdict = { readonly reached: string; readonly met: boolean } | undefined;

function atLeast(wanted: number, value: number | undefined): Verdict {
  return value === undefined ? undefined : { reached: `${value.toFixed(2)}×`, met: value >= wanted };
}

function atMost(wanted: number, value: number | undefined, said: (value: number) => string): Verdict {
  return value === undefined || Number.isNaN(value)
    ? undefined
    : { reached: said(value), met: value <= wanted };
}

const seconds = (value: number): string => `${value.toFixed(2)} s`;
const share = (value: number): string => `${value.toFixed(3)}×`;

/** The time of a run for each second that its bytes need on the link; undefined where none is held. */
function shareOfLink(of: Measurement | undefined): number | undefined {
  return of?.linkBytesPerSecond && (of.wallSeconds * of.linkBytesPerSecond) / of.bytes;
}

/** What this set out to reach. */
const GOALS: readonly Goal[] = [
  {
    scenario: 'republish',
    text: 'republish 4 GiB: at least 10 times faster than `hf`',
    verdict: (of) => atLeast(10, ratio(of('republish', '4 GiB', 'hf'), of('republish', '4 GiB', 'ours'))),
  },
  {
    scenario: 'republish',
    text: 'republish: 8 GiB at most 1.3 times the time of 1 GiB',
    verdict: (of) => {
      const value = ratio(of('republish', '8 GiB', 'ours'), of('republish', '1 GiB', 'ours'));
      return value === undefined ? undefined : { reached: `${value.toFixed(2)}×`, met: value <= 1.3 };
    },
  },
  {
    scenario: 'cold',
    text: 'cold 4 GiB: at least 2 times faster than `hf`',
    verdict: (of) => atLeast(2, ratio(of('cold', '4 GiB', 'hf'), of('cold', '4 GiB', 'ours'))),
  },
  {
    scenario: 'cold',
    text: 'cold 4 GiB: at least 3 times faster than `@huggingface/hub`',
    verdict: (of) => atLeast(3, ratio(of('cold', '4 GiB', 'hfjs'), of('cold', '4 GiB', 'ours'))),
  },
  {
    scenario: 'parts',
    text: 'one 4 GiB file in parts at 20 MB/s a connection: at least 4 times faster than `hf`',
    verdict: (of) => atLeast(4, ratio(of('parts', '4 GiB', 'hf'), of('parts', '4 GiB', 'ours'))),
  },
  {
    scenario: 'many',
    text: '2,000 files of 4 KiB: at least 3 times faster than `hf`',
    verdict: (of) => atLeast(3, ratio(of('many', '2,000 files', 'hf'), of('many', '2,000 files', 'ours'))),
  },
  {
    scenario: 'memory',
    text: 'memory, 8 GiB: peak resident at most 200 MB',
    verdict: (of) => {
      const value = of('memory', '8 GiB', 'ours')?.peakBytes;
      return value === undefined ? undefined : { reached: prettyBytes(value), met: value <= 200e6 };
    },
  },
  {
    scenario: 'plan',
    text: 'plan, 100,000 entries: at most 3 s to the first byte sent',
    verdict: (of) => {
      const value = of('plan', '100,000 entries', 'ours')?.firstByteSeconds;
      return value === undefined ? undefined : { reached: `${value.toFixed(2)} s`, met: value <= 3 };
    },
  },
  ...['0.1', '1'].flatMap((gigabits): readonly Goal[] => {
    const id = `2 GiB, ${gigabits} Gbit/s`;
    return [
      {
        scenario: 'link',
        text: `cold 2 GiB at ${gigabits} Gbit/s: at most 1.02 of the link’s own time`,
        verdict: (of) => atMost(1.02, shareOfLink(of('link', id, 'ours')), share),
      },
      {
        scenario: 'link',
        text: `cold 2 GiB at ${gigabits} Gbit/s: at most 0.2 s to the first byte sent`,
        verdict: (of) => atMost(0.2, of('link', id, 'ours')?.firstByteSeconds, seconds),
      },
    ];
  }),
  {
    scenario: 'link',
    text: 'cold 2 GiB at 1 Gbit/s: CPU at most that of `hf`',
    verdict: (of) => {
      const [ours, hf] = [of('link', '2 GiB, 1 Gbit/s', 'ours'), of('link', '2 GiB, 1 Gbit/s', 'hf')];
      return atMost(1, ours && hf && ours.cpuSeconds / hf.cpuSeconds, share);
    },
  },
  {
    scenario: 'download',
    text: 'download 4 × 1 GiB at 20 MB/s a connection: at least 4 times faster than `hf`, verified, too',
    verdict: (of) => {
      const id = '4 GiB, 20 MB/s a connection';
      return atLeast(4, ratio(of('download', id, 'hf'), of('download', id, 'ours')));
    },
  },
  {
    scenario: 'download',
    text: 'download 4 × 1 GiB over loopback: not slower than `hf`, which verifies nothing',
    verdict: (of) =>
      atLeast(1, ratio(of('download', '4 GiB, loopback', 'hf'), of('download', '4 GiB, loopback', 'ours'))),
  },
  {
    scenario: 'import',
    text: 'import 4 GiB at 1 Gbit/s each way: at most 1.05 of one way’s own time',
    verdict: (of) => atMost(1.05, shareOfLink(of('import', '4 GiB, 1 Gbit/s each way', 'ours')), share),
  },
  {
    scenario: 'import',
    text: 'import 4 GiB at 1 Gbit/s each way: at least 1.9 times faster than `hf download` and `hf upload`',
    verdict: (of) => {
      const id = '4 GiB, 1 Gbit/s each way';
      return atLeast(1.9, ratio(of('import', id, 'hf'), of('import', id, 'ours')));
    },
  },
  ...['4 GiB, 1 Gbit/s each way', '8 GiB, loopback'].map((id): Goal => ({
    scenario: 'import',
    text: `import ${id}: at most 64 MiB more on the disk`,
    verdict: (of) => atMost(64 * 2 ** 20, of('import', id, 'ours')?.diskBytes, prettyBytes),
  })),
  {
    scenario: 'import',
    text: 'import 8 GiB: peak resident at most 200 MB',
    verdict: (of) => atMost(200e6, of('import', '8 GiB, loopback', 'ours')?.peakBytes, prettyBytes),
  },
];

function lookup(measurements: readonly Measurement[]): Lookup {
  return (scenario, id, contender) =>
    measurements.find(
      (each) => each.scenario === scenario && each.case === id && each.contender === contender,
    );
}

/** The scenarios with a goal that was measured and missed. */
export function missedScenarios(measurements: readonly Measurement[]): ReadonlySet<string> {
  const of = lookup(measurements);
  return new Set(GOALS.filter(({ verdict }) => verdict(of)?.met === false).map(({ scenario }) => scenario));
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** The results as Markdown: goals first, then every measurement. */
export function report({
  measurements,
  profiles,
  machine,
  scale,
  date,
}: {
  readonly measurements: readonly Measurement[];
  readonly profiles: readonly CaseProfile[];
  readonly machine: string;
  readonly scale: number;
  readonly date: Date;
}): string {
  const of = lookup(measurements);
  const goals = GOALS.flatMap(({ text, verdict }) => {
    const reached = verdict(of);
    return reached === undefined ? [] : [[text, reached.reached, reached.met ? 'met' : '**missed**']];
  });
  const rows = measurements.map((each) => {
    const times = ratio(each, of(each.scenario, each.case, 'ours'));
    const ofLink = shareOfLink(each);
    return [
      each.scenario,
      each.case,
      each.contender,
      `${each.wallSeconds.toFixed(2)} s`,
      times === undefined ? '' : `${times.toFixed(2)}×`,
      ofLink === undefined ? '' : share(ofLink),
      `${prettyBytes(each.bytes / each.wallSeconds)}/s`,
      `${each.cpuSeconds.toFixed(2)} s`,
      perGib(each),
      prettyBytes(each.peakBytes),
      Number.isNaN(each.diskBytes) ? '' : prettyBytes(each.diskBytes),
      Number.isNaN(each.firstByteSeconds) ? '' : `${each.firstByteSeconds.toFixed(2)} s`,
      String(each.runs),
    ];
  });
  const versions = [...new Set(measurements.map(({ contender, version }) => `${contender}: ${version}`))];
  return `# Benchmark results

Written by \`npm run bench -- --write\` on ${date.toISOString().slice(0, 10)}${scale === 1 ? '' : ` at scale ${scale}`}: every contender
does the same with the same data against the same servers on the same machine, taking turns. Times are medians of whole runs, start of the
process included. The servers take or make bytes without storing them, in processes of their own.

A held link is a token bucket of 25 ms that all connections to the server share, in the server’s process: it reads, or writes, no more
than the bucket grants, so that sockets fill and the contender waits. The link’s own time is the files’ bytes at its speed.

- Machine: ${machine}
${versions.map((version) => `- ${version}`).join('\n')}

## Goals

${table(['goal', 'reached', ''], goals)}

## Measurements

“Times” is the wall time relative to ours in the same case. “First byte” is from the start of the process to the first byte of an
object or of the commit at the hub. “Peak” is the resident memory of the largest process. “Disk” is the most that the contender’s home,
temporary folder and target took. “Of the link” is the wall time relative to the link’s own time.

${table(['scenario', 'case', 'contender', 'wall', 'times', 'of the link', 'files’ bytes', 'CPU', 'CPU/GiB', 'peak', 'disk', 'first byte', 'runs'], rows)}
${profiles.map(profileText).join('')}`;
}

/** CPU for each GiB of files; nothing where there is so little that the start of the process is most of it. */
function perGib({ bytes, cpuSeconds }: Measurement): string {
  return bytes < 2 ** 29 ? '' : seconds((cpuSeconds * 2 ** 30) / bytes);
}

function profileText({ scenario, case: id, threads }: CaseProfile): string {
  const tables = threads.map(({ totalMs, shares }, index) => {
    const rows = shares.map(({ what, ms }) => [
      what,
      `${(ms / 1000).toFixed(2)} s`,
      `${((100 * ms) / totalMs).toFixed(0)} %`,
    ]);
    return `Thread ${index + 1}, ${(totalMs / 1000).toFixed(2)} s:\n\n${table(['function', 'time in itself', ''], rows)}\n`;
  });
  return `
## Where the time goes: ${scenario}, ${id}

One more run of ours under Node’s profiler, because a goal was missed. Times are of the wall: a thread that waits for a processor seems
to work meanwhile. Git’s processes and the threads that read files are not in it.

${tables.join('\n')}`;
}
