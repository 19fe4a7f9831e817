import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';

/** Installs Debian packages where apt-get and the rights for it are there; elsewhere does nothing. */
export async function aptInstall(...packages: readonly string[]): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return;
  const folders = (process.env.PATH ?? '').split(delimiter);
  if (!folders.some((folder) => existsSync(join(folder, 'apt-get')))) return;
  process.stderr.write(`Installing ${packages.join(', ')} with apt-get\n`);
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'] as const,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    reject: false,
  };
  await execa('apt-get', ['update', '-qq'], options);
  await execa('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
}
