import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { SampleWorkspace } from '../setup/sampleModel.ts';

/** HEAD of the sample model: its commit, and its files by path with their real content. */
export async function sampleHead({
  model,
}: SampleWorkspace): Promise<{ readonly commit: string; readonly files: Readonly<Record<string, Buffer>> }> {
  const git = async (...args: readonly string[]) => (await execa('git', [...args], { cwd: model })).stdout;
  const files: Record<string, Buffer> = {};
  for (const path of (await git('ls-tree', '-r', '--name-only', 'HEAD')).split('\n')) {
    files[path] = await readFile(join(model, path));
  }
  return { commit: await git('rev-parse', 'HEAD'), files };
}
