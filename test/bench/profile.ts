import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Invocation } from './contenders.ts';

/** Where one thread of a Node.js process spent its time: milliseconds by function, most first. */
export interface ThreadProfile {
  readonly totalMs: number;
  readonly shares: readonly { readonly what: string; readonly ms: number }[];
}

/** The part of https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile that is read. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
}

const MOST_SHOWN = 10;

/** Has `run` carry out the invocation under Node's own profiler. One profile for each thread, the busiest first. */
export async function profileThreads<T>(
  invocation: Invocation,
  run: (invocation: Invocation) => Promise<T>,
): Promise<{ readonly result: T; readonly threads: readonly ThreadProfile[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'model-registries-bench-profile-'));
  try {
    const [node = '', ...rest] = invocation.command;
    const result = await run({
      ...invocation,
      command: [node, '--cpu-prof', `--cpu-prof-dir=${folder}`, ...rest],
    });
    const profiles = await Promise.all(
      (await readdir(folder)).map(async (name) =>
        threadProfile(JSON.parse(await readFile(join(folder, name), 'utf8')) as CpuProfile),
      ),
    );
    return { result, threads: profiles.sort((a, b) => busy(b) - busy(a)) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function busy({ totalMs, shares }: ThreadProfile): number {
  return totalMs - (shares.find(({ what }) => what === IDLE)?.ms ?? 0);
}

const IDLE = '(idle)';

function threadProfile({ nodes, samples, timeDeltas }: CpuProfile): ThreadProfile {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const spent = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? '?';
    spent.set(name, (spent.get(name) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
  }
  const shares = [...spent].map(([what, ms]) => ({ what, ms })).sort((a, b) => b.ms - a.ms);
  return { totalMs: shares.reduce((sum, { ms }) => sum + ms, 0), shares: shares.slice(0, MOST_SHOWN) };
}

/** Ours are minified, so that their names would say nothing. */
function nameOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string {
  if (/\/cli(?:\.js$|\/)/.test(url)) return 'our own code';
  if (url === '') return functionName === '' ? '(native)' : functionName;
  return `${functionName || 'anonymous'} (${url.replace(/^node:/, '')})`;
}
