import * as z from 'zod/mini';
import { folderMemory } from '../folderMemory.ts';

const build = z.object({
  accountId: z.string(),
  organization: z.string(),
  /** Slugs. */
  registry: z.string(),
  pipeline: z.string(),
  /** `namespace/name`. */
  model: z.string(),
});

/** What folders were last published with by a build. */
export const lastBuilds = folderMemory('pipelineBuilds.targets', build);
