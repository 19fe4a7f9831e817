/** Runs the editor suites inside the extension host of a real VS Code; the extension is built, and `bundle.ts` has bundled them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Option, program } from 'commander';
import { chromium as playwright } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { chromium, chromiumFlags } from '../setup/chromium.ts';
import { EVIDENCE_LINE } from '../setup/evidence.ts';
import { projectFolder } from '../setup/project.ts';
import { makeSampleWorkspace } from '../setup/sampleModel.ts';
import { ANSWER_FOR_KEY, startServer, vscodeServer, vscodeVersions, writeSettings } from '../setup/vscode.ts';
import type { VscodeVersion } from '../setup/vscode.ts';
import { painted, UNPAINTED } from '../setup/unpainted.ts';
import { bundledSuites } from './bundle.ts';

/** Milliseconds after which a run that says nothing more is given up. */
const patience = 5 * 60_000;

/** Marks the reporter's lines among everything that the workbench prints. */
const linePrefix = 'editor-suite:';

interface Options {
  readonly vscode: VscodeVersion;
  readonly grep?: string;
  readonly results: string;
}

/** Gives the exit code of the tests. */
async function run({ vscode: version, grep, results }: Options): Promise<number> {
  const evidence = join(projectFolder, '.test-output', 'evidence', `editor-${version}`);
  const temporary = await mkdtemp(join(tmpdir(), 'model-registries-vscode-'));
  const browser = await playwright.launch({ executablePath: await chromium(), args: [...chromiumFlags] });
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
        MODEL_REGISTRIES_TEST_RESULTS: resolve(projectFolder, results),
        MODEL_REGISTRIES_TEST_LINE_PREFIX: linePrefix,
        MODEL_REGISTRIES_TEST_EVIDENCE: evidence,
        ...(version === vscodeVersions[0] ? {} : { MODEL_REGISTRIES_TEST_OLDEST: 'yes' }),
        ...(grep === undefined ? {} : { MODEL_REGISTRIES_TEST_GREP: grep }),
      },
    });
    try {
      const address = server.urlOf({
        folder: workspace.folder,
        payload: [
          ['extensionDevelopmentPath', server.remoteUri(projectFolder)],
          ['extensionTestsPath', server.remoteUri(bundledSuites)],
          ['skipWelcome', 'true'],
        ],
      });
      return await runPage(browser, address, join(projectFolder, '.test-output', 'editor', version));
    } finally {
      await server.stop();
    }
  } finally {
    await browser.close();
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Opens the workbench and gives the exit code of the tests in it. Keeps the workbench's logs. */
async function runPage(browser: Browser, address: string, logFolder: string): Promise<number> {
  const context = await browser.newContext({
    viewport: { width: 1024, height: 640 },
    reducedMotion: 'reduce',
  });
  try {
    const page = await context.newPage();
    await page.addInitScript(ANSWER_FOR_KEY);
    await page.addInitScript(UNPAINTED);
    const consoleLines: string[] = [];
    page.on('console', (message) => consoleLines.push(`${message.type()} ${message.text()}`));
    let timer: NodeJS.Timeout | undefined;
    const exit = new Promise<{ code: number; logs: WorkbenchLog[] }>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`The tests have said nothing for ${patience / 60_000} minutes.`)),
        patience,
      );
      const end = (code: number, logs: WorkbenchLog[]) => {
        clearTimeout(timer);
        timer = undefined;
        resolve({ code, logs });
      };
      page.once('crash', () => end(1, []));
      void page.exposeFunction('codeAutomationExit', end);
    });
    await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
      const line = args.map(asText).join(' ');
      if (!line.startsWith(linePrefix)) {
        consoleLines.push(`${type} ${line}`);
        return;
      }
      timer?.refresh();
      const said = line.slice(linePrefix.length);
      print(type, said);
      if (said.startsWith(EVIDENCE_LINE)) void photograph(page, said.slice(EVIDENCE_LINE.length));
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

/** How the window looks as a test has failed in it. */
async function photograph(page: Page, folder: string): Promise<void> {
  try {
    await painted(page, () => page.screenshot({ path: join(folder, 'window.png'), timeout: 10_000 }));
  } catch (error) {
    console.error(`There is no picture of the window: ${String(error)}`);
  }
}

/** What the reporter wrote to standard error goes there. */
function print(type: string, line: string): void {
  if (type === 'error') console.error(line);
  else console.log(line);
}

interface WorkbenchLog {
  readonly relativePath: string;
  readonly contents: string;
}

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

program
  .description('Runs the editor suites, which `bundle.ts` bundles, inside a real VS Code.')
  .addOption(
    new Option('--vscode <version>', 'in which').choices([...vscodeVersions]).default(vscodeVersions[0]),
  )
  .option('--grep <text>', 'only tests whose name holds it')
  .option('--results <file>', 'where to write how they ended', '.test-output/results/editor.json')
  .parse();
process.exitCode = await run(program.opts<Options>());
