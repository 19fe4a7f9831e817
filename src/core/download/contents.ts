import type { WantedFile } from './downloading.ts';
import { nameOf } from './partialFile.ts';

/** Files that all have one content. */
export type SameContent = readonly [WantedFile, ...WantedFile[]];

/** `files` by content, the largest first: what takes longest must not begin last. */
export function byContent(files: readonly WantedFile[]): SameContent[] {
  const contents = new Map<string, [WantedFile, ...WantedFile[]]>();
  for (const file of files) {
    const key = nameOf(file.id);
    const same = contents.get(key);
    if (same) same.push(file);
    else contents.set(key, [file]);
  }
  return [...contents.values()].sort(([a], [b]) => b.size - a.size);
}
