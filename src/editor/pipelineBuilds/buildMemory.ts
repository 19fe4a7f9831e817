import type * as vscode from 'vscode';
import * as z from 'zod';

const KEY = 'pipelineBuilds.targets';

/** Folders whose build is kept; the ones built longest ago go first. */
const KEPT = 100;

const target = z.object({
  accountId: z.string(),
  organization: z.string(),
  /** Slugs. */
  registry: z.string(),
  pipeline: z.string(),
  /** `namespace/name`. */
  model: z.string(),
});
const stored = z.array(z.tuple([z.string(), target]));

/** What a folder was last published with on Buildkite. */
export type RememberedBuild = z.infer<typeof target>;

interface Folder {
  /** Top folder of the repository. */
  readonly repository: string;
  /** The folder in it, forward slashes. */
  readonly folder: string;
}

export function rememberedBuild(memory: vscode.Memento, folder: Folder): RememberedBuild | undefined {
  return read(memory).find(([key]) => key === keyOf(folder))?.[1];
}

export async function rememberBuild(
  memory: vscode.Memento,
  folder: Folder,
  build: RememberedBuild,
): Promise<void> {
  const key = keyOf(folder);
  const others = read(memory).filter(([other]) => other !== key);
  await memory.update(KEY, [[key, build], ...others].slice(0, KEPT));
}

function read(memory: vscode.Memento): z.infer<typeof stored> {
  return stored.safeParse(memory.get(KEY)).data ?? [];
}

function keyOf({ repository, folder }: Folder): string {
  return JSON.stringify([repository, folder]);
}
