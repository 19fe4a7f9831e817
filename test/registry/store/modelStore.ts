import * as fs from 'node:fs';
import * as path from 'node:path';
import { ModelRepository } from './modelRepository.ts';
import { ObjectStore } from './objects.ts';

/** The models of all registries: `registries/{id}/models/{namespace}/{name}.git`, with the objects of a registry beside them. */
export class ModelStore {
  readonly #folder: string;
  readonly #models = new Map<string, ModelRepository>();
  readonly #objects = new Map<string, ObjectStore>();

  /** @param dataDir of the local registry. */
  constructor(dataDir: string) {
    this.#folder = path.join(dataDir, 'registries');
  }

  objects(registryId: string): ObjectStore {
    let objects = this.#objects.get(registryId);
    if (!objects) {
      objects = new ObjectStore(path.join(this.#folder, registryId));
      this.#objects.set(registryId, objects);
    }
    return objects;
  }

  /** @param model `namespace/name`, judged by `modelNameProblem` before. */
  model(registryId: string, model: string): ModelRepository {
    const gitDirectory = `${path.join(this.#folder, registryId, 'models', ...model.split('/'))}.git`;
    let repository = this.#models.get(gitDirectory);
    if (!repository) {
      repository = new ModelRepository(gitDirectory, this.objects(registryId));
      this.#models.set(gitDirectory, repository);
    }
    return repository;
  }

  /** `namespace/name` of every model of a registry, in no order. */
  async names(registryId: string): Promise<string[]> {
    const folder = path.join(this.#folder, registryId, 'models');
    const names: string[] = [];
    for (const namespace of await listed(folder)) {
      for (const name of await listed(path.join(folder, namespace))) {
        // One that is being made has no such end yet.
        if (name.endsWith('.git')) names.push(`${namespace}/${name.slice(0, -'.git'.length)}`);
      }
    }
    return names;
  }

  /** Removes registries that are gone, and what interrupted uploads left in the others. */
  async sweep(registryIds: readonly string[], keepUploadsMs: number): Promise<void> {
    await fs.promises.mkdir(this.#folder, { recursive: true });
    for (const id of await fs.promises.readdir(this.#folder)) {
      if (registryIds.includes(id)) await this.objects(id).sweep(keepUploadsMs);
      else await fs.promises.rm(path.join(this.#folder, id), { recursive: true, force: true });
    }
  }
}

async function listed(folder: string): Promise<string[]> {
  try {
    return await fs.promises.readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
