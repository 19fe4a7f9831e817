import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSpelledWithin } from '../../core/snapshot/files/spelledPaths.ts';
import { watchHead } from '../git/watchHead.ts';
import type { WorkspaceModel } from './localModel.ts';

/** What a commit, a checkout or a reset writes in the folder that holds HEAD. */
const WRITTEN = ['HEAD', 'index', 'packed-refs', join('logs', 'HEAD')];

/** How much older a file may seem than it is, in milliseconds: file systems count in steps of two seconds at most. */
const CLOCK_STEP_MS = 2000;

/** Watches the HEADs of models' repositories. */
export class HeadWatches {
  readonly #onMoved: (top: string) => void;
  /** By the folder that holds HEAD. */
  readonly #watches = new Map<string, { dispose(): void }>();

  /** @param onMoved HEAD of the repository in that folder may have moved. */
  constructor(onMoved: (top: string) => void) {
    this.#onMoved = onMoved;
  }

  /** Watches those of `models`, and no other. @param since When their HEADs were read, in ms of the Unix epoch. */
  follow(models: readonly WorkspaceModel[], since: number): void {
    const tops = new Map<string, string>();
    for (const { head } of models) if (head.kind === 'repository') tops.set(head.gitFolder, head.repository);
    for (const folder of this.#watches.keys()) if (!tops.has(folder)) this.leave(folder);
    for (const [folder, top] of tops) {
      if (this.#watches.has(folder)) continue;
      this.#watches.set(
        folder,
        watchHead(folder, () => this.#onMoved(top)),
      );
      // It may have moved after it was read, and before it was watched.
      void wasWrittenSince(folder, since).then((was) => {
        if (was) this.#onMoved(top);
      });
    }
  }

  /** The folder was made anew: it is watched when it is followed next. */
  leave(folder: string): void {
    this.#watches.get(folder)?.dispose();
    this.#watches.delete(folder);
  }

  /** What is in that folder is not what it was. */
  leaveIn(folder: string): void {
    for (const own of [...this.#watches.keys()]) if (isSpelledWithin(own, folder)) this.leave(own);
  }

  dispose(): void {
    for (const folder of [...this.#watches.keys()]) this.leave(folder);
  }
}

async function wasWrittenSince(folder: string, since: number): Promise<boolean> {
  const times = await Promise.all(
    WRITTEN.map((name) =>
      stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return times.some((time) => time >= since - CLOCK_STEP_MS);
}
