/**
 * Builds for production and writes `dist/model-registries.vsix`, and beside it what it is made of,
 * `dist/model-registries.cdx.json` (CycloneDX). No network, no questions. The same sources give the same bytes,
 * whenever, wherever and by whomever they are packaged: the one date in it is SOURCE_DATE_EPOCH
 * (https://reproducible-builds.org/specs/source-date-epoch/), or that of the last commit.
 */
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { shippedSbom } from './sbom.mjs';

const { createVSIX, listFiles, PackageManager } = createRequire(import.meta.url)('@vscode/vsce');

const project = fileURLToPath(new URL('..', import.meta.url));
const dist = join(project, 'dist');

/** What the extension is made of. Anything else in the listing is a mistake in .vscodeignore. */
const belongs = [
  /^package(\.nls(\.[\w-]+)?)?\.json$/,
  /^(README\.md|CHANGELOG\.md|SECURITY\.md|LICENSE)$/,
  /^l10n\/bundle\.l10n(\.[\w-]+)?\.json$/,
  /^dist\/extension(\/[\w-]+)?\.js$/,
  /^dist\/THIRD-PARTY-NOTICES\.txt$/,
  /^dist\/panels\/[\w-]+\.(js|css|ttf)$/,
  /^media\/[\w-]+\.(png|svg|css)$/,
  /^media\/walkthrough\/\w+\.md$/,
  /^media\/oidcPolicy\.\w+\.json$/,
];
const needed = [
  'package.json',
  'package.nls.json',
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'LICENSE',
  'dist/extension.js',
  'dist/THIRD-PARTY-NOTICES.txt',
  'dist/panels/instructions.js',
  'l10n/bundle.l10n.json',
  'media/icon.png',
  'media/walkthrough/signIn.md',
  'media/oidcPolicy.language.json',
  'media/oidcPolicy.tmLanguage.json',
];

const date = await sourceDate();
await rm(dist, { recursive: true, force: true });
await mkdir(dist);
await execa('node', ['esbuild.mjs', '--production'], { cwd: project });
await writeVsix(await listedFiles());
const shipped = JSON.parse(await readFile(join(dist, 'shipped.json'), 'utf8'));
const sbom = await shippedSbom(shipped, project, date);
await writeFile(join(dist, 'model-registries.cdx.json'), `${JSON.stringify(sbom, null, 2)}\n`);

async function sourceDate() {
  const { SOURCE_DATE_EPOCH: given } = process.env;
  if (given) return dateOf(given);
  const { stdout, failed } = await execa('git', ['log', '-1', '--format=%ct'], {
    cwd: project,
    reject: false,
  });
  // The earliest that a ZIP archive can tell.
  return failed ? new Date('1980-01-01T00:00:00Z') : dateOf(stdout);
}

function dateOf(seconds) {
  if (/^\d{1,11}$/.test(seconds)) return new Date(Number(seconds) * 1000);
  throw new Error(`SOURCE_DATE_EPOCH is "${seconds}" instead of a number of seconds.`);
}

async function listedFiles() {
  const files = (await listFiles({ cwd: project, packageManager: PackageManager.None })).map((file) =>
    file.replaceAll('\\', '/'),
  );
  const strangers = files.filter((file) => !belongs.some((pattern) => pattern.test(file)));
  if (strangers.length > 0) throw new Error(`These files must not be in the VSIX: ${strangers.join(', ')}`);
  const missing = needed.filter((file) => !files.includes(file));
  if (missing.length > 0) throw new Error(`These files are missing from the VSIX: ${missing.join(', ')}`);
  return files;
}

/** Packs copies that anybody may read, because an archive keeps the permissions that files have on this machine. */
async function writeVsix(files) {
  const stage = await mkdtemp(join(tmpdir(), 'model-registries-vsix-'));
  try {
    for (const file of [...files, '.vscodeignore']) {
      const copy = join(stage, file);
      await mkdir(dirname(copy), { recursive: true });
      await copyFile(join(project, file), copy);
      await chmod(copy, 0o644);
    }
    await writeFile(join(stage, 'package.json'), await manifestOfUsers());
    // Obeyed by vsce. An archive has local times.
    Object.assign(process.env, { SOURCE_DATE_EPOCH: String(date.getTime() / 1000), TZ: 'UTC' });
    // What is bundled is no dependency any more.
    await createVSIX({
      cwd: stage,
      packagePath: join(dist, 'model-registries.vsix'),
      dependencies: false,
    });
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** The manifest without what only a checkout can do, such as the build that `vsce package` begins with there. */
async function manifestOfUsers() {
  const manifest = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
  delete manifest.scripts;
  delete manifest.devDependencies;
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
