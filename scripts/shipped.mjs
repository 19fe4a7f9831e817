/**
 * What of other people is in the bundles: read from esbuild's metafiles, so that nothing is forgotten and nothing is
 * claimed.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Licences that let the code be bundled as long as their notices go along, by their SPDX ids. Any other one is looked
 * at first.
 */
const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC-BY-4.0', 'ISC', 'MIT', 'MPL-2.0'];

/**
 * @typedef {object} ShippedPackage
 * @property {string} name
 * @property {string} version
 * @property {string} licence SPDX expression.
 * @property {readonly string[]} texts The licence files of the package, or the licence's own words where it has none.
 * @property {readonly string[]} bundles Which bundles hold code or files of it.
 */

/**
 * The packages in `bundles`, sorted by name and version. Throws where one has a licence that is unknown or not allowed.
 *
 * @param {Readonly<Record<string, readonly string[]>>} bundles Input files of each bundle, relative to `project`.
 * @param {string} project
 * @returns {Promise<ShippedPackage[]>}
 */
export async function shippedPackages(bundles, project) {
  const bundlesOf = new Map();
  for (const [bundle, inputs] of Object.entries(bundles)) {
    const inside = await Promise.all(inputs.map((input) => packagesWithin(join(project, input), project)));
    const folders = [...inputs.map(packageFolder), ...inside.flat()].filter((found) => found !== undefined);
    for (const folder of new Set(folders)) {
      bundlesOf.set(folder, [...(bundlesOf.get(folder) ?? []), bundle]);
    }
  }
  const packages = await Promise.all(
    [...bundlesOf].map(async ([folder, names]) => ({
      ...(await read(join(project, folder))),
      bundles: names,
    })),
  );
  const byName = new Map(packages.map((found) => [`${found.name}@${found.version}`, found]));
  return [...byName.values()].sort((a, b) => order(a.name, b.name) || order(a.version, b.version));
}

/**
 * The files that a build put into its outputs.
 *
 * @param {import('esbuild').Metafile} metafile
 * @returns {string[]}
 */
export function inputsOf({ outputs }) {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path),
  );
}

/** @param {string} expression SPDX; of alternatives one is enough. Nested ones are not known here. */
export function isAllowed(expression) {
  const [, plain = expression] = /^\(([^()]*)\)$/.exec(expression) ?? [];
  return plain.split(' OR ').some((one) => one.split(' AND ').every((id) => ALLOWED.includes(id)));
}

/** The innermost package that a file belongs to; undefined for our own files. @param {string} path */
function packageFolder(path) {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

/** Where pnpm keeps a package of some version, in the source map of a file that was bundled there. */
const KEPT_BY_PNPM = /\/node_modules\/\.pnpm\/[^/]*@(\d[^/@(_]*)[^/]*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/**
 * The folders of packages that `file`, bundled by those who published it, has in it by its source map. They are dependencies of ours for their
 * licences' sake. Throws where one is missing, or of another version.
 */
async function packagesWithin(file, project) {
  const map = await readFile(`${file}.map`, 'utf8').catch(() => undefined);
  if (map === undefined) return [];
  const { sources = [] } = JSON.parse(map);
  const found = sources.map((source) => KEPT_BY_PNPM.exec(source)).filter((match) => match !== null);
  const versions = new Map(found.map(([, version, name]) => [name, version]));
  return Promise.all([...versions].map(([name, version]) => folderOf(name, version, file, project)));
}

async function folderOf(name, version, file, project) {
  const folder = `node_modules/${name}`;
  const text = await readFile(join(project, folder, 'package.json'), 'utf8').catch(() => '{}');
  if (JSON.parse(text).version === version) return folder;
  throw new Error(
    `${file} has ${name} ${version} in it, whose licence has to go along: add it to the devDependencies.`,
  );
}

async function read(folder) {
  const { name, version, license, author } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  if (typeof license !== 'string' || !isAllowed(license)) {
    throw new Error(
      `The licence of ${name} ${version} is ${JSON.stringify(license)}, which nobody has looked at. ` +
        'See ALLOWED in scripts/shipped.mjs.',
    );
  }
  const files = (await readdir(folder))
    .filter((file) => /^(licen[cs]e|copying|notice)([.-]|$)/i.test(file))
    .sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const holder = typeof author === 'string' ? author : (author?.name ?? `the authors of ${name}`);
  return {
    name,
    version,
    licence: license,
    texts: texts.length > 0 ? texts : [wordsOf(license, name, holder)],
  };
}

/** What a package without a licence file means. Nobody who leaves it out uses another licence than this one. */
function wordsOf(license, name, holder) {
  if (license !== 'MIT')
    throw new Error(`${name} has no licence file, and the words of ${license} are not known.`);
  return `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
}

/** Not `localeCompare`, which differs from machine to machine. */
function order(a, b) {
  return a < b ? -1 : Number(a > b);
}
