/**
 * Bundles the tests of the suites that run under Node.js, with what they import of this project, so that the process of a test file loads a
 * few scripts instead of compiling hundreds of modules. Packages stay where they are.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { project } from './dependencies.mjs';
import { bundled, testFiles } from './testJobs.mjs';

/** @param {string} source path of a TypeScript file in the project */
const bundleOf = (source) => join(bundled, source.replace(/\.ts$/, '.mjs'));

/** @param {string[]} suites folders of `test`, each with its `.mocharc.json` */
async function bundleTests(suites) {
  await rm(join(project, bundled), { recursive: true, force: true });
  const sources = await Promise.all(suites.map(sourcesOf));
  await build({
    absWorkingDir: project,
    entryPoints: [...new Set(sources.flat())],
    outdir: bundled,
    outbase: '.',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    // What is CommonJS inside asks for Node's own modules by `require`.
    banner: {
      js: "import { createRequire as createRequireOfModule } from 'node:module'; const require = createRequireOfModule(import.meta.url);",
    },
    plugins: [packagesStay, ownAddress],
    logLevel: 'warning',
  });
  await Promise.all(suites.map(writeConfiguration));
}

/** A suite's test files, and what mocha loads for them. @param {string} suite */
async function sourcesOf(suite) {
  const { reporter, require = [] } = await configurationOf(suite);
  const tests = await testFiles(suite);
  return [...tests.map((path) => join('test', suite, `${path}.test.ts`)), reporter, ...require];
}

/** The suite's configuration, for the bundles. @param {string} suite */
async function writeConfiguration(suite) {
  const ofSources = await configurationOf(suite);
  const configuration = {
    ...ofSources,
    // Whoever starts mocha says how Node.js runs the bundles.
    'node-option': undefined,
    reporter: bundleOf(ofSources.reporter),
    require: ofSources.require?.map(bundleOf),
  };
  await writeFile(join(project, bundled, configurationPath(suite)), JSON.stringify(configuration));
}

const configurationOf = async (suite) =>
  JSON.parse(await readFile(join(project, configurationPath(suite)), 'utf8'));

const configurationPath = (suite) => join('test', suite, '.mocharc.json');

/** Packages of many modules, which nearly every process loads: they are taken in, with what they import. */
const taken = /^(execa|fast-check|yaml|zod)(\/|$)/;

/** All others are found where they are. A package's JSON is taken in: Node.js imports JSON only where an attribute says so. */
const packagesStay = {
  name: 'packages stay',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) =>
      kind === 'entry-point' || path.endsWith('.json') || taken.test(path) || isOfPackage(importer)
        ? undefined
        : { path, external: true },
    ),
};

const isOfPackage = (file) => /[\\/]node_modules[\\/]/.test(file);

/** A module finds the files beside its source. */
const ownAddress = {
  name: 'own address',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/](test|src)[\\/].*\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
      loader: 'ts',
    })),
};

await bundleTests(['unit', 'clients', 'workbench', 'windows']);
