// What no linter sees: walls that an import or a call goes through, circles of imports, and exports that nobody imports. Imports of types
// count, too.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'oxc-parser';
import picomatch from 'picomatch';
import { editorCallers, editorCalls, walls } from './walls.mjs';

const project = fileURLToPath(new URL('..', import.meta.url));

/** Whose exports are for VS Code. */
const ENTRIES = new Set(['src/extension.ts']);

/**
 * @typedef {object} Module
 * @property {string[]} exports names
 * @property {{ file: string, names: string[] | 'all' }[]} imports of files of the project
 * @property {string} text
 */

/** @returns {Promise<Map<string, Module>>} by path from the project, forward slashes */
async function modulesIn(...folders) {
  const found = await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(join(project, folder), { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name));
    }),
  );
  const modules = await Promise.all(
    found.flat().map(async (path) => [fromProject(path), moduleOf(path, await readFile(path, 'utf8'))]),
  );
  return new Map(modules);
}

function fromProject(path) {
  return relative(project, path).replaceAll('\\', '/');
}

/** @returns {Module} */
function moduleOf(path, text) {
  const { module } = parseSync(path, text);
  const imported = [
    // `import './x.ts'` has no entries.
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      specifier: moduleRequest.value,
      names: namesOf(entries),
    })),
    ...module.staticExports
      .flatMap(({ entries }) => entries)
      .map((entry) => ({ specifier: entry.moduleRequest?.value, names: namesOf([entry]) })),
    // `import('./x.ts')`, as an expression and as a type.
    ...[...text.matchAll(/\bimport\(\s*'(\.[^']+)'/g)].map(([, specifier]) => ({ specifier, names: 'all' })),
  ];
  return {
    text,
    exports: module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ exportName }) => exportName.name ?? []),
    ),
    imports: imported
      .filter(({ specifier }) => specifier?.startsWith('.'))
      .map(({ specifier, names }) => ({ file: fromProject(resolve(dirname(path), specifier)), names })),
  };
}

function namesOf(entries) {
  const names = entries.map(({ importName }) => importName.name);
  return names.includes(null) ? 'all' : names;
}

/** Calls of methods, with the first argument where it is a string, and the line. */
function callsIn(path, text) {
  const calls = [];
  const visitor = new Visitor({
    CallExpression({ callee, arguments: [given], start }) {
      if (callee.type !== 'MemberExpression' || callee.computed) return;
      const line = text.slice(0, start).split('\n').length;
      calls.push({ name: callee.property.name, first: given?.value, line });
    },
  });
  visitor.visit(parseSync(path, text).program);
  return calls;
}

/** The first circle that each module is found to close, as a list of modules that ends where it begins. */
function circlesIn(modules) {
  const circles = [];
  const done = new Set();
  const visit = (file, way) => {
    if (way.includes(file)) {
      circles.push([...way.slice(way.indexOf(file)), file]);
      return;
    }
    if (done.has(file)) return;
    for (const { file: next } of modules.get(file)?.imports ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of modules.keys()) visit(file, []);
  return circles;
}

/** Exports, as `file: name`, that no other file imports. */
function unusedIn(modules, users) {
  const used = new Set();
  for (const { imports } of users.values()) {
    for (const { file, names } of imports) {
      for (const name of names === 'all' ? (modules.get(file)?.exports ?? []) : names)
        used.add(`${file}: ${name}`);
    }
  }
  return [...modules]
    .filter(([file]) => !ENTRIES.has(file))
    .flatMap(([file, { exports }]) => exports.map((name) => `${file}: ${name}`))
    .filter((each) => !used.has(each));
}

/** Imports that go through a wall, in words. */
function throughWalls(modules) {
  const within = (places = []) => picomatch(places.flatMap((place) => [place, `${place}/**`]));
  return walls.flatMap(({ target, from, except, message = '' }) => {
    const [isTarget, isFrom, isExcepted] = [within(target), within(from), within(except)];
    return [...modules]
      .filter(([file]) => isTarget(file))
      .flatMap(([file, { imports }]) => imports.map((each) => [file, each.file]))
      .filter(([, imported]) => isFrom(imported) && !isExcepted(imported))
      .map(([file, imported]) => `${file} must not import ${imported}. ${message}`.trim());
  });
}

/** Calls of the editor that belong in files made for them, in words. */
function strayCalls(modules) {
  return [...modules]
    .filter(([file]) => file.startsWith('src/editor/') && !editorCallers.includes(file))
    .flatMap(([file, { text }]) =>
      callsIn(file, text).flatMap((call) =>
        editorCalls
          .filter(({ name, first }) => name.test(call.name) && (first === undefined || first === call.first))
          .map(({ message }) => `${file}:${call.line} calls ${call.name}. ${message}`),
      ),
    );
}

const modules = await modulesIn('src');
const users = process.argv.includes('--without-tests')
  ? modules
  : new Map([...modules, ...(await modulesIn('test', 'scripts'))]);
const problems = [
  ...throughWalls(users),
  ...strayCalls(modules),
  ...circlesIn(users).map((circle) => `A circle of imports: ${circle.join(' → ')}`),
  ...unusedIn(modules, users).map((each) => `Nobody imports what is exported: ${each}`),
];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
