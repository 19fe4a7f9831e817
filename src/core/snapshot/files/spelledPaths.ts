import { posix, win32 } from 'node:path';
import { foldedName } from '../foldedName.ts';

/**
 * Whether two absolute paths are spellings of one place. They need not be real paths: Windows tells no case apart, of
 * drive letters neither, and macOS neither case nor how accents are put together. For what is shown and asked for;
 * what may be read or run is decided by real paths, by `isWithin`.
 */
export function isSamePath(one: string, other: string, platform = process.platform): boolean {
  return wayBetween(one, other, platform) === '';
}

/** Whether `path` is `folder`, or in it, however the two are spelled; as {@link isSamePath}. */
export function isSpelledWithin(path: string, folder: string, platform = process.platform): boolean {
  const paths = platform === 'win32' ? win32 : posix;
  const way = wayBetween(folder, path, platform);
  return way !== '..' && !way.startsWith(`..${paths.sep}`) && !paths.isAbsolute(way);
}

function wayBetween(from: string, to: string, platform: NodeJS.Platform): string {
  if (platform === 'win32') return win32.relative(from, to);
  if (platform === 'darwin') return posix.relative(foldedName(from), foldedName(to));
  return posix.relative(from, to);
}
