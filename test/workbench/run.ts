/**
 * Packages the extension and runs the workbench suites against that VSIX: `--vscode VERSION`, `--grep TEXT`;
 * `--update-screenshots` takes the pictures of the README anew.
 */
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { program } from 'commander';
import Mocha from 'mocha';
import { aptInstall } from '../setup/apt.ts';
import { projectFolder, runProjectScript } from '../setup/project.ts';
import ResultsReporter from '../setup/resultsReporter.ts';
import { vscodeServer, vscodeVersions } from '../setup/vscode.ts';

const screenshots = join(projectFolder, '.test-output', 'screenshots');

/** Those of the README among them. */
const pictures = join(screenshots, 'pictures');

program
  .description('Uses the packaged extension in Chromium as a person does.')
  .option('--vscode <version>', `one of ${vscodeVersions.join(', ')}`, vscodeVersions[0])
  .option('--grep <text>', 'only tests whose name holds it')
  .option('--update-screenshots', 'copies the pictures of the README that were taken to media/screenshots')
  .parse();
const options = program.opts<{ vscode: string; grep?: string; updateScreenshots?: boolean }>();
const version = vscodeVersions.find((known) => known === options.vscode);
if (version === undefined) program.error(`--vscode is one of ${vscodeVersions.join(', ')}`);

await runProjectScript('scripts/package.mjs');
await vscodeServer(version);
process.env.MODEL_REGISTRIES_TEST_VSCODE = version;
if (options.updateScreenshots === true) await aptInstall('fonts-noto-color-emoji');
await rm(screenshots, { recursive: true, force: true });

const mocha = new Mocha({
  timeout: 60_000,
  forbidOnly: true,
  reporter: ResultsReporter,
  reporterOptions: { results: join(projectFolder, '.test-output', 'results', 'workbench.json') },
  grep: options.grep,
});
for (const file of (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.test.ts')).sort()) {
  mocha.addFile(join(import.meta.dirname, file));
}
await mocha.loadFilesAsync();
const { failed, total } = await new Promise<{ failed: number; total: number }>((resolve) => {
  const runner = mocha.run((failures) => resolve({ failed: failures, total: runner.stats?.tests ?? 0 }));
});
if (total === 0) console.error('No test ran.');
if (options.updateScreenshots === true && failed === 0) {
  const folder = join(projectFolder, 'media', 'screenshots');
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(pictures)) await copyFile(join(pictures, file), join(folder, file));
}
process.exitCode = failed > 0 || total === 0 ? 1 : 0;
