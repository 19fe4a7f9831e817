import path from 'node:path';
import { pointerTo, type Repository, storeObject } from '../unit/snapshot/repositories.ts';

/** Fills a repository with a model card, a config and weights in Git LFS, and commits. */
export function trainModel(made: Repository, weights: Buffer): Repository {
  made.write('README.md', '---\nlicense: mit\n---\n# A model\n');
  made.write('config.json', '{"model_type":"test"}\n');
  made.write('.gitattributes', '*.safetensors filter=lfs diff=lfs merge=lfs -text\n');
  made.git('config', 'filter.lfs.clean', 'cat');
  made.write('weights.safetensors', pointerTo(weights));
  storeObject(path.join(made.path, '.git', 'lfs'), weights);
  made.commit('Train the model');
  return made;
}
