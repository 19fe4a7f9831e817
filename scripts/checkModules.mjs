// What no linter sees: circles of imports, imports of types among them, and exports that nobody imports.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const project = fileURLToPath(new URL('..', import.meta.url));

/** Whose exports are for VS Code. */
const ENTRIES = new Set(['src/extension.ts']);

/**
 * @typedef {object} Module
 * @property {string[]} exports names
 * @property {{ file: string, names: string[] | 'all' }[]} imports of files of the project
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
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const module = { exports: [], imports: [] };
  const add = (specifier, names) => {
    if (specifier?.text?.startsWith('.')) {
      module.imports.push({ file: fromProject(resolve(dirname(path), specifier.text)), names });
    }
  };
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) add(statement.moduleSpecifier, namesOf(statement.importClause));
    else if (ts.isExportDeclaration(statement)) {
      const named = statement.exportClause?.elements;
      add(statement.moduleSpecifier, named?.map((each) => (each.propertyName ?? each.name).text) ?? 'all');
      module.exports.push(...(named ?? []).map(({ name }) => name.text));
    } else if (isExported(statement)) module.exports.push(...declaredIn(statement));
  }
  // `import('./x.ts')`, as an expression and as a type.
  for (const [, specifier] of text.matchAll(/\bimport\(\s*'(\.[^']+)'/g)) add({ text: specifier }, 'all');
  return module;
}

function namesOf(clause) {
  const bindings = clause?.namedBindings;
  if (!bindings || ts.isNamespaceImport(bindings)) return 'all';
  return bindings.elements.map((each) => (each.propertyName ?? each.name).text);
}

function isExported(statement) {
  return statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function declaredIn(statement) {
  if (statement.name) return [statement.name.text];
  const declarations = statement.declarationList?.declarations ?? [];
  return declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
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

const modules = await modulesIn('src');
const users = process.argv.includes('--without-tests')
  ? modules
  : new Map([...modules, ...(await modulesIn('test', 'scripts'))]);
const problems = [
  ...circlesIn(users).map((circle) => `A circle of imports: ${circle.join(' → ')}`),
  ...unusedIn(modules, users).map((each) => `Nobody imports what is exported: ${each}`),
];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
