import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { projectFolder } from '../setup/project.ts';

/** The script that {@link bundleSuites} writes. */
export const bundledSuites = join(projectFolder, '.test-output', 'editor', 'suites.cjs');

/** Bundles all suites into one script that exports `run()`, as VS Code wants it. */
export async function bundleSuites(): Promise<void> {
  const folder = join(projectFolder, 'test', 'editor', 'suite');
  const files = (await readdir(folder, { recursive: true }))
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => file.replaceAll('\\', '/'))
    .sort();
  await build({
    stdin: {
      contents: `import { runSuites } from './run.ts';
export const run = () => runSuites([${files.map((file) => `() => import('./${file}')`).join(', ')}]);`,
      loader: 'ts',
      resolveDir: folder,
      sourcefile: 'suites.ts',
    },
    outfile: bundledSuites,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    sourcemap: 'inline',
    external: ['vscode'],
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: `const importMetaUrl = require('node:url').pathToFileURL(__filename).href;` },
    // Mocha's worker threads, which it uses only for parallel runs.
    logOverride: { 'require-resolve-not-external': 'silent' },
    logLevel: 'warning',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleSuites();
