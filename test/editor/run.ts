/** Runs the editor suites inside the extension host of a real VS Code: `--vscode VERSION` for one, `--grep TEXT` for some. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { styleText } from 'node:util';
import { program } from 'commander';
import { chromium as playwright } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { chromium, chromiumFlags } from '../setup/chromium.ts';
import { projectFolder, runProjectScript } from '../setup/project.ts';
import { readResults } from '../setup/resultsReporter.ts';
import { makeSampleWorkspace } from '../setup/sampleModel.ts';
import { startServer, vscodeServer, vscodeVersions, writeSettings } from '../setup/vscode.ts';
import type { VscodeVersion } from '../setup/vscode.ts';
import { bundleSuites } from './bundle.ts';

/** Milliseconds after which a run that says nothing more is given up. */
const patience = 10 * 60_000;

/** Marks the reporter's lines among everything that the workbench prints. */
const linePrefix = 'editor-suite:';

interface Outcome {
  readonly version: VscodeVersion;
  readonly line: string;
  readonly good: boolean;
}

async function runIn(
  version: VscodeVersion,
  browser: Browser,
  tests: string,
  grep: string | undefined,
): Promise<Outcome> {
  const results = join(projectFolder, '.test-output', 'results', `editor-${version}.json`);
  await rm(results, { force: true });
  const temporary = await mkdtemp(join(tmpdir(), 'model-registries-vscode-'));
  try {
    const workspace = await makeSampleWorkspace(join(temporary, 'workspace'));
    const dataDirectory = join(temporary, 'data');
    await writeSettings(dataDirectory, {});
    const server = await startServer({
      server: await vscodeServer(version),
      dataDirectory,
      extensionsDirectory: join(temporary, 'extensions'),
      testDriver: true,
      environment: {
        MODEL_REGISTRIES_TEST_RESULTS: results,
        MODEL_REGISTRIES_TEST_LINE_PREFIX: linePrefix,
        ...(grep === undefined ? {} : { MODEL_REGISTRIES_TEST_GREP: grep }),
      },
    });
    try {
      const address = server.urlOf({
        folder: workspace.folder,
        payload: [
          ['extensionDevelopmentPath', server.remoteUri(projectFolder)],
          ['extensionTestsPath', server.remoteUri(tests)],
          ['skipWelcome', 'true'],
        ],
      });
      const code = await runPage(browser, address, join(projectFolder, '.test-output', 'editor', version));
      const counts = readResults(results);
      if (counts === undefined) return { version, good: false, line: `no results (exit code ${code})` };
      const total = counts.passed + counts.failed + counts.skipped;
      return {
        version,
        good: code === 0 && counts.failed === 0 && total > 0,
        line: `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
      };
    } finally {
      await server.stop();
    }
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Opens the workbench and gives the exit code of the tests in it. Keeps the workbench's logs. */
async function runPage(browser: Browser, address: string, logFolder: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  try {
    const page = await context.newPage();
    const consoleLines: string[] = [];
    page.on('console', (message) => consoleLines.push(`${message.type()} ${message.text()}`));
    const exit = new Promise<{ code: number; logs: WorkbenchLog[] }>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`The tests did not end within ${patience / 60_000} minutes.`)),
        patience,
      );
      const end = (code: number, logs: WorkbenchLog[]) => {
        clearTimeout(timer);
        resolve({ code, logs });
      };
      page.once('crash', () => end(1, []));
      void page.exposeFunction('codeAutomationExit', end);
    });
    await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
      const line = args.map(asText).join(' ');
      if (line.startsWith(linePrefix)) console.log(line.slice(linePrefix.length));
      else consoleLines.push(`${type} ${line}`);
    });
    await page.goto(address);
    const { code, logs } = await exit;
    const files = [...logs, { relativePath: 'console.log', contents: `${consoleLines.join('\n')}\n` }];
    for (const { relativePath, contents } of files) {
      const file = join(logFolder, relativePath);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, contents);
    }
    if (code !== 0) console.error(`Logs of the workbench: ${logFolder}`);
    return code;
  } finally {
    await context.close();
  }
}

interface WorkbenchLog {
  readonly relativePath: string;
  readonly contents: string;
}

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

program
  .description('Runs the editor suites inside a real VS Code.')
  .option('--vscode <version>', `one of ${vscodeVersions.join(', ')}; both when absent`)
  .option('--grep <text>', 'only tests whose name holds it')
  .parse();
const { vscode: wanted, grep } = program.opts<{ vscode?: string; grep?: string }>();
const versions = vscodeVersions.filter((version) => wanted === undefined || version === wanted);
if (versions.length === 0) program.error(`--vscode is one of ${vscodeVersions.join(', ')}`);

await runProjectScript('esbuild.mjs');
const tests = await bundleSuites();
const browser = await playwright.launch({ executablePath: await chromium(), args: [...chromiumFlags] });
const outcomes: Outcome[] = [];
try {
  for (const version of versions) {
    console.log(styleText('bold', `\nVS Code ${version}`));
    outcomes.push(await runIn(version, browser, tests, grep));
  }
} finally {
  await browser.close();
}
for (const { version, line } of outcomes) console.log(`VS Code ${version}: ${line}`);
process.exitCode = outcomes.every(({ good }) => good) ? 0 : 1;
