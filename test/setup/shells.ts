import { execa } from 'execa';
import type { ShellId } from '../../src/core/shells/shells.ts';
import { aptInstall } from './apt.ts';

/** A shell of this machine. */
export interface InstalledShell {
  readonly program: string;
  readonly id: ShellId;
  /** What makes it read a command, without anything that a person set for it. */
  readonly options: readonly string[];
}

const SHELLS: readonly InstalledShell[] = [
  // On Debian that is dash.
  { program: 'sh', id: 'posix', options: ['-c'] },
  { program: 'bash', id: 'posix', options: ['--norc', '-c'] },
  { program: 'zsh', id: 'posix', options: ['-f', '-c'] },
  { program: 'fish', id: 'fish', options: ['--no-config', '-c'] },
];

/** The shells that commands are written for, as far as they can be had here: installs Debian's where apt-get and the rights are there. */
export async function installedShells(): Promise<readonly InstalledShell[]> {
  const isHere = async ({ program }: InstalledShell) =>
    !(await execa(program, ['-c', 'exit 0'], { reject: false })).failed;
  const here = async () => {
    const found = await Promise.all(SHELLS.map(async (shell) => ((await isHere(shell)) ? [shell] : [])));
    return found.flat();
  };
  const found = await here();
  if (found.length === SHELLS.length) return found;
  await aptInstall('bash', 'zsh', 'fish');
  return here();
}
