import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { hfClient } from '../setup/python.ts';
import type { BenchRepository } from './modelRepository.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const MODEL = 'acme/bench';

/** A command line that publishes a repository to a hub. */
export interface Invocation {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Contender {
  readonly name: 'ours' | 'hf' | 'hfjs' | 'curl';
  readonly version: string;
  readonly publish: (repository: BenchRepository, hub: URL) => Invocation;
}

/** Everything that is measured, with the versions found; `home` is a throw-away folder for the clients' own files. */
export async function contenders(home: string): Promise<readonly Contender[]> {
  const { version } = JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8')) as {
    version: string;
  };
  const hub = JSON.parse(
    await readFile(join(PROJECT, 'node_modules/@huggingface/hub/package.json'), 'utf8'),
  ) as { version: string };
  const hf = await hfClient('2.4.0');
  const { stdout: curl } = await promisify(execFile)('curl', ['--version']);
  const token = { HF_TOKEN: 'hf_benchmark' };
  return [
    {
      name: 'ours',
      version,
      publish: ({ folder }, hubUrl) => ({
        command: [
          process.execPath,
          join(PROJECT, 'dist/cli.js'),
          'publish',
          folder,
          '--hub',
          hubUrl.href,
          '--model',
          MODEL,
          '--json',
        ],
        env: { ...token, XDG_STATE_HOME: home, XDG_CACHE_HOME: home },
      }),
    },
    {
      name: 'hf',
      version: `huggingface_hub ${hf.version}`,
      publish: ({ folder }, hubUrl) => ({
        command: [hf.command, 'upload', MODEL, folder],
        env: {
          ...token,
          HF_ENDPOINT: hubUrl.href,
          HF_HUB_DISABLE_XET: '1',
          HF_HUB_DISABLE_TELEMETRY: '1',
          HF_HUB_DISABLE_UPDATE_CHECK: '1',
          HF_HUB_DISABLE_PROGRESS_BARS: '1',
          HF_HOME: home,
        },
      }),
    },
    {
      name: 'hfjs',
      version: `@huggingface/hub ${hub.version}`,
      publish: ({ folder }, hubUrl) => ({
        command: [
          process.execPath,
          join(PROJECT, 'node_modules/@huggingface/hub/dist/cli.js'),
          'upload',
          MODEL,
          folder,
          '.',
        ],
        env: { ...token, HF_ENDPOINT: hubUrl.href },
      }),
    },
    {
      name: 'curl',
      version: /^curl (\S+)/.exec(curl)?.[1] ?? 'unknown',
      publish: ({ folder, entries }, hubUrl) => ({
        command: [
          'curl',
          '-sS',
          '--fail',
          '--parallel',
          ...entries
            .filter((entry) => entry.lfs)
            .flatMap(({ path }) => [
              '-T',
              join(folder, path),
              new URL(`/raw/${basename(path)}`, hubUrl).href,
            ]),
        ],
        env: {},
      }),
    },
  ];
}

/** What one run cost. Seconds, and bytes for the peak resident memory of its largest process. */
export interface Cost {
  /** Since 1970. */
  readonly startedAt: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

interface Measured extends Cost {
  readonly status: number;
}

/** Runs an invocation to its end and measures it. Throws with the command's own output when it fails. */
export async function measure({ command, env }: Invocation): Promise<Cost> {
  const folder = await mkdtemp(join(tmpdir(), 'model-registries-bench-'));
  const report = join(folder, 'cost.json');
  const script = fileURLToPath(new URL('measure.py', import.meta.url));
  try {
    const { stdout, stderr } = await promisify(execFile)('python3', [script, report, ...command], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      maxBuffer: 2 ** 28,
    });
    const measured = JSON.parse(await readFile(report, 'utf8')) as Measured;
    if (measured.status !== 0) {
      throw new Error(`${command.join(' ')} exited with ${measured.status}:\n${stdout}\n${stderr}`);
    }
    return measured;
  } finally {
    await rm(folder, { recursive: true });
  }
}
