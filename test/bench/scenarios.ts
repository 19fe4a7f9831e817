import { createHash, randomUUID } from 'node:crypto';
import type { Contender } from './contenders.ts';
import type { BenchFile } from './modelRepository.ts';
import type { SinkEntry } from './sink.ts';

const GIB = 2 ** 30;
const MIB = 2 ** 20;

/** One run of the benchmark: a repository, what the hub holds before, how the hub behaves, and who takes part. */
export interface Case {
  readonly id: string;
  readonly title: string;
  readonly files: readonly BenchFile[];
  /** What the hub holds of the repository before each run. */
  readonly held: (entries: readonly SinkEntry[]) => readonly SinkEntry[];
  readonly sink: readonly string[];
  readonly contenders: readonly Contender['name'][];
  /** Runs at most, where a run takes minutes by construction. */
  readonly maxRuns?: number;
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly cases: readonly Case[];
}

const README: BenchFile = { path: 'README.md', size: 4096, lfs: false };
const nothing = (): readonly SinkEntry[] => [];
const otherReadme = (entries: readonly SinkEntry[]): readonly SinkEntry[] =>
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
      cases: [1, 4, 8].map((count) => ({
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
      cases: [25_000, 50_000, 100_000].map((count) => ({
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
  ];
}
