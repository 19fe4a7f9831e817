import type * as vscode from 'vscode';
import * as z from 'zod/mini';

/** A folder of a repository. */
interface RememberedFolder {
  /** Top folder of the repository. */
  readonly repository: string;
  /** The folder in it, forward slashes. */
  readonly folder: string;
}

/** What is remembered of folders in a workspace's memory. */
interface FolderMemory<T> {
  of(memory: vscode.Memento, folder: RememberedFolder): T | undefined;
  remember(memory: vscode.Memento, folder: RememberedFolder, value: T): Promise<void>;
}

/** Folders that something is kept of; the ones remembered longest ago go first. */
const KEPT = 100;

const stored = z.array(z.tuple([z.string(), z.unknown()]));

/**
 * @param key Of the memory's entry.
 * @param shape Of what is remembered of a folder. Another version of the extension may remember something else: that counts as nothing,
 * and stays for it.
 */
export function folderMemory<T>(key: string, shape: z.ZodMiniType<T>): FolderMemory<T> {
  const read = (memory: vscode.Memento) => stored.safeParse(memory.get(key)).data ?? [];
  return {
    of: (memory, folder) => shape.safeParse(read(memory).find(([name]) => name === nameOf(folder))?.[1]).data,
    async remember(memory, folder, value) {
      const name = nameOf(folder);
      const others = read(memory).filter(([other]) => other !== name);
      await memory.update(key, [[name, value], ...others].slice(0, KEPT));
    },
  };
}

function nameOf({ repository, folder }: RememberedFolder): string {
  return JSON.stringify([repository, folder]);
}
