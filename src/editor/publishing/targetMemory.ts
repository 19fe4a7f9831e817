import type * as vscode from 'vscode';
import * as z from 'zod';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';

const KEY = 'publishing.targets';

/** Folders whose target is kept; the ones published longest ago go first. */
const KEPT = 100;

const target = z.object({
  accountId: z.string(),
  organization: z.string(),
  /** Slug. */
  registry: z.string(),
  /** `namespace/name`. */
  model: z.string(),
});
const stored = z.array(z.tuple([z.string(), target]));

/** Where a folder of a repository was last published to. */
export type RememberedTarget = z.infer<typeof target>;

/** What a command was called with, if it is a target. */
export function asTarget(value: unknown): RememberedTarget | undefined {
  return target.safeParse(value).data;
}

type Folder = Pick<Snapshot, 'repository' | 'folder'>;

export function rememberedTarget(memory: vscode.Memento, folder: Folder): RememberedTarget | undefined {
  return read(memory).find(([key]) => key === keyOf(folder))?.[1];
}

export async function rememberTarget(
  memory: vscode.Memento,
  folder: Folder,
  target: RememberedTarget,
): Promise<void> {
  const key = keyOf(folder);
  const others = read(memory).filter(([other]) => other !== key);
  await memory.update(KEY, [[key, target], ...others].slice(0, KEPT));
}

function read(memory: vscode.Memento): z.infer<typeof stored> {
  return stored.safeParse(memory.get(KEY)).data ?? [];
}

function keyOf({ repository, folder }: Folder): string {
  return JSON.stringify([repository, folder]);
}
