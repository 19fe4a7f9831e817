import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Contender, Cost, Invocation, measure, RunFolders } from './contenders.ts';
import { watchGrowth } from './diskGrowth.ts';
import type { HubEntry } from './hubWire.ts';
import { makeRepository } from './modelRepository.ts';
import type { Case, DownloadCase, ImportCase, PublishCase } from './scenarios.ts';
import { startSink, startSource, type Sink, type Source } from './servers.ts';

/** What one run cost, with what the other side saw of it. */
export interface Run extends Cost {
  /** To the first byte of an object or of a commit at the hub that takes them; undefined where none came. */
  readonly firstByteSeconds: number | undefined;
  /** The most that was on the disk beyond what was there before; undefined where it was not watched. */
  readonly diskBytes: number | undefined;
}

/** A case that is set up, for one run after the other. */
export interface Stage {
  /** Of all files. */
  readonly bytes: number;
  /** Throws where the contender did not do what was asked. */
  readonly perform: (contender: Contender, run: typeof measure) => Promise<Run>;
}

/** Sets a case up, and takes it down when `work` has ended. */
export function onStage<T>(each: Case, work: (stage: Stage) => Promise<T>): Promise<T> {
  switch (each.kind) {
    case 'publish':
      return publishStage(each, work);
    case 'download':
      return downloadStage(each, work);
    case 'import':
      return importStage(each, work);
  }
}

async function publishStage<T>(
  { files, held, sink: sinkArguments }: PublishCase,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  return inFolder(async (folder) => {
    const repository = await makeRepository(join(folder, 'model'), files);
    return withServer(startSink(sinkArguments), async (sink) => {
      await settleDisk();
      return work({
        bytes: repository.bytes,
        perform: async (contender, run) => {
          await sink.reset({ entries: held(repository.entries) });
          const cost = await run(invocationOf(contender, 'publish')(repository, sink.hub));
          const firstByteSeconds = await published(contender, cost, sink);
          return { ...cost, firstByteSeconds, diskBytes: undefined };
        },
      });
    });
  });
}

async function downloadStage<T>(
  { files, source: sourceArguments }: DownloadCase,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  return withServer(startSource(sourceArguments), async (source) => {
    const entries = await source.fill({ files });
    return work({
      bytes: bytesOf(entries),
      perform: (contender, run) =>
        inRunFolders(async (folders) => {
          const invocation = invocationOf(contender, 'download')(entries, source.hub, folders);
          const [cost, diskBytes] = await fetching(invocation, run, source, folders);
          for (const { path, size } of entries) {
            const found = await stat(join(folders.target, path)).catch(() => undefined);
            if (found?.size === size) continue;
            throw new Error(
              `${contender.name} left ${path} with ${found?.size ?? 'no'} bytes instead of ${size}`,
            );
          }
          return { ...cost, firstByteSeconds: undefined, diskBytes };
        }),
    });
  });
}

async function importStage<T>(
  { files, source: sourceArguments, sink: sinkArguments }: ImportCase,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  return withServer(startSource(sourceArguments), (source) =>
    withServer(startSink(sinkArguments), async (sink) => {
      const entries = await source.fill({ files });
      return work({
        bytes: bytesOf(entries),
        perform: (contender, run) =>
          inRunFolders(async (folders) => {
            await sink.reset({ entries: [] });
            const invocation = invocationOf(contender, 'import')(source.hub, sink.hub, folders);
            const [cost, diskBytes] = await fetching(invocation, run, source, folders);
            const firstByteSeconds = await published(contender, cost, sink);
            return { ...cost, firstByteSeconds, diskBytes };
          }),
      });
    }),
  );
}

function invocationOf<Task extends 'publish' | 'download' | 'import'>(
  contender: Contender,
  task: Task,
): NonNullable<Contender[Task]> {
  const invocation = contender[task];
  if (!invocation) throw new Error(`${contender.name} has nothing for the task ${task}.`);
  return invocation;
}

/** @returns Seconds to the first byte that the sink got. Throws where nothing was published. */
async function published(contender: Contender, cost: Cost, sink: Sink): Promise<number | undefined> {
  const { firstByteAt, commits, wrongHashes } = await sink.counts();
  if (wrongHashes > 0 || (contender.name !== 'curl' && commits === 0)) {
    throw new Error(`${contender.name} did not publish: ${commits} commits, ${wrongHashes} wrong hashes`);
  }
  return firstByteAt === undefined ? undefined : firstByteAt / 1000 - cost.startedAt;
}

/** Has something run that gets its bytes from the source. @returns Its cost, and the growth of its folders in bytes. */
async function fetching(
  invocation: Invocation,
  run: typeof measure,
  source: Source,
  folders: RunFolders,
): Promise<readonly [cost: Cost, diskBytes: number]> {
  await source.resetCounts();
  const [cost, diskBytes] = await watchGrowth(join(folders.home, '..'), () => run(invocation));
  const { requests, contentBytes, mostAtOnce } = await source.counts();
  process.stderr.write(
    `    the source served ${contentBytes} bytes by ${requests} requests, ${mostAtOnce} at once at most\n`,
  );
  return [cost, diskBytes];
}

function bytesOf(entries: readonly HubEntry[]): number {
  return entries.reduce((sum, { size }) => sum + size, 0);
}

async function withServer<S extends { stop(): Promise<void> }, T>(
  starting: Promise<S>,
  work: (server: S) => Promise<T>,
): Promise<T> {
  const server = await starting;
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

/** Nothing of an earlier run is there, nor still on its way to the disk. */
async function inRunFolders<T>(work: (folders: RunFolders) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const folders = {
      home: join(folder, 'home'),
      temporary: join(folder, 'temporary'),
      target: join(folder, 'target'),
    };
    await mkdir(folders.home);
    await mkdir(folders.temporary);
    await settleDisk();
    return work(folders);
  });
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'model-registries-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Or the disk is still busy with what was written while the first contender runs. */
async function settleDisk(): Promise<void> {
  await promisify(execFile)('sync');
}
