/** Runs the editor suites in a desktop VS Code, downloaded by @vscode/test-electron: `--vscode VERSION`, `--grep TEXT`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { program } from 'commander';
import { cacheDirectory } from '../setup/cache.ts';
import { projectFolder, runProjectScript } from '../setup/project.ts';
import { makeSampleWorkspace } from '../setup/sampleModel.ts';
import { bundledSuites, bundleSuites } from './bundle.ts';

program
  .description('Runs the editor suites in a desktop VS Code.')
  .option('--vscode <version>', 'a released version, stable or insiders', 'stable')
  .option('--grep <text>', 'only tests whose name holds it')
  .parse();
const { vscode: version, grep } = program.opts<{ vscode: string; grep?: string }>();

await runProjectScript('esbuild.mjs');
await bundleSuites();
const temporary = await mkdtemp(join(tmpdir(), 'model-registries-desktop-'));
try {
  const workspace = await makeSampleWorkspace(join(temporary, 'workspace'));
  await runTests({
    version,
    cachePath: await cacheDirectory('desktop'),
    extensionDevelopmentPath: projectFolder,
    extensionTestsPath: bundledSuites,
    extensionTestsEnv: {
      MODEL_REGISTRIES_TEST_RESULTS: join(
        projectFolder,
        '.test-output',
        'results',
        `desktop-${version}.json`,
      ),
      MODEL_REGISTRIES_TEST_GREP: grep,
    },
    launchArgs: [
      workspace.folder,
      ...['--user-data-dir', join(temporary, 'data'), '--extensions-dir', join(temporary, 'extensions')],
      ...['--disable-workspace-trust', '--disable-telemetry', '--password-store=basic'],
    ],
  });
} finally {
  await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
}
