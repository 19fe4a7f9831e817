import { bytesPerSecond, type RateSamples, withSample } from '../progress/transferRate.ts';
import type { FileEvent } from './fileEvents.ts';
import type { PublishEvent, PublishStep } from './publishing.ts';

/** The stages of a publish as a person follows them, in their order. Stages run side by side. */
export const STAGES = ['plan', 'hash', 'upload', 'commit', 'verify'] as const;
export type Stage = (typeof STAGES)[number];

/** `skipped`: there was nothing to do in it. */
export type StageState = 'waiting' | 'running' | 'done' | 'skipped';

/** A file that is worked at now. */
export interface FileInFlight {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sentBytes: number;
  readonly doing: 'hash' | 'upload';
}

/** What a publish is at. */
export interface Activity {
  readonly stages: Readonly<Record<Stage, StageState>>;
  readonly sentBytes: number;
  readonly totalBytes: number;
  readonly sentFiles: number;
  readonly totalFiles: number;
  /** Of the last seconds; undefined before anything is known. */
  readonly bytesPerSecond: number | undefined;
  /** undefined while nothing moves. */
  readonly secondsLeft: number | undefined;
  /** In the order they were begun. */
  readonly files: readonly FileInFlight[];
}

/** Follows a publish by its events. */
export interface ActivityWatch {
  readonly onEvent: (event: PublishEvent) => void;
  readonly onFile: (event: FileEvent) => void;
  readonly current: Activity;
}

const STAGE_OF: Readonly<Record<PublishStep, Stage>> = {
  create: 'plan',
  preupload: 'plan',
  hash: 'hash',
  upload: 'upload',
  commit: 'commit',
  verify: 'verify',
};

/** @param now Milliseconds on a clock that only goes forward. */
export function watchActivity(now: () => number): ActivityWatch {
  /** Steps that began and did not end. */
  const running = new Set<PublishStep>();
  const finished = new Set<Stage>();
  const files = new Map<string, FileInFlight>();
  let samples: RateSamples = [];
  let sent = { sentBytes: 0, totalBytes: 0, sentFiles: 0, totalFiles: 0 };

  const isRunning = (stage: Stage): boolean => [...running].some((step) => STAGE_OF[step] === stage);
  const stateOf = (stage: Stage): StageState => {
    if (isRunning(stage)) return 'running';
    // The plan was made before anything else.
    if (stage === 'plan' || finished.has(stage)) return 'done';
    const passed = isRunning('commit') || finished.has('commit');
    return passed && (stage === 'hash' || stage === 'upload') ? 'skipped' : 'waiting';
  };
  return {
    onEvent(event) {
      switch (event.kind) {
        case 'stepStarted':
          running.add(event.step);
          break;
        case 'stepFinished':
          running.delete(event.step);
          finished.add(STAGE_OF[event.step]);
          break;
        case 'progress': {
          const { sentBytes, totalBytes, sentFiles, totalFiles } = event;
          sent = { sentBytes, totalBytes, sentFiles, totalFiles };
          samples = withSample(samples, { at: now(), bytes: sentBytes });
          break;
        }
      }
    },
    onFile(event) {
      const file = files.get(event.path);
      switch (event.kind) {
        case 'fileStarted': {
          const { path, size, doing } = event;
          files.set(path, { path, size, doing, sentBytes: 0 });
          break;
        }
        case 'fileProgress':
          if (file) files.set(event.path, { ...file, sentBytes: event.sentBytes });
          break;
        case 'fileFinished':
          files.delete(event.path);
          break;
      }
    },
    get current() {
      const rate = bytesPerSecond(samples);
      const left = sent.totalBytes - sent.sentBytes;
      return {
        stages: {
          plan: stateOf('plan'),
          hash: stateOf('hash'),
          upload: stateOf('upload'),
          commit: stateOf('commit'),
          verify: stateOf('verify'),
        },
        ...sent,
        bytesPerSecond: rate,
        secondsLeft: rate !== undefined && rate > 0 && left > 0 ? left / rate : undefined,
        files: [...files.values()],
      };
    },
  };
}
