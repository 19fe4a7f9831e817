import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { cacheDirectory } from './cache.ts';

/**
 * Installs Debian packages where apt-get and the rights for it are there; elsewhere does nothing. Of several processes that ask at once,
 * one goes on and the others wait for it: apt-get itself gives up where another one is at work.
 */
export async function aptInstall(...packages: readonly string[]): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return;
  const folders = (process.env.PATH ?? '').split(delimiter);
  if (!['apt-get', 'flock'].every((program) => folders.some((folder) => existsSync(join(folder, program)))))
    return;
  process.stderr.write(`Installing ${packages.join(', ')} with apt-get\n`);
  const lock = join(await cacheDirectory('apt'), 'lock');
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'] as const,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    reject: false,
  };
  const install = 'apt-get update -qq; apt-get install -y -qq --no-install-recommends "$@"';
  await execa('flock', [lock, 'sh', '-c', install, 'sh', ...packages], options);
}
