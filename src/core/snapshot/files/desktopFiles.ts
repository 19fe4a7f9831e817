/** By macOS's Finder and Windows' Explorer, in folders that a person looks at. Windows tells no case apart. */
const DESKTOP_FILE = /^(?:\.DS_Store|desktop\.ini|thumbs\.db)$/i;

/**
 * Whether a file at `path` (forward slashes) is how a desktop shows the folder that it is in. Nobody put it there to be
 * published; where a commit holds one all the same, it belongs to that commit.
 */
export function isDesktopFile(path: string): boolean {
  return DESKTOP_FILE.test(path.slice(path.lastIndexOf('/') + 1));
}
