/** The terminal's program by Windows' rules: its paths, its locks, its Git, its way to end programs, its Command Prompt. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { shell } from '../../src/core/shells/shells.ts';
import type { RecordedRequest, RunningRegistry } from '../registry/registry.ts';
import { startRegistry } from '../registry/startRegistry.ts';
import { noGitConfiguration } from '../setup/noGitConfiguration.ts';
import { until } from '../setup/until.ts';
import { pointerTo, storeObject } from '../unit/snapshot/repositories.ts';
import { windowsTools, type WindowsTools } from '../setup/windows/windows.ts';
import { Hung, Wine, processesIn, windowsPath, type Ended, type Running } from './wine.ts';

const UPLOAD = { method: 'PUT', path: /^\/uploads\// };
const WEIGHTS = Buffer.alloc(3_000_000, 'w');
const FILES: Readonly<Record<string, string | Buffer>> = {
  'README.md': '---\nlicense: mit\n---\n\n# Ein Modell\n',
  'config.json': '{\n  "model_type": "bert"\n}\n',
  'größe 尺寸.txt': 'a name\n',
  'model.safetensors': WEIGHTS,
};
const AUTHOR = { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.org' };
const COMMITTER = { GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.org' };

const tools = foundTools();

describe('The terminal on Windows', () => {
  let folder: string;
  let wine: Wine;
  let registry: RunningRegistry;
  let hub: string;
  let models = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'windows-'));
    wine = new Wine(tools, folder);
    registry = await startRegistry({ dataDir: join(folder, 'registry') });
    hub = `${registry.packagesUrl}/${registry.organization}/${registry.registry}/huggingface`;
    await layGit('Git');
  });
  after(async () => {
    await wine.end();
    await registry.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  afterEach(() => registry.clearFaults());

  /** A folder of a model, in no repository. */
  async function modelFolder(): Promise<string> {
    const path = join(folder, 'Models', `Model ${models++}`);
    await write(path, FILES);
    return path;
  }

  /** Git of this machine, in that folder. */
  const git = async (path: string, ...args: readonly string[]): Promise<string> => {
    const env = { ...noGitConfiguration, ...AUTHOR, ...COMMITTER };
    return (await execa('git', ['-c', 'core.quotePath=false', ...args], { cwd: path, env })).stdout;
  };

  /** A model whose weights are in Git LFS, committed here. */
  async function repository(weights = WEIGHTS): Promise<string> {
    const path = await modelFolder();
    const attributes = '*.safetensors filter=lfs diff=lfs merge=lfs -text\n';
    await write(path, { '.gitattributes': attributes, 'model.safetensors': pointerTo(weights) });
    await git(path, 'init', '--quiet', '--initial-branch=main', '--template=');
    await git(path, 'add', '--all');
    await git(path, 'commit', '--quiet', '--message', 'The model');
    storeObject(join(path, '.git', 'lfs'), weights);
    await write(path, { 'model.safetensors': weights });
    return path;
  }

  /** Git for Windows as its installer lays it out: a wrapper, and the real one. */
  async function layGit(name: string): Promise<void> {
    const real = join(folder, name, 'mingw64', 'bin', 'git.exe');
    await mkdir(dirname(real), { recursive: true });
    await copyFile(tools.git, real);
    await layStandIn(join(folder, name, 'cmd', 'git.exe'), real);
  }

  async function layStandIn(path: string, program: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await copyFile(tools.standIn, path);
    await writeFile(`${path}.program`, windowsPath(program));
  }

  const environment = (git: string): Record<string, string> => ({
    ...noGitConfiguration,
    ...AUTHOR,
    WINEPATH: windowsPath(git),
    HF_TOKEN: registry.token,
    TEST_HOME: windowsPath(join(folder, 'home')),
  });
  const terminal = (args: readonly string[], git = join(folder, 'Git', 'cmd')): Running =>
    wine.node(commandLine(), args, { env: environment(git) });
  const publish = (path: string, model: string, ...more: readonly string[]): readonly string[] => [
    ...['publish', path, '--hub', hub, '--model', model, '--json'],
    ...more,
  ];
  const isOnItsWay = ({ method, path, status }: RecordedRequest) =>
    method === UPLOAD.method && UPLOAD.path.test(path) && status === undefined;

  it('makes a repository of a folder, and publishes it, however drive and folder are spelled', async () => {
    const path = await modelFolder();
    const spelled = windowsPath(path).replace('Z:', 'z:').replace('Models', 'MODELS');
    assertEnded(await terminal(['init', spelled, '--yes']).ended, 0);
    assert.equal(await git(path, 'fsck', '--strict', '--no-progress'), '');
    const committed = (await git(path, 'ls-tree', '-r', '--name-only', 'HEAD')).split('\n');
    for (const file of Object.keys(FILES)) assert(committed.includes(file), file);

    const published = await terminal(publish(spelled, 'acme/spelled')).ended;
    assertEnded(published, 0);
    assert.equal(lastEvent(published).kind, 'published');
    const there = registry.gitDirectory(registry.organization, registry.registry, 'acme/spelled');
    const arrived = await git(path, '--git-dir', there, 'ls-tree', '-r', '--name-only', 'main');
    assert.deepEqual(arrived.split('\n'), committed);

    // Git writes slashes, on Windows too; a person has never seen such a path.
    await git(path, 'rm', '-r', '--cached', '--quiet', '.');
    await git(path, 'commit', '--quiet', '--message', 'Nothing');
    const refused = await terminal(publish(spelled, 'acme/spelled')).ended;
    assertEnded(refused, 1);
    assert(String(lastEvent(refused).message).includes(windowsPath(path)), refused.stdout);
  });

  it('names what another program has open, waits for it a while, and then replaces it', async () => {
    await registry.addModelVersion(registry.organization, registry.registry, 'acme/open', FILES);
    const to = join(folder, 'downloads', 'model');
    const download = ['download', 'acme/open', '--hub', hub, '--to', windowsPath(to), '--replace', '--json'];
    await mkdir(to, { recursive: true });
    const file = join(to, 'config.json');
    await writeFile(file, 'mine');
    const release = await opened(file);
    const refused = await terminal(download).ended;
    assertEnded(refused, 1);
    const { failure, message } = lastEvent(refused);
    assert.equal(failure, 'disk');
    assert.match(String(message), /another program has it open/);
    assert(String(message).includes(windowsPath(file)), String(message));
    assert.equal(readFileSync(file, 'utf8'), 'mine');

    // What arrives meanwhile gets its name when that is free.
    await rm(join(to, '.cache'), { recursive: true });
    const again = terminal(download);
    const hasArrived = (name: string) => name.endsWith('.incomplete');
    await until(
      async () => (await readdir(to, { recursive: true }).catch(() => [])).some(hasArrived),
      'a content has arrived',
    );
    await release();
    assertEnded(await again.ended, 0);
    for (const [path, content] of Object.entries(FILES)) {
      assert((await readFile(join(to, path))).equals(Buffer.from(content)), path);
    }
  });

  /** Has a program of Windows open a file; what is given ends it. */
  async function opened(file: string): Promise<() => Promise<void>> {
    const script = join(folder, 'opener.mjs');
    await writeFile(
      script,
      `import fs from 'node:fs';
       const [file, stop] = process.argv.slice(2);
       fs.openSync(file, 'r');
       console.log('open');
       setInterval(() => fs.existsSync(stop) && process.exit(), 20);`,
    );
    const stop = join(folder, 'stop');
    const running = wine.node(script, [windowsPath(file), windowsPath(stop)]);
    await until(() => running.said().includes('open'), 'the file is open');
    return async () => {
      writeFileSync(stop, '');
      await running.ended;
    };
  }

  it('is cancelled in an upload by Ctrl-Break, and goes on with the next publish', async () => {
    const path = windowsPath(await repository(randomBytes(2_000_000)));
    registry.inject({ ...UPLOAD, fault: { kind: 'slow', bytesPerSecond: 20_000 }, times: Infinity });
    await unlessWineHangs(async () => {
      const before = registry.requests.length;
      const running = terminal(publish(path, 'acme/resumed'));
      await until(() => registry.requests.slice(before).some(isOnItsWay), 'an upload is under way');
      running.pressBreak();
      const ended = await running.ended;
      assertEnded(ended, 130);
      assert.equal(lastEvent(ended).kind, 'cancelled');
    });
    registry.clearFaults();
    const again = await terminal(publish(path, 'acme/resumed')).ended;
    assertEnded(again, 0);
    assert.equal(lastEvent(again).kind, 'published');
  });

  for (const [where, lay] of [
    ['in Git for Windows', (held: string) => join(folder, held, 'mingw64', 'bin', 'git.exe')],
    ['somewhere else', (held: string) => join(folder, held, 'apps', 'git.exe')],
  ] as const) {
    it(`is cancelled while Git runs behind a wrapper ${where}, and waits for none of them`, async () => {
      const held = where === 'somewhere else' ? 'Shims' : 'Held';
      const real = lay(held);
      await layStandIn(real, tools.git);
      await layStandIn(join(folder, held, 'cmd', 'git.exe'), real);
      await writeFile(`${real}.hold`, 'ls-tree');
      const path = windowsPath(await repository());
      await unlessWineHangs(async () => {
        await rm(`${real}.held`, { force: true });
        const running = terminal(publish(path, 'acme/held', '--dry-run'), join(folder, held, 'cmd'));
        await until(() => existsSync(`${real}.held`), 'Git runs');
        running.pressBreak();
        assertEnded(await running.ended, 130);
      });
      // What a wrapper leaves behind goes on by itself.
      if (where === 'in Git for Windows') {
        assert.deepEqual(
          processesIn(folder).filter((line) => line.includes(windowsPath(real))),
          [],
        );
      }
    });
  }

  it('is run by commands for the Command Prompt, which leave a person’s own variables alone', async () => {
    const show = join(folder, 'show.mjs');
    await writeFile(
      show,
      `import fs from 'node:fs';
       const { HF_TOKEN, HF_ENDPOINT } = process.env;
       fs.appendFileSync(process.argv[2], JSON.stringify([process.argv.slice(3), HF_TOKEN, HF_ENDPOINT]) + '\\n');`,
    );
    const seen = join(folder, 'seen');
    // Wine's own reads what is typed by the code page of 1981.
    const words = ['a b', 'x&echo>y', "it's", '(1)', '^', 'a|b', '!x!', '\\back\\', ''];
    const token = 'new & <strange> |token^';
    const run = (environment: readonly (readonly [string, string])[], shown: readonly string[]) => {
      const written = shell('cmd').write({
        environment,
        words: [windowsPath(tools.node), windowsPath(show), windowsPath(seen), ...shown],
      });
      assert(written.kind === 'written');
      return written.text.split('\n');
    };
    const lines = [
      ...run(
        [
          ['HF_TOKEN', token],
          ['HF_ENDPOINT', hub],
        ],
        words,
      ),
      ...run([], ['afterwards']),
      'exit',
    ];
    const input = join(folder, 'typed');
    await writeFile(input, lines.map((line) => `${line}\r\n`).join(''));
    const env = { HF_TOKEN: 'my own', COMSPEC: 'C:\\windows\\system32\\cmd.exe' };
    await wine.start('cmd', ['/d'], { input, env }).ended;
    const shown = readFileSync(seen, 'utf8').trim().split('\n');
    assert.deepEqual(
      shown.map((line) => JSON.parse(line) as unknown),
      [
        [words, token, hub],
        [['afterwards'], 'my own', null],
      ],
    );
  });
});

/** Wine hangs now and then in a program that ends with others under way: what hangs thrice is ours. */
async function unlessWineHangs(attempt: () => Promise<void>): Promise<void> {
  for (let left = 2; ; left -= 1) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (!(error instanceof Hung) || left === 0) throw error;
    }
  }
}

function foundTools(): WindowsTools {
  const found = windowsTools();
  if ('missing' in found) throw new Error(`${found.missing}: npm run test:windows -- --provision`);
  return found;
}

/** Absolute path of the built command line. */
function commandLine(): string {
  return process.env.MODEL_REGISTRIES_TEST_CLI ?? join(process.cwd(), 'dist', 'cli.js');
}

async function write(path: string, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  await mkdir(path, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
}

function assertEnded({ code, stdout, stderr }: Ended, expected: number): void {
  assert.equal(code, expected, `${stdout}\n${stderr}`);
}

/** Of `--json`. */
function lastEvent({ stdout }: Ended): Readonly<Record<string, unknown>> {
  return JSON.parse(stdout.split('\n').at(-1) ?? '') as Readonly<Record<string, unknown>>;
}
