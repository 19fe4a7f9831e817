import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { aptInstall } from './apt.ts';
import { cacheDirectory } from './cache.ts';
import { debianSource } from './debianSource.ts';

/** A Git built from the source package of Debian's newest suite. */
export interface NewestGit {
  /** Such as `2.55.0`. */
  readonly version: string;
  /** Absolute path of the program. */
  readonly program: string;
}

/** The suite that gets every release first. */
const SUITE = 'sid';

/** What building takes. */
const PACKAGES = ['make', 'gcc', 'libc6-dev', 'zlib1g-dev', 'xz-utils'];

/** Built-in commands are all that the tests run; nothing here talks to a network. What runs so briefly is not optimized. */
const BUILD = [
  'CFLAGS=-O0',
  'INSTALL_SYMLINKS=1',
  ...['CURL', 'OPENSSL', 'EXPAT', 'GETTEXT', 'PERL', 'PYTHON', 'TCLTK', 'RUST', 'GITWEB'].map(
    (part) => `NO_${part}=1`,
  ),
];

/**
 * The newest Git that can be had on this machine, built on first use (some minutes) and kept in the test cache; what is in the cache is
 * not asked for again. Where it cannot be had, undefined, and standard error says why; with `MODEL_REGISTRIES_REQUIRE_CLIENTS=1` that is a
 * failure instead.
 */
export async function newestGit(): Promise<NewestGit | undefined> {
  try {
    const kept = await cacheDirectory('git-newest');
    return (await builtIn(kept)) ?? (await build(kept));
  } catch (error) {
    const reason = `No newest Git: ${error instanceof Error ? error.message : String(error)}`;
    if (process.env.MODEL_REGISTRIES_REQUIRE_CLIENTS === '1') throw new Error(reason, { cause: error });
    process.stderr.write(`${reason}\nWhat is held against it is held against this machine’s own Git only.\n`);
    return undefined;
  }
}

/** Each folder is named for its version, and comes into being with all that belongs to it. */
async function builtIn(kept: string): Promise<NewestGit | undefined> {
  const versions = (await readdir(kept)).filter((name) => /^\d+(\.\w+)+$/.test(name));
  const [version] = versions.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return version === undefined ? undefined : { version, program: programIn(join(kept, version)) };
}

function programIn(prefix: string): string {
  return join(prefix, 'bin', 'git');
}

async function build(kept: string): Promise<NewestGit> {
  const onPath = (name: string) =>
    (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
  if (process.platform !== 'linux' || !onPath('apt-get')) {
    throw new Error('its source is taken from Debian, with apt-get, which this machine does not have.');
  }
  if (!['make', 'cc', 'xz'].every(onPath) || !existsSync('/usr/include/zlib.h')) {
    await aptInstall(...PACKAGES);
  }
  const work = await mkdtemp(join(tmpdir(), 'newest-git-'));
  try {
    process.stderr.write(`Building the newest Git, for ${kept}: this takes some minutes\n`);
    const source = await debianSource('git', SUITE, work);
    const version = /git-([\w.]+)$/.exec(source)?.[1];
    if (version === undefined) throw new Error(`its source folder is called ${source}.`);
    const prefix = join(kept, version);
    const made = join(work, 'made');
    const make = ['-n', '10', 'make', '-C', source, `-j${cpus().length}`, '-s', ...BUILD, `prefix=${prefix}`];
    await execa('nice', make);
    await execa('nice', [...make, `DESTDIR=${made}`, 'install']);
    return await keep(join(made, prefix), { version, program: programIn(prefix) });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Puts a build in its place at once, so that no other run ever sees a half of it. */
async function keep(made: string, git: NewestGit): Promise<NewestGit> {
  const prefix = join(git.program, '..', '..');
  // The temporary folder may be on another disk.
  const aside = await mkdtemp(join(prefix, '..', 'making-'));
  await execa('cp', ['-a', `${made}/.`, aside]);
  const { stdout } = await execa(programIn(aside), ['version']);
  if (stdout !== `git version ${git.version}`) throw new Error(`what was built says “${stdout}”.`);
  await rename(aside, prefix).catch(async (error: unknown) => {
    await rm(aside, { recursive: true, force: true });
    // Another run was faster.
    if (!existsSync(git.program)) throw error;
  });
  return git;
}
