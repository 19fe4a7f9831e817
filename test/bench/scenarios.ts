import { createHash, randomUUID } from 'node:crypto';
import type { Contender } from './contenders.ts';
import type { BenchFile } from './modelRepository.ts';
import type { HubEntry } from './hubWire.ts';

const GIB = 2 ** 30;
const MIB = 2 ** 20;
/** Bytes per second. */
const GIGABIT = 125_000_000;

interface AnyCase {
  readonly id: string;
  readonly title: string;
  readonly files: readonly BenchFile[];
  readonly contenders: readonly Contender['name'][];
  /** Runs at most, where a run takes minutes by construction. */
  readonly maxRuns?: number;
  /** What the link takes that all connections of a server share, where it is held. Bytes per second. */
  readonly linkBytesPerSecond?: number;
}

/** A repository, what the hub holds before, and how the hub behaves. */
export interface PublishCase extends AnyCase {
  readonly kind: 'publish';
  /** What the hub holds of the repository before each run. */
  readonly held: (entries: readonly HubEntry[]) => readonly HubEntry[];
  /** Arguments of sink.ts. */
  readonly sink: readonly string[];
}

/** Files that a hub serves, into an empty folder. */
export interface DownloadCase extends AnyCase {
  readonly kind: 'download';
  /** Arguments of source.ts. */
  readonly source: readonly string[];
}

/** Files that one hub serves, to another that holds nothing. */
export interface ImportCase extends AnyCase {
  readonly kind: 'import';
  readonly source: readonly string[];
  readonly sink: readonly string[];
}

export type Case = PublishCase | DownloadCase | ImportCase;

export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly cases: readonly Case[];
}

const README: BenchFile = { path: 'README.md', size: 4096, lfs: false };
const nothing = (): readonly HubEntry[] => [];
const otherReadme = (entries: readonly HubEntry[]): readonly HubEntry[] =>
  entries.map((entry) =>
    entry.path === README.path
      ? { ...entry, oid: createHash('sha1').update(randomUUID()).digest('hex') }
      : entry,
  );

function weights(count: number, size: number): readonly BenchFile[] {
  return Array.from({ length: count }, (_, index) => ({
    path: `model-${String(index + 1).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.safetensors`,
    size,
    lfs: true,
  }));
}

/**
 * The scenarios of the benchmark.
 *
 * @param scale 1 for the published sizes, less for a short run.
 */
export function scenarios(scale: number): readonly Scenario[] {
  const gib = (count: number): number => Math.max(MIB, Math.round(count * GIB * scale));
  const many = (count: number): number => Math.max(10, Math.round(count * scale));
  return [
    {
      id: 'republish',
      title: 'Republish: weights unchanged, README changed',
      cases: [1, 4, 8].map((count): Case => ({
        kind: 'publish',
        id: `${count} GiB`,
        title: `${count} files of 1 GiB`,
        files: [...weights(count, gib(1)), README],
        held: otherReadme,
        sink: [],
        contenders: ['ours', 'hf', 'hfjs'],
      })),
    },
    {
      id: 'cold',
      title: 'Cold: nothing is on the hub',
      cases: [
        {
          kind: 'publish',
          id: '4 GiB',
          title: '4 files of 1 GiB',
          files: [...weights(4, gib(1)), README],
          held: nothing,
          sink: [],
          contenders: ['ours', 'hf', 'hfjs', 'curl'],
        },
      ],
    },
    {
      id: 'parts',
      title: 'One file in parts, each connection held to 20 MB/s',
      cases: [
        {
          kind: 'publish',
          id: '4 GiB',
          title: 'one file of 4 GiB and a byte, parts of 64 MiB',
          // Git before 2.43 takes a size of exactly 2^32 bytes for 0, and reads the whole file whenever it is asked for changes.
          files: [...weights(1, gib(4) + 1), README],
          held: nothing,
          sink: [
            '--connection-bytes-per-second',
            '20000000',
            '--multipart-threshold',
            String(Math.max(MIB, 64 * MIB * scale)),
            '--part-bytes',
            String(Math.max(MIB, 64 * MIB * scale)),
          ],
          contenders: ['ours', 'hf', 'hfjs'],
          maxRuns: 1,
        },
      ],
    },
    {
      id: 'many',
      title: 'Many small files',
      cases: [
        {
          kind: 'publish',
          id: '2,000 files',
          title: '2,000 files of 4 KiB',
          files: Array.from({ length: many(2000) }, (_, index) => ({
            path: `data/${Math.floor(index / 100)}/${index}.json`,
            size: 4096,
            lfs: false,
          })),
          held: nothing,
          sink: [],
          contenders: ['ours', 'hf', 'hfjs'],
        },
      ],
    },
    {
      id: 'memory',
      title: 'Memory: nothing is on the hub',
      cases: [
        {
          kind: 'publish',
          id: '8 GiB',
          title: '8 files of 1 GiB',
          files: [...weights(8, gib(1)), README],
          held: nothing,
          sink: [],
          contenders: ['ours', 'hf'],
          maxRuns: 1,
        },
      ],
    },
    {
      id: 'plan',
      title: 'Plan: a commit with many entries, one of them changed',
      cases: [25_000, 50_000, 100_000].map((count): Case => ({
        kind: 'publish',
        id: `${count.toLocaleString('en')} entries`,
        title: `${count.toLocaleString('en')} files of 64 bytes and a README`,
        files: [
          README,
          ...Array.from({ length: many(count) }, (_, index) => ({
            path: `shards/${Math.floor(index / 1000)}/${index}.json`,
            size: 64,
            lfs: false,
          })),
        ],
        held: otherReadme,
        sink: [],
        contenders: ['ours'],
      })),
    },
    ...linkScenarios(gib),
  ];
}

/** What it takes to move models over links, not only over the loopback of this machine. */
function linkScenarios(gib: (count: number) => number): readonly Scenario[] {
  return [
    {
      id: 'link',
      title: 'Cold: nothing is on the hub, all connections together held to a link',
      cases: [0.1, 1].map((gigabits): Case => {
        const linkBytesPerSecond = gigabits * GIGABIT;
        return {
          kind: 'publish',
          id: `2 GiB, ${gigabits} Gbit/s`,
          title: `2 files of 1 GiB, ${gigabits} Gbit/s`,
          files: [...weights(2, gib(1)), README],
          held: nothing,
          sink: heldTo(linkBytesPerSecond),
          contenders: gigabits < 1 ? ['ours', 'hf'] : ['ours', 'hf', 'curl'],
          ...(gigabits < 1 && { maxRuns: 1 }),
          linkBytesPerSecond,
        };
      }),
    },
    {
      id: 'download',
      title: 'Download: into an empty folder',
      cases: [
        {
          kind: 'download',
          id: '4 GiB, 20 MB/s a connection',
          title: '4 files of 1 GiB, each connection held to 20 MB/s',
          files: [...weights(4, gib(1)), README],
          source: ['--connection-bytes-per-second', '20000000'],
          contenders: ['ours', 'hf'],
          maxRuns: 1,
        },
        {
          kind: 'download',
          id: '4 GiB, loopback',
          title: '4 files of 1 GiB, loopback',
          files: [...weights(4, gib(1)), README],
          source: [],
          contenders: ['ours', 'hf', 'curl'],
        },
      ],
    },
    {
      id: 'import',
      title: 'Import: from one hub to another that holds nothing',
      cases: [
        {
          kind: 'import',
          id: '4 GiB, 1 Gbit/s each way',
          title: '4 files of 1 GiB, both links held to 1 Gbit/s',
          files: [...weights(4, gib(1)), README],
          source: heldTo(GIGABIT),
          sink: heldTo(GIGABIT),
          contenders: ['ours', 'hf'],
          maxRuns: 1,
          linkBytesPerSecond: GIGABIT,
        },
        {
          kind: 'import',
          id: '8 GiB, loopback',
          title: '8 files of 1 GiB, loopback',
          files: [...weights(8, gib(1)), README],
          source: [],
          sink: [],
          contenders: ['ours', 'hf'],
          maxRuns: 1,
        },
      ],
    },
  ];
}

/** Arguments of either server. */
function heldTo(linkBytesPerSecond: number): readonly string[] {
  return ['--link-bytes-per-second', String(linkBytesPerSecond)];
}
