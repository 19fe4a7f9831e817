/**
 * Bundles the extension host code, the webview scripts and the command line into `dist/`.
 * `--production` minifies; `--watch` rebuilds on change; `--cli FOLDER` builds the command line alone, into that folder.
 */
import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';
import { noticesText } from './scripts/notices.mjs';
import { onDemand } from './scripts/onDemand.mjs';
import { inputsOf, shippedPackages } from './scripts/shipped.mjs';

const {
  production,
  watch,
  cli: cliFolder,
} = parseArgs({
  options: { production: { type: 'boolean' }, watch: { type: 'boolean' }, cli: { type: 'string' } },
}).values;

/** @type {esbuild.BuildOptions} */
const shared = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  // They go into the notices.
  legalComments: watch || cliFolder !== undefined ? 'none' : 'external',
  metafile: true,
  logLevel: cliFolder === undefined ? 'info' : 'warning',
};

/** What is CommonJS inside asks for Node's own modules by `require`. */
const requireOfModule = {
  js: "import { createRequire as createRequireOfModule } from 'node:module'; const require = createRequireOfModule(import.meta.url);",
};

/** Every window loads it: what only some need is in parts that are loaded when they do. */
const extension = {
  ...shared,
  entryPoints: { extension: 'src/extension.ts' },
  outdir: 'dist',
  platform: 'node',
  target: 'node22',
  format: 'esm',
  splitting: true,
  chunkNames: 'extension/[name]-[hash]',
  external: ['vscode'],
  banner: requireOfModule,
  plugins: [onDemand(import.meta.dirname, ['src/core', 'src/editor'], () => 'rest')],
};

const panels = {
  ...shared,
  entryPoints: { instructions: 'src/panels/instructions.ts', modelPage: 'src/panels/modelPage.ts' },
  outdir: 'dist/panels',
  platform: 'browser',
  target: 'es2022',
  format: 'iife',
};

/**
 * For the oldest Node.js of package.json's `engines`, unlike the extension, which VS Code brings the Node.js for. Every call reads it
 * anew: it is minified, and `publish`, which runs in loops and hooks, reads no more than it needs.
 */
const cli = {
  ...shared,
  minify: true,
  entryPoints: { cli: 'src/cli.ts' },
  outdir: cliFolder ?? 'dist',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  splitting: true,
  chunkNames: 'cli/[name]-[hash]',
  // Binaries are made per platform, and may be missing; `kerberos` is for a way to log in to proxies that is not offered.
  external: ['@napi-rs/keyring', 'kerberos'],
  banner: requireOfModule,
  plugins: [
    onDemand(import.meta.dirname, ['src/core', 'src/cli'], partOfCommandLine),
    {
      name: 'executable',
      setup: ({ initialOptions: { outdir }, onEnd }) =>
        onEnd(async ({ errors }) => {
          if (errors.length === 0) await chmod(join(outdir, 'cli.js'), 0o755);
        }),
    },
  ],
};

/** What is imported on demand in the command line and has a part of its own: what runs often, and what brings much and is seldom needed. */
const ownParts = {
  publish: /\/publish\/(carryOut|planLooks|warnings)\.ts$/,
  list: /\/browse\/list\.ts$/,
  browse: /\/browse\/(compare|show)\.ts$/,
  download: /\/download\/carryOut\.ts$/,
  completion: /\/completion\//,
  frontMatter: /\/frontMatter\.ts$/,
  proxies: /\/proxies\.ts$/,
  secretTexts: /\/secretTexts\.ts$/,
};

function partOfCommandLine(path) {
  const [own] = Object.entries(ownParts).find(([, pattern]) => pattern.test(path)) ?? [];
  return own ?? 'rest';
}

// The names of its parts change with what is in them.
await rm(join(cli.outdir, 'cli'), { recursive: true, force: true });
if (cliFolder !== undefined) {
  await esbuild.build(cli);
  process.exit();
}

await rm('dist/extension', { recursive: true, force: true });
await mkdir('dist/panels', { recursive: true });
const assets = ['codicon.css', 'codicon.ttf'].map((file) => `node_modules/@vscode/codicons/dist/${file}`);
for (const asset of assets) await copyFile(asset, join('dist/panels', basename(asset)));

const builds = { extension, panels, cli };
if (watch) {
  const contexts = await Promise.all(Object.values(builds).map((options) => esbuild.context(options)));
  await Promise.all(contexts.map((context) => context.watch()));
} else {
  const metafiles = await Promise.all(
    Object.entries(builds).map(async ([name, options]) => [name, (await esbuild.build(options)).metafile]),
  );
  await writeNotices(Object.fromEntries(metafiles));
}

/** Writes what is in the bundles of others, for the bill of materials, and the notices that their licences ask for. */
async function writeNotices(metafiles) {
  const inputs = Object.fromEntries(Object.entries(metafiles).map(([name, file]) => [name, inputsOf(file)]));
  inputs.panels.push(...assets);
  const packages = await shippedPackages(inputs, '.');
  const list = packages.map(({ name, version, bundles }) => ({ name, version, bundles }));
  await writeFile(
    'dist/shipped.json',
    `${JSON.stringify(list, null, 2)}
`,
  );
  await writeFile('dist/THIRD-PARTY-NOTICES.txt', noticesText(packages, await takeLegalComments('dist')));
}

/** The licence comments that esbuild took out of the files of a folder. The files that it put them into are removed. */
async function takeLegalComments(folder) {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.LEGAL.txt'));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  await Promise.all(files.map((file) => rm(join(folder, file))));
  // esbuild puts the paths of their packages before them.
  return texts.flatMap((text) => text.match(/\/\*[^]*?\*\/|\/\/.*/g) ?? []);
}
