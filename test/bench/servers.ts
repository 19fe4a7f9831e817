import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { HubEntry } from './hubWire.ts';
import type { SinkCounts, SinkState } from './sink.ts';
import type { SourceCounts, SourceState } from './source.ts';

/** A server of the benchmark, in a process of its own. */
interface Server {
  /** The Hub's endpoint. */
  readonly hub: URL;
  stop(): Promise<void>;
}

export interface Sink extends Server {
  reset(state: SinkState): Promise<void>;
  counts(): Promise<SinkCounts>;
}

export interface Source extends Server {
  /** What it serves from now on, hashed: a moment for each GiB. */
  fill(state: SourceState): Promise<readonly HubEntry[]>;
  resetCounts(): Promise<void>;
  counts(): Promise<SourceCounts>;
}

export async function startSink(args: readonly string[]): Promise<Sink> {
  const server = await start('sink.ts', args);
  return {
    ...server,
    reset: async (state) => void (await ask(server, '/state', state)),
    counts: () => ask<SinkCounts>(server, '/counts'),
  };
}

export async function startSource(args: readonly string[]): Promise<Source> {
  const server = await start('source.ts', args);
  return {
    ...server,
    fill: (state) => ask<readonly HubEntry[]>(server, '/state', state),
    resetCounts: async () => void (await ask(server, '/counts', {})),
    counts: () => ask<SourceCounts>(server, '/counts'),
  };
}

async function start(script: string, args: readonly string[]): Promise<Server> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout });
  const { value } = (await lines[Symbol.asyncIterator]().next()) as IteratorResult<string, string>;
  return {
    hub: new URL((JSON.parse(value) as { readonly url: string }).url),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Posts a body where one is given. */
async function ask<T>({ hub }: Server, path: string, body?: unknown): Promise<T> {
  const response = await fetch(
    new URL(path, hub),
    body === undefined ? undefined : { method: 'POST', body: JSON.stringify(body) },
  );
  return (await response.json()) as T;
}
