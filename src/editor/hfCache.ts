import { cacheFolder, type CacheFolder } from '../core/download/cacheFolder.ts';
import { homeFolder } from '../core/homeFolder.ts';

/** The Hugging Face cache of whoever runs VS Code; undefined where no absolute path names it. */
export function hfCache(): CacheFolder | undefined {
  const home = homeFolder() ?? '';
  return cacheFolder({ environment: process.env, home, platform: process.platform });
}
