import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Absolute path of the project. */
export const project = fileURLToPath(new URL('..', import.meta.url));

/** Installs the npm packages of package.json where one is missing or of another version. Needs Node alone. */
export async function ensureDependencies() {
  requireNode();
  const { dependencies, devDependencies } = await manifestOf('.');
  const wanted = Object.entries({ ...dependencies, ...devDependencies });
  const installed = await Promise.all(
    wanted.map(async ([name, version]) => {
      const found = await manifestOf(`node_modules/${name}`).catch(() => undefined);
      // An alias is written as npm:NAME@VERSION.
      return found?.version === version.split('@').at(-1);
    }),
  );
  if (installed.every(Boolean)) return;
  console.log('Installing npm packages…');
  const code = await npm(installed.some(Boolean) ? ['install'] : ['ci']);
  if (code !== 0) throw new Error(`npm could not install the packages (exit code ${code}).`);
}

/** Runs npm in the project with the terminal's output, and gives its exit code. */
async function npm(args) {
  // Under `npm run` npm tells where it is, which spares looking for npm.cmd on Windows.
  const cli = process.env.npm_execpath;
  const [command, ...first] = cli?.endsWith('.js') ? [process.execPath, cli] : ['npm'];
  const child = spawn(command, [...first, ...args], {
    cwd: project,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: command === 'npm' && process.platform === 'win32',
  });
  const stop = () => child.kill();
  process.once('SIGTERM', stop);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  }).finally(() => process.off('SIGTERM', stop));
}

const manifestOf = async (folder) =>
  JSON.parse(await readFile(new URL(`../${folder}/package.json`, import.meta.url), 'utf8'));

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(`Node.js 20.19 or newer is needed; this is ${process.versions.node}.`);
}
