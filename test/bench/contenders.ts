import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { hfClient } from '../setup/python.ts';
import type { HubEntry } from './hubWire.ts';
import type { BenchRepository } from './modelRepository.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const MODEL = 'acme/bench';

/** A command line, and what it needs of the environment. */
export interface Invocation {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Absolute paths of folders that are one run's own: all that a client writes belongs into one of them. */
export interface RunFolders {
  readonly home: string;
  readonly temporary: string;
  /** Where a download goes. It is not there yet. */
  readonly target: string;
}

/** What a contender is asked to do, each as people would. */
interface Tasks {
  readonly publish: (repository: BenchRepository, hub: URL) => Invocation;
  /** Into a folder. */
  readonly download: (entries: readonly HubEntry[], hub: URL, folders: RunFolders) => Invocation;
  /** From one hub to another. */
  readonly import: (from: URL, to: URL, folders: RunFolders) => Invocation;
}

export interface Contender extends Partial<Tasks> {
  readonly name: 'ours' | 'hf' | 'hfjs' | 'curl';
  readonly version: string;
}

const token = { HF_TOKEN: 'hf_benchmark' };

/** Everything that is measured, with the versions found; `home` is a throw-away folder for the files of clients that publish. */
export async function contenders(home: string): Promise<readonly Contender[]> {
  const manifest = await readFile(join(PROJECT, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { readonly version: string };
  return [{ name: 'ours', version, ...ours(home) }, await hfContender(home), await hfjs(), await curl()];
}

function ours(home: string): Tasks {
  const run = (...args: readonly string[]): readonly string[] => [
    process.execPath,
    join(PROJECT, 'dist/cli.js'),
    ...args,
    '--json',
  ];
  const own = (folders: RunFolders): Record<string, string> => ({
    ...token,
    ...environmentOf(folders),
    XDG_STATE_HOME: join(folders.home, 'state'),
    XDG_CACHE_HOME: join(folders.home, 'cache'),
  });
  return {
    publish: ({ folder }, hub) => ({
      command: run('publish', folder, '--hub', hub.href, '--model', MODEL),
      env: { ...token, XDG_STATE_HOME: home, XDG_CACHE_HOME: home },
    }),
    download: (_entries, hub, folders) => ({
      command: run('download', MODEL, '--hub', hub.href, '--to', folders.target),
      env: own(folders),
    }),
    import: (from, to, folders) => ({
      command: run('import', MODEL, '--from', from.href, '--hub', to.href),
      env: { ...own(folders), MODEL_REGISTRIES_SOURCE_TOKEN: 'hf_benchmark' },
    }),
  };
}

async function hfContender(home: string): Promise<Contender> {
  const hf = await hfClient('2.4.0');
  const plain = {
    ...token,
    HF_HUB_DISABLE_XET: '1',
    HF_HUB_DISABLE_TELEMETRY: '1',
    HF_HUB_DISABLE_UPDATE_CHECK: '1',
    HF_HUB_DISABLE_PROGRESS_BARS: '1',
  };
  const own = (folders: RunFolders): Record<string, string> => ({
    ...plain,
    ...environmentOf(folders),
    HF_HOME: folders.home,
  });
  return {
    name: 'hf',
    version: `huggingface_hub ${hf.version}`,
    publish: ({ folder }, hub) => ({
      command: [hf.command, 'upload', MODEL, folder],
      env: { ...plain, HF_ENDPOINT: hub.href, HF_HOME: home },
    }),
    download: (_entries, hub, folders) => ({
      command: [hf.command, 'download', MODEL, '--local-dir', folders.target],
      env: { ...own(folders), HF_ENDPOINT: hub.href },
    }),
    import: (from, to, folders) => ({
      command: [
        'sh',
        '-c',
        'HF_ENDPOINT="$2" "$1" download "$4" --local-dir "$5" && HF_ENDPOINT="$3" "$1" upload "$4" "$5"',
        'sh',
        hf.command,
        from.href,
        to.href,
        MODEL,
        folders.target,
      ],
      env: own(folders),
    }),
  };
}

async function hfjs(): Promise<Contender> {
  const folder = join(PROJECT, 'node_modules/@huggingface/hub');
  const hub = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  return {
    name: 'hfjs',
    version: `@huggingface/hub ${hub.version}`,
    publish: (repository, { href }) => ({
      command: [process.execPath, join(folder, 'dist/cli.js'), 'upload', MODEL, repository.folder, '.'],
      env: { ...token, HF_ENDPOINT: href },
    }),
  };
}

async function curl(): Promise<Contender> {
  const { stdout } = await promisify(execFile)('curl', ['--version']);
  const parallel = ['curl', '-sS', '--fail', '--parallel'];
  return {
    name: 'curl',
    version: /^curl (\S+)/.exec(stdout)?.[1] ?? 'unknown',
    publish: ({ folder, entries }, hub) => ({
      command: [
        ...parallel,
        ...entries
          .filter(({ lfs }) => lfs)
          .flatMap(({ path }) => ['-T', join(folder, path), new URL(`/raw/${basename(path)}`, hub).href]),
      ],
      env: {},
    }),
    download: (entries, hub, { target }) => ({
      command: [
        ...parallel,
        '--create-dirs',
        ...entries.flatMap(({ path }) => [
          '-o',
          join(target, path),
          `${hub.href}/${MODEL}/resolve/main/${path}`,
        ]),
      ],
      env: {},
    }),
  };
}

function environmentOf({ home, temporary }: RunFolders): Record<string, string> {
  return { HOME: home, TMPDIR: temporary };
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
