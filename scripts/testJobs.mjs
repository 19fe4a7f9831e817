/**
 * What there is to run. A job is one process; jobs know nothing of each other, so that they can run side by side.
 *
 * @typedef {object} Job
 * @property {string} suite
 * @property {string} row the row of the closing table that it counts for
 * @property {string} name
 * @property {string[]} args what Node.js is started with, in the project's folder
 * @property {Record<string, string>} [environment] variables besides those of this process
 * @property {string[]} [needs] names of jobs that have to end well before it
 * @property {string} [results] the file into which it writes how its tests ended; a job without one has no tests
 */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { project } from './dependencies.mjs';

export const suites = ['unit', 'clients', 'editor', 'workbench', 'windows'];

/** What a person calls a job. @param {Job} job */
export const titleOf = ({ suite, name }) => `${suite} ${name}`;

/** Newest first, as in `test/setup/vscode.ts`. */
const vscodeVersions = ['1.139.1', '1.105.1'];

/** Test files that share a process: starting one for each would cost more than it spares. */
const filesOfProcess = { unit: 12, clients: 1, workbench: 1, windows: 1 };

/**
 * Test files that take five seconds of a processor or more, longest first. They begin first, have a process of their own, and are not run
 * before a commit.
 */
const longest = [
  'publish/faultMatrix',
  'security/newestGitRunsNothing',
  'security/gitRunsNothing',
  'cli/publish',
  'publish/publish',
  'modelPage/page',
  'download/cache',
  'weights/readWeights',
  'publish/faults',
  'publish/randomRepositories',
  'security/shipped',
  'security/commandsInMessages',
  'security/planDigest',
  'registry/persistence',
  'download/faults',
  'instructions/panelPage',
  'snapshot/openGitSnapshot',
  'shells/quoting',
];

/** The folder of bundled tests, relative to the project's: in it everything has the path that its source has in the project. */
export const bundled = '.test-output/bundled';

/** The folder of the built command line. Within the project, where the packages that are in no bundle are found. */
const commandLine = join(project, '.test-output/cli');

/** Test files that share a process, and what they open in it, whatever their names. */
const together = {
  workbench: [
    [
      // Those that make registries come last: a row that is scrolled out of sight is not drawn.
      ...['findingModels', 'versionFiles', 'localModels', 'downloads'],
      ...['accounts', 'registries', 'changingRegistries'],
    ],
    ['keyboard', 'modelPage'],
    ['publishing', 'instructions', 'pipelineBuilds'],
  ],
};

const mocha = 'node_modules/mocha/lib/cli/cli.js';
const typescript = ['--import', 'tsx'];

/** What is installed or built once, for many. Where that has been done, it ends at once. */
const provisions = {
  'system packages': [...typescript, 'test/setup/provide.ts', 'system'],
  'Hugging Face clients': [...typescript, 'test/setup/provide.ts', 'clients'],
  'VS Code': [...typescript, 'test/setup/provide.ts', 'vscode'],
  Windows: [...typescript, 'test/setup/provide.ts', 'windows'],
  VSIX: ['scripts/package.mjs'],
  stage: [...typescript, 'test/workbench/prepare.ts'],
  bundles: ['scripts/bundleTests.mjs'],
  'command line': ['esbuild.mjs', '--cli', commandLine],
  'editor suites': [...typescript, 'test/editor/bundle.ts'],
};
const needs = {
  unit: ['bundles', 'command line', 'system packages'],
  clients: ['bundles', 'command line', 'system packages', 'Hugging Face clients'],
  editor: ['system packages', 'Hugging Face clients', 'VS Code', 'VSIX', 'editor suites'],
  workbench: ['bundles', 'system packages', 'Hugging Face clients', 'VS Code', 'VSIX', 'stage'],
  windows: ['bundles', 'command line'],
  stage: ['VS Code', 'VSIX'],
};

/** `code` checks types, too, for the linter has to know them anyway. */
const lint = {
  code: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--type-check', '--deny-warnings'],
  modules: ['scripts/checkModules.mjs'],
  format: ['node_modules/oxfmt/bin/oxfmt', '--check', '.'],
};

/** What is run before a commit, besides unit tests: types, and the lint of what has changed. */
async function quickLint() {
  const lines = async (...args) =>
    (await promisify(execFile)('git', args, { cwd: project })).stdout.split('\n').filter(Boolean);
  const changed = [
    ...(await lines('diff', '--name-only', '--relative', '--diff-filter=d', 'HEAD')),
    ...(await lines('ls-files', '--others', '--exclude-standard')),
  ];
  return {
    code: lint.code,
    modules: lint.modules,
    ...(changed.length > 0 && {
      format: [...lint.format.slice(0, -1), '--no-error-on-unmatched-pattern', ...changed],
    }),
  };
}

/**
 * The jobs of these suites, in the order in which they should begin: first what others need, then what takes longest.
 * @param {string[]} chosen suites, `lint`, or `quick` for what is run before a commit
 * @param {{ grep?: string, file?: string, vscode?: string, pictures?: boolean, provision?: boolean }} options only tests whose name
 *   matches, only test files whose path holds it, one VS Code instead of the newest and the oldest, whether pictures are kept, and whether
 *   what the suite `windows` needs is provided before
 * @returns {Promise<Job[]>}
 */
export async function jobsOf(chosen, { grep, file, vscode, pictures = false, provision = false }) {
  const versions = vscodeVersions.filter((version) => vscode === undefined || version === vscode);
  if (versions.length === 0) throw new Error(`--vscode is one of ${vscodeVersions.join(', ')}.`);
  const some = grep === undefined ? [] : ['--grep', grep];
  const has = (suite) => chosen.includes(suite);
  const unit = await mochaJobs('unit', { file, some });
  const tests = [
    ...(has('editor') ? versions.map((version) => editorJob(version, some)) : []),
    ...(has('workbench') ? await mochaJobs('workbench', { file, some, version: versions[0], pictures }) : []),
    ...(has('windows') ? await mochaJobs('windows', { file, some, provision }) : []),
    ...(has('clients') ? await mochaJobs('clients', { file, some }) : []),
    ...(has('unit') ? unit : has('quick') ? unit.filter(isQuick) : []),
  ];
  const needed = new Set(tests.flatMap((job) => job.needs));
  const linting = has('lint') ? lint : has('quick') ? await quickLint() : {};
  return [
    ...[...needed].map((name) => ({
      suite: 'provision',
      row: 'provision',
      name,
      args: provisions[name],
      environment: { MODEL_REGISTRIES_TEST_VSCODE: versions[0] },
      needs: needs[name],
    })),
    ...tests,
    ...Object.entries(linting).map(([name, args]) => ({ suite: 'lint', row: 'lint', name, args })),
  ];
}

const isQuick = ({ name }) => !longest.includes(name);

function editorJob(version, some) {
  const results = resultsFile('editor', version);
  return {
    suite: 'editor',
    row: `editor ${version}`,
    name: version,
    args: [...typescript, 'test/editor/run.ts', '--vscode', version, '--results', results, ...some],
    needs: needs.editor,
    results,
  };
}

async function mochaJobs(suite, { file = '', some, version, pictures = false, provision = false }) {
  const files = (await testFiles(suite)).filter(
    (path) => path.includes(file) && (pictures || path !== 'pictures'),
  );
  const chosen = (paths) => paths.filter((path) => files.includes(path));
  const first = [...chosen(longest).map((path) => [path]), ...(together[suite] ?? []).map(chosen)];
  // Those late in the alphabet, of snapshots and of safety, take longer.
  const others = files.filter((path) => !first.flat().includes(path)).reverse();
  const groups = [...first.filter(({ length }) => length > 0), ...inGroups(others, filesOfProcess[suite])];
  return groups.map((paths) => {
    const results = resultsFile(suite, paths[0]);
    return {
      suite,
      row: suite,
      name: paths.join(' '),
      args: [
        ...['--enable-source-maps', mocha, '--config', `${bundled}/test/${suite}/.mocharc.json`],
        ...['--reporter-option', `results=${results}`, ...some],
        ...paths.map((path) => `${bundled}/test/${suite}/${path}.test.mjs`),
      ],
      environment: {
        MODEL_REGISTRIES_TEST_CLI: join(commandLine, 'cli.js'),
        ...(version !== undefined && { MODEL_REGISTRIES_TEST_VSCODE: version }),
        ...(pictures && { MODEL_REGISTRIES_TEST_PICTURES: '1' }),
      },
      needs: [...needs[suite], ...(provision ? ['Windows'] : [])],
      results,
    };
  });
}

/** A suite's test files, relative to its folder, with `/` and without `.test.ts`. */
export async function testFiles(suite) {
  const paths = await readdir(join(project, 'test', suite), { recursive: true });
  return paths
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => path.replaceAll('\\', '/').replace(/\.test\.ts$/, ''))
    .sort();
}

function inGroups(files, size) {
  return Array.from({ length: Math.ceil(files.length / size) }, (_, index) =>
    files.slice(index * size, (index + 1) * size),
  );
}

const resultsFile = (suite, name) => `.test-output/results/${suite}-${name.replaceAll(/[^\w.]+/g, '-')}.json`;
