/** Builds for production and writes dist/model-registries.vsix. No network, no questions. */
import { mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const { createVSIX, listFiles } = createRequire(import.meta.url)('@vscode/vsce');

const project = fileURLToPath(new URL('..', import.meta.url));
const vsix = 'dist/model-registries.vsix';

/** What the extension is made of. Anything else in the listing is a mistake in .vscodeignore. */
const belongs = [
  /^package(\.nls(\.[\w-]+)?)?\.json$/,
  /^(README\.md|CHANGELOG\.md|LICENSE)$/,
  /^l10n\/bundle\.l10n(\.[\w-]+)?\.json$/,
  /^dist\/extension\.cjs$/,
  /^dist\/panels\/[\w-]+\.(js|css|ttf)$/,
  /^media\/[\w-]+\.(png|svg|css)$/,
];
const needed = [
  'package.json',
  'package.nls.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'dist/extension.cjs',
  'dist/panels/instructions.js',
  'l10n/bundle.l10n.json',
  'media/icon.png',
];

await rm(new URL('../dist', import.meta.url), { recursive: true, force: true });
await mkdir(new URL('../dist', import.meta.url));
await execa('node', ['esbuild.mjs', '--production'], { cwd: project });

const files = (await listFiles({ cwd: project, dependencies: false })).map((file) =>
  file.replaceAll('\\', '/'),
);
const strangers = files.filter((file) => !belongs.some((pattern) => pattern.test(file)));
if (strangers.length > 0) throw new Error(`These files must not be in the VSIX: ${strangers.join(', ')}`);
const missing = needed.filter((file) => !files.includes(file));
if (missing.length > 0) throw new Error(`These files are missing from the VSIX: ${missing.join(', ')}`);

await createVSIX({
  cwd: project,
  packagePath: vsix,
  dependencies: false,
  allowMissingRepository: true,
  rewriteRelativeLinks: false,
});
