/**
 * What the extension costs each window before anybody uses it: the files that VS Code loads to activate it, their size, and the time until
 * they are loaded, in a process of its own each time. Builds what people get. `npm run bench:start`
 */
import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { execa } from 'execa';

const project = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(import.meta.url);
const RUNS = 15;

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

const { main } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as {
  readonly main: string;
};
await execa('node', ['esbuild.mjs', '--production'], { cwd: project });
const entry = join(project, main);
const files = await staticFiles(entry);
const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
const times: number[] = [];
for (let run = 0; run < RUNS; run += 1) times.push(await loadingTime(entry));
times.sort((a, b) => a - b);

console.log(
  `loaded at the start: ${sizes.reduce((sum, size) => sum + size, 0)} bytes in ${files.length} files`,
);
console.log(
  `loading them: ${times[Math.floor(RUNS / 2)]!.toFixed(1)} ms (median of ${RUNS}, ${times[0]!.toFixed(1)} to ${times.at(-1)!.toFixed(1)})`,
);

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
