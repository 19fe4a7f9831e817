import { huggingFacePath, type HuggingFaceSurroundings } from '../huggingFacePaths.ts';

export interface CacheFolder {
  /** Absolute path of the folder that holds the `models--…` folders. */
  readonly folder: string;
  /** Whether snapshots may hold links. */
  readonly links: boolean;
}

/** Where Hugging Face's clients keep models; undefined where that is no absolute path. */
export function cacheFolder(surroundings: HuggingFaceSurroundings): CacheFolder | undefined {
  const folder = huggingFacePath(['HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE'], 'hub', surroundings);
  if (folder === undefined) return undefined;
  return { folder, links: !isTrue(surroundings.environment.HF_HUB_DISABLE_SYMLINKS) };
}

function isTrue(value: string | undefined): boolean {
  return ['1', 'ON', 'YES', 'TRUE'].includes(value?.toUpperCase() ?? '');
}
