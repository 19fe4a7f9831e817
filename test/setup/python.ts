import { createHash, randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { aptInstall } from './apt.ts';
import { cacheDirectory } from './cache.ts';

/** Releases of huggingface_hub that tests run; `constraints/` pins what each of them depends on. */
export const huggingfaceHubVersions = ['2.4.0', '1.33.0', '1.21.0', '1.19.0', '1.0.1', '0.36.2'] as const;

export type HuggingfaceHubVersion = (typeof huggingfaceHubVersions)[number];

/** What a virtual environment holds. */
interface Environment {
  /** Of the environment, and of its file in `constraints/`, which pins what its packages depend on. */
  readonly name: string;
  /** Installed with what they depend on. */
  readonly packages: readonly string[];
  /** Installed without: of these only the files they carry are wanted. */
  readonly alone?: readonly string[];
}

/** A huggingface_hub in a virtual environment of its own. */
export interface HfClient {
  readonly version: HuggingfaceHubVersion;
  /** Absolute path of `hf`. */
  readonly command: string;
  /** Absolute path of the folder that holds `hf`, and `huggingface-cli` up to 0.36: for `PATH`. */
  readonly bin: string;
}

/** Python or the Python Package Index cannot be had here; the message says which, and what to do. */
export class PythonUnavailable extends Error {
  override readonly name = 'PythonUnavailable';
}

const provisioned = new Map<string, Promise<string>>();

/**
 * huggingface_hub of that version, installed from PyPI on first use and kept in the test cache.
 * Throws {@link PythonUnavailable} where Python, venv or PyPI cannot be had.
 */
export async function hfClient(version: HuggingfaceHubVersion): Promise<HfClient> {
  const name = `huggingface_hub-${version}`;
  const bin = await environmentOf({ name, packages: [`huggingface_hub==${version}`] });
  return { version, command: join(bin, process.platform === 'win32' ? 'hf.exe' : 'hf'), bin };
}

/** Packages that carry weights of a few megabytes. */
export const packagesWithWeights = ['fracast', 'silero-vad'] as const;

/**
 * A Python with the reference readers of weights, numpy, safetensors and gguf, and with packages that carry some. Kept,
 * and refused, as {@link hfClient}.
 *
 * @returns absolute path.
 */
export async function weightReaders(): Promise<string> {
  const packages = ['numpy', 'safetensors', 'gguf'];
  return join(await environmentOf({ name: 'weights', packages, alone: packagesWithWeights }), 'python');
}

/** Scripts folder of a virtual environment: https://docs.python.org/3/library/venv.html */
export function scriptsFolder(environment: string, platform: NodeJS.Platform): string {
  return join(environment, platform === 'win32' ? 'Scripts' : 'bin');
}

/** The scripts folder of a virtual environment, made on first use. */
function environmentOf(environment: Environment): Promise<string> {
  const known = provisioned.get(environment.name);
  if (known) return known;
  const scripts = provision(environment);
  provisioned.set(environment.name, scripts);
  return scripts;
}

/**
 * Virtual environments hold absolute paths, so none can be built aside and moved into place. Each run that finds none
 * builds its own under a fresh name, and the first to finish records its name for all.
 */
async function provision(environment: Environment): Promise<string> {
  const constraints = fileURLToPath(new URL(`constraints/${environment.name}.txt`, import.meta.url));
  const pins = createHash('sha256')
    .update(await readFile(constraints))
    .digest('hex')
    .slice(0, 12);
  const cache = await cacheDirectory('python');
  const record = join(cache, `${environment.name}-${pins}`);
  const scriptsOf = (name: string) => scriptsFolder(join(cache, name), process.platform);

  const recorded = await recordedEnvironment(record);
  if (recorded !== undefined) {
    if (await works(scriptsOf(recorded), environment)) return scriptsOf(recorded);
    await rm(record, { force: true });
    await rm(join(cache, recorded), { recursive: true, force: true });
  }

  const name = `${environment.name}-${randomUUID()}`;
  try {
    await build(join(cache, name), environment, constraints);
    await writeFile(record, name, { flag: 'wx' });
    return scriptsOf(name);
  } catch (error) {
    await rm(join(cache, name), { recursive: true, force: true });
    const winner = isAlreadyThere(error) ? await recordedEnvironment(record) : undefined;
    if (winner === undefined) throw error;
    return scriptsOf(winner);
  }
}

async function build(
  folder: string,
  { packages, alone = [] }: Environment,
  constraints: string,
): Promise<void> {
  const makeVenv = async () =>
    execa(await findPython(), ['-m', 'venv', '--clear', folder], { reject: false });
  let venv = await makeVenv();
  if (venv.failed) {
    await aptInstall('python3-venv');
    venv = await makeVenv();
  }
  if (venv.failed) {
    throw new PythonUnavailable(
      `Python cannot make a virtual environment (on Debian: apt-get install python3-venv): ${venv.stdout}${venv.stderr}`,
    );
  }
  await install(folder, ['--constraint', constraints, ...packages]);
  if (alone.length > 0) await install(folder, ['--constraint', constraints, '--no-deps', ...alone]);
}

async function install(folder: string, what: readonly string[]): Promise<void> {
  const pip = await execa(
    join(scriptsFolder(folder, process.platform), 'python'),
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--prefer-binary'].concat(
      ['--retries', '2', '--timeout', '30'],
      what,
    ),
    { reject: false },
  );
  if (pip.failed) {
    throw new PythonUnavailable(`pip could not install ${what.at(-1)}; is PyPI reachable? ${pip.stderr}`);
  }
}

/** The first Python of at least 3.10, which huggingface_hub demands from 1.0 on. */
async function findPython(): Promise<string> {
  const python = (await somePython()) ?? (await aptInstall('python3', 'python3-venv').then(somePython));
  if (python !== undefined) return python;
  throw new PythonUnavailable(
    'No Python 3.10 or newer found as python3 or python (on Debian: apt-get install python3 python3-venv)',
  );
}

async function somePython(): Promise<string | undefined> {
  for (const candidate of ['python3', 'python']) {
    const probe = await execa(
      candidate,
      ['-c', 'import sys; sys.exit(0 if sys.version_info >= (3, 10) else 1)'],
      { reject: false },
    );
    if (!probe.failed) return candidate;
  }
  return undefined;
}

async function recordedEnvironment(record: string): Promise<string | undefined> {
  try {
    return await readFile(record, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A cached environment dies with the Python it was made by. */
async function works(scripts: string, { packages }: Environment): Promise<boolean> {
  const [name = '', version] = packages[0]?.split('==') ?? [];
  const probe = await execa(
    join(scripts, 'python'),
    ['-c', `from importlib.metadata import version; print(version("${name}"))`],
    { reject: false },
  );
  return !probe.failed && (version === undefined || probe.stdout.trim() === version);
}

function isAlreadyThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

/**
 * {@link hfClient} for a mocha test or hook: where it cannot be had, says so loudly and skips;
 * with `MODEL_REGISTRIES_REQUIRE_CLIENTS=1` that is a failure instead.
 */
export async function hfClientOrSkip(test: Mocha.Context, version: HuggingfaceHubVersion): Promise<HfClient> {
  // Only where no Python or registry of its packages can be had, and never in CI, which requires the clients.
  return (await hfClientIfAny(version)) ?? test.skip();
}

/** {@link weightReaders} for a mocha test or hook, as {@link hfClientOrSkip}. */
export async function weightReadersOrSkip(test: Mocha.Context): Promise<string> {
  return (await ifAny('the readers of weights', weightReaders)) ?? test.skip();
}

/**
 * Variables with which a VS Code has this {@link hfClient} first on its `PATH`, as one that was started by `code` in a terminal with
 * that environment; none, said loudly, where it cannot be had.
 */
export async function environmentWithHf(version: HuggingfaceHubVersion): Promise<Record<string, string>> {
  const client = await hfClientIfAny(version);
  // Without VSCODE_CLI it would take the PATH of a login shell.
  return client ? { PATH: [client.bin, process.env.PATH ?? ''].join(delimiter), VSCODE_CLI: '1' } : {};
}

function hfClientIfAny(version: HuggingfaceHubVersion): Promise<HfClient | undefined> {
  return ifAny(`huggingface_hub ${version}`, () => hfClient(version));
}

async function ifAny<T>(what: string, provide: () => Promise<T>): Promise<T | undefined> {
  try {
    return await provide();
  } catch (error) {
    if (!(error instanceof PythonUnavailable)) throw error;
    if (process.env.MODEL_REGISTRIES_REQUIRE_CLIENTS === '1') throw error;
    process.stderr.write(`\n*** SKIPPED, NOT TESTED: ${what}. ${error.message}\n\n`);
    return undefined;
  }
}
