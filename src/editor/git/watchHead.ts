import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

/** What a commit, a checkout or a reset writes in the folder that holds HEAD. */
const TELLING = new Set(['HEAD', 'index', 'packed-refs', 'logs']);

/**
 * Calls `onChange` when HEAD may have moved. VS Code's own watcher does not see what is in folders that were made in
 * quick succession, as by `git clone`, nor what is outside the workspace.
 *
 * @param folder Absolute path of the folder that holds HEAD, and its log in `logs`.
 */
export function watchHead(folder: string, onChange: () => void): { dispose(): void } {
  let log: FSWatcher | undefined;
  const followLog = () => {
    log?.close();
    log = watchFolder(join(folder, 'logs'), (name) => {
      if (name === 'HEAD') onChange();
    });
  };
  const own = watchFolder(folder, (name) => {
    // The log comes with the first commit.
    if (name === 'logs') followLog();
    if (name === undefined || TELLING.has(name)) onChange();
  });
  followLog();
  return {
    dispose() {
      own?.close();
      log?.close();
    },
  };
}

/** undefined where there is no such folder. */
function watchFolder(folder: string, onEvent: (name: string | undefined) => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, (_event, name) => onEvent(name ?? undefined));
    // The folder went away, which is told by those who watch the workspace.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
