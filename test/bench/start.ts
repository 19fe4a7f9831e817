/**
 * What the extension costs each window before anybody uses it: the files that VS Code loads to activate it, their size, the time until
 * they are loaded, in a process of its own each time, and the time that `activate` takes in windows of a real VS Code. Builds what people
 * get. `npm run bench:start`
 */
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { chromium as playwright } from 'playwright-core';
import { chromium, chromiumFlags } from '../setup/chromium.ts';
import { projectFolder as project } from '../setup/project.ts';
import { makeSampleWorkspace } from '../setup/sampleModel.ts';
import { until } from '../setup/until.ts';
import { startServer, vscodeServer, vscodeVersions, writeSettings } from '../setup/vscode.ts';

const require = createRequire(import.meta.url);
const RUNS = 15;
const WINDOWS = 9;

/** The program of such a process: the address of the file, and the names. */
const LOADING = `
import { register } from 'node:module';
const [url, names] = process.argv.slice(1);
const anything = () => new Proxy(class {}, {
  get: (target, name) => name === 'prototype' || name === Symbol.toPrimitive ? target[name] : anything(),
  apply: anything, construct: anything,
});
globalThis.anything = anything;
const editor = 'data:text/javascript,' + encodeURIComponent(
  names.split(',').map((name) => 'export const ' + name + ' = globalThis.anything();').join('\\n'));
register('data:text/javascript,' + encodeURIComponent(
  'export const resolve = (name, context, next) => name === "vscode" ? { url: ' + JSON.stringify(editor) + ', shortCircuit: true } : next(name, context);'));
const start = performance.now();
await import(url);
console.log(performance.now() - start);
process.exit();
`;

/** The extension's own entry, with a watch. */
const TIMED = `
import { writeFileSync } from 'node:fs';
const start = performance.now();
const extension = await import('./extension.js');
const loading = performance.now() - start;
export function activate(context) {
  const [begun, used] = [performance.now(), process.threadCpuUsage()];
  const result = extension.activate(context);
  const activate = performance.now() - begun;
  const { user, system } = process.threadCpuUsage(used);
  const computing = (user + system) / 1000;
  writeFileSync(process.env.MODEL_REGISTRIES_BENCH_TIMES, JSON.stringify({ loading, activate, computing }));
  return result;
}
`;

const { main } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as {
  readonly main: string;
};
await execa('node', ['esbuild.mjs', '--production'], { cwd: project });
const entry = join(project, main);
const files = await staticFiles(entry);
const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
const times: number[] = [];
for (let run = 0; run < RUNS; run += 1) times.push(await loadingTime(entry));
const activations = await activationTimes();

console.log(
  `loaded at the start: ${sizes.reduce((sum, size) => sum + size, 0)} bytes in ${files.length} files`,
);
console.log(`loading them: ${inWords(times)}`);
console.log(
  `in a window: loading ${inWords(activations.map(({ loading }) => loading))}; activate ${inWords(activations.map(({ activate }) => activate))}, of which it computes ${inWords(activations.map(({ computing }) => computing))}`,
);

function inWords(all: readonly number[]): string {
  const sorted = [...all].sort((a, b) => a - b);
  const [least, middle, most] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map((ms) =>
    ms!.toFixed(1),
  );
  return `${middle} ms (median of ${sorted.length}, ${least} to ${most})`;
}

/** The file, and those that it imports without being asked to, absolute paths. */
async function staticFiles(from: string, found = new Set<string>()): Promise<readonly string[]> {
  if (found.has(from)) return [...found];
  found.add(from);
  const text = await readFile(from, 'utf8');
  for (const [, name = ''] of text.matchAll(
    /\b(?:import|export)\s*(?:[\w*{}\s,$]*?from\s*)?"(\.[^"]+\.js)"/g,
  )) {
    await staticFiles(resolve(dirname(from), name), found);
  }
  return [...found];
}

/** Milliseconds of `import()` in a new process, in which `vscode` is a module that has every name and does nothing. */
async function loadingTime(file: string): Promise<number> {
  const { stdout } = await execa('node', [
    '--input-type=module',
    '-e',
    LOADING,
    pathToFileURL(file).href,
    await editorNames(),
  ]);
  return Number(stdout);
}

/** The names of VS Code's API. */
async function editorNames(): Promise<string> {
  const types = await readFile(require.resolve('@types/vscode/index.d.ts'), 'utf8');
  const names = [...types.matchAll(/^\s*export (?:class|enum|namespace|const|function) (\w+)/gm)].map(
    ([, name]) => name,
  );
  return [...new Set(names)].join();
}

interface Activation {
  readonly loading: number;
  readonly activate: number;
  /** What of `activate` its thread had a processor: the rest of the window is starting beside it. */
  readonly computing: number;
}

/** Milliseconds of each step in windows with the sample model, one after the other; the first warms up. */
async function activationTimes(): Promise<readonly Activation[]> {
  const temporary = await mkdtemp(join(tmpdir(), 'model-registries-start-'));
  const browser = await playwright.launch({ executablePath: await chromium(), args: [...chromiumFlags] });
  try {
    const answer = join(temporary, 'times.json');
    const extension = join(temporary, 'extension');
    await mkdir(extension);
    for (const part of ['package.json', 'package.nls.json', 'dist', 'l10n', 'media']) {
      await cp(join(project, part), join(extension, part), { recursive: true });
    }
    const manifest = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as object;
    await writeFile(
      join(extension, 'package.json'),
      JSON.stringify({ ...manifest, main: './dist/timed.js' }),
    );
    await writeFile(join(extension, 'dist', 'timed.js'), TIMED);
    const workspace = await makeSampleWorkspace(join(temporary, 'workspace'));
    const dataDirectory = join(temporary, 'data');
    await writeSettings(dataDirectory, {});
    const server = await startServer({
      server: await vscodeServer(vscodeVersions[0]),
      dataDirectory,
      extensionsDirectory: join(temporary, 'extensions'),
      testDriver: true,
      environment: { MODEL_REGISTRIES_BENCH_TIMES: answer },
    });
    try {
      const url = server.urlOf({
        folder: workspace.folder,
        payload: [['extensionDevelopmentPath', server.remoteUri(extension)]],
      });
      const found: Activation[] = [];
      for (let window = 0; window <= WINDOWS; window += 1) {
        const page = await browser.newPage();
        await page.goto(url);
        const text = () => readFile(answer, 'utf8').catch(() => '');
        await until(async () => (await text()).endsWith('}'), 'the extension is active');
        found.push(JSON.parse(await text()) as Activation);
        await page.close();
        await rm(answer);
      }
      return found.slice(1);
    } finally {
      await server.stop();
    }
  } finally {
    await browser.close();
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
}
