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

const provisioned = new Map<HuggingfaceHubVersion, Promise<HfClient>>();

/**
 * huggingface_hub of that version, installed from PyPI on first use and kept in the test cache.
 * Throws {@link PythonUnavailable} where Python, venv or PyPI cannot be had.
 */
export function hfClient(version: HuggingfaceHubVersion): Promise<HfClient> {
  const known = provisioned.get(version);
  if (known) return known;
  const client = provision(version);
  provisioned.set(version, client);
  return client;
}

/** Scripts folder of a virtual environment: https://docs.python.org/3/library/venv.html */
export function scriptsFolder(environment: string, platform: NodeJS.Platform): string {
  return join(environment, platform === 'win32' ? 'Scripts' : 'bin');
}

/**
 * Virtual environments hold absolute paths, so none can be built aside and moved into place. Each run that finds none
 * builds its own under a fresh name, and the first to finish records its name for all.
 */
async function provision(version: HuggingfaceHubVersion): Promise<HfClient> {
  const constraints = fileURLToPath(new URL(`constraints/huggingface_hub-${version}.txt`, import.meta.url));
  const pins = createHash('sha256')
    .update(await readFile(constraints))
    .digest('hex')
    .slice(0, 12);
  const cache = await cacheDirectory('python');
  const record = join(cache, `huggingface_hub-${version}-${pins}`);

  const recorded = await recordedEnvironment(record);
  if (recorded !== undefined) {
    const client = clientIn(join(cache, recorded), version);
    if (await works(client)) return client;
    await rm(record, { force: true });
    await rm(join(cache, recorded), { recursive: true, force: true });
  }

  const name = `huggingface_hub-${version}-${randomUUID()}`;
  const environment = join(cache, name);
  try {
    await build(environment, version, constraints);
    await writeFile(record, name, { flag: 'wx' });
    return clientIn(environment, version);
  } catch (error) {
    await rm(environment, { recursive: true, force: true });
    const winner = isAlreadyThere(error) ? await recordedEnvironment(record) : undefined;
    if (winner === undefined) throw error;
    return clientIn(join(cache, winner), version);
  }
}

async function build(
  environment: string,
  version: HuggingfaceHubVersion,
  constraints: string,
): Promise<void> {
  const makeVenv = async () =>
    execa(await findPython(), ['-m', 'venv', '--clear', environment], { reject: false });
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
  const pip = await execa(
    join(scriptsFolder(environment, process.platform), 'python'),
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--prefer-binary'].concat(
      ['--retries', '2', '--timeout', '30', '--constraint', constraints],
      `huggingface_hub==${version}`,
    ),
    { reject: false },
  );
  if (pip.failed) {
    throw new PythonUnavailable(
      `pip could not install huggingface_hub ${version}; is PyPI reachable? ${pip.stderr}`,
    );
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

function clientIn(environment: string, version: HuggingfaceHubVersion): HfClient {
  const bin = scriptsFolder(environment, process.platform);
  return { version, command: join(bin, process.platform === 'win32' ? 'hf.exe' : 'hf'), bin };
}

/** A cached environment dies with the Python it was made by. */
async function works({ bin, version }: HfClient): Promise<boolean> {
  const probe = await execa(
    join(bin, 'python'),
    ['-c', 'from importlib.metadata import version; print(version("huggingface_hub"))'],
    { reject: false },
  );
  return !probe.failed && probe.stdout.trim() === version;
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

/**
 * Variables with which a VS Code has this {@link hfClient} first on its `PATH`, as one that was started by `code` in a terminal with
 * that environment; none, said loudly, where it cannot be had.
 */
export async function environmentWithHf(version: HuggingfaceHubVersion): Promise<Record<string, string>> {
  const client = await hfClientIfAny(version);
  // Without VSCODE_CLI it would take the PATH of a login shell.
  return client ? { PATH: [client.bin, process.env.PATH ?? ''].join(delimiter), VSCODE_CLI: '1' } : {};
}

async function hfClientIfAny(version: HuggingfaceHubVersion): Promise<HfClient | undefined> {
  try {
    return await hfClient(version);
  } catch (error) {
    if (!(error instanceof PythonUnavailable)) throw error;
    if (process.env.MODEL_REGISTRIES_REQUIRE_CLIENTS === '1') throw error;
    process.stderr.write(`\n*** SKIPPED, NOT TESTED: huggingface_hub ${version}. ${error.message}\n\n`);
    return undefined;
  }
}
