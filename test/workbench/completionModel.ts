import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSampleWorkspace } from '../setup/sampleModel.ts';
import { openRepository, pointerTo, storeObject } from '../unit/snapshot/repositories.ts';
import type { Repository } from '../unit/snapshot/repositories.ts';
import type { Workbench } from './workbench.ts';

/** Local models of a workspace with a second model. */
export const detection = 'language-detection';
export const completion = 'code-completion';
export const shards = ['model-00001-of-00003', 'model-00002-of-00003', 'model-00003-of-00003'].map(
  (name) => `${name}.safetensors`,
);

const card = `---
license: mit
pipeline_tag: text-generation
tags:
  - code
---

# Code completion

Goes on with what was begun in 12 programming languages.
`;

/** Makes a second model beside the sample: weights in three objects of Git LFS, each of that many bytes. */
export async function addCompletionModel(folder: string, size: number): Promise<Repository> {
  const workspace = await makeSampleWorkspace(join(folder, 'acme'));
  const path = join(workspace.folder, completion);
  await mkdir(path);
  const repository = openRepository(path);
  repository.git('init', '--quiet', '--initial-branch=main');
  repository.git('config', 'user.name', 'Ada');
  repository.git('config', 'user.email', 'ada@example.com');
  repository.git('config', 'commit.gpgsign', 'false');
  // The files are pointers already.
  repository.git('config', 'filter.lfs.clean', 'cat');
  repository.write('.gitattributes', '*.safetensors filter=lfs diff=lfs merge=lfs -text\n');
  repository.write('README.md', card);
  repository.write('config.json', '{"model_type":"codegen","n_layer":24}\n');
  writeShards(repository, size);
  repository.commit('Complete code in 12 languages');
  return repository;
}

/** Commits weights that nobody has yet, so that they have to be sent. */
export function learnAnew(repository: Repository, size: number): void {
  writeShards(repository, size, `${repository.head()} `);
  repository.commit('Learn anew');
}

function writeShards(repository: Repository, size: number, filling = ''): void {
  for (const shard of shards) {
    const content = Buffer.alloc(size, filling + shard);
    repository.write(shard, pointerTo(content));
    storeObject(join(repository.path, '.git', 'lfs'), content);
  }
}

/** As far as the question before a publish. */
export async function askToPublish(workbench: Workbench, local: string, model: string): Promise<void> {
  const { quickInput } = workbench;
  await workbench.chooseFromContextMenu(workbench.rowIn('Local Models', local), 'Publish Model Snapshot…');
  await quickInput.titled('Publish Model Snapshot');
  await quickInput.choose('models');
  await quickInput.asks('Name of the model in acme/models');
  await quickInput.type(model);
  await quickInput.accept();
  await workbench.dialog.getByText(`Publish ${model} to acme/models?`).waitFor();
}

export async function publish(workbench: Workbench, local: string, model: string): Promise<void> {
  await askToPublish(workbench, local, model);
  await workbench.dialog.getByRole('button', { name: 'Publish', exact: true }).click();
}
