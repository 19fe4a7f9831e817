/**
 * Bundles the extension host code and the webview scripts into `dist/`.
 * `--production` minifies; `--watch` rebuilds on change.
 */
import { copyFile, mkdir } from 'node:fs/promises';
import * as esbuild from 'esbuild';

const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');

/** @type {esbuild.BuildOptions} */
const shared = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  logLevel: 'info',
};

const extension = {
  ...shared,
  entryPoints: { extension: 'src/extension.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  external: ['vscode'],
};

const panels = {
  ...shared,
  entryPoints: { instructions: 'src/panels/instructions.ts' },
  outdir: 'dist/panels',
  platform: 'browser',
  target: 'es2022',
  format: 'iife',
};

await mkdir('dist/panels', { recursive: true });
for (const file of ['codicon.css', 'codicon.ttf']) {
  await copyFile(`node_modules/@vscode/codicons/dist/${file}`, `dist/panels/${file}`);
}

if (watch) {
  const contexts = await Promise.all([esbuild.context(extension), esbuild.context(panels)]);
  await Promise.all(contexts.map((context) => context.watch()));
} else {
  await Promise.all([esbuild.build(extension), esbuild.build(panels)]);
}
