import { existsSync } from 'node:fs';
import { aptInstall } from './apt.ts';

interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Where a browser of the Chromium family may be, best first. `CHROMIUM_PATH` decides alone when set. */
export function chromiumCandidates({ platform, environment }: Surroundings): readonly string[] {
  const chosen = environment.CHROMIUM_PATH;
  if (chosen) return [chosen];
  if (platform === 'darwin') {
    return ['Chromium', 'Google Chrome', 'Microsoft Edge'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  }
  if (platform === 'win32') {
    return ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']
      .flatMap((name) => environment[name] ?? [])
      .flatMap((folder) => [
        `${folder}\\Chromium\\Application\\chrome.exe`,
        `${folder}\\Google\\Chrome\\Application\\chrome.exe`,
        `${folder}\\Microsoft\\Edge\\Application\\msedge.exe`,
      ]);
  }
  const folders = (environment.PATH ?? '').split(':').filter((folder) => folder !== '');
  return ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'].flatMap(
    (name) => folders.map((folder) => `${folder}/${name}`),
  );
}

/**
 * Absolute path of a browser of the Chromium family. Installs Debian's where apt-get and the rights for it are there.
 * @throws Error that names the command to run
 */
export async function chromium(): Promise<string> {
  const find = () =>
    chromiumCandidates({ platform: process.platform, environment: process.env }).find((path) =>
      existsSync(path),
    );
  const found = find();
  if (found !== undefined) return found;
  if (process.env.CHROMIUM_PATH) {
    throw new Error(`CHROMIUM_PATH names ${process.env.CHROMIUM_PATH}, which does not exist.`);
  }
  await aptInstall('chromium');
  const installed = find();
  if (installed !== undefined) return installed;
  throw new Error(
    `No browser of the Chromium family was found. ${installCommand[process.platform] ?? 'Install Chromium'}, or set CHROMIUM_PATH.`,
  );
}

const installCommand: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'Run: sudo apt-get install chromium',
  darwin: 'Run: brew install --cask chromium',
  win32: 'Run: winget install Google.Chrome',
};

/** Flags for an unattended run: no sandbox for root, no network of its own. */
export const chromiumFlags: readonly string[] = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
