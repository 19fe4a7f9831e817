import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { parse } from 'yaml';
import { clientAdvice } from '../../src/core/instructions/clientAdvice.ts';
import type { ClientId } from '../../src/core/instructions/clients.ts';
import { pipelineStep } from '../../src/core/hosts/buildkite/buildInstructions.ts';
import {
  type InstructionChoice,
  type InstructionTarget,
  TOKEN_PLACEHOLDER,
  snippet,
  terminalVariables,
} from '../../src/core/instructions/snippets.ts';
import { teammateText } from '../../src/core/instructions/teammate.ts';
import { codeSnippets } from '../../src/core/instructions/useInCode.ts';
import { installedClients } from '../../src/core/programs/installedClients.ts';
import { firstProgram, programCandidates } from '../../src/core/programs/programPath.ts';
import { type HuggingfaceHubVersion, hfClientOrSkip } from '../setup/python.ts';
import { type InstalledShell, installedShells } from '../setup/shells.ts';
import { builtCli } from '../unit/cli/builtCli.ts';
import { interpolated } from '../unit/shells/grammars.ts';
import { type Publishing, startPublishing } from '../unit/publish/publishing.ts';
import { clientEnvironment } from './client.ts';
import { modelFiles, readFiles, writeFiles } from './folder.ts';

const model = 'acme/tiny-model';
/** What shells, programs and protocols have stumbled over. */
const HOSTILE = `it's "new" $HOME \`id\` $(id); a & b | c > d \\ 100% !! ~ * é 日 🤗 %PATH% ^caret^ 'too'`;
const SH: InstalledShell = { program: 'sh', id: 'posix', options: ['-c'] };

/** Each release of the table, and the programs that it brings to work with. */
const RELEASES: readonly (readonly [HuggingfaceHubVersion, readonly ClientId[]])[] = [
  ['2.4.0', ['hf', 'python']],
  ['1.33.0', ['hf', 'python']],
  ['1.21.0', ['hf', 'python']],
  ['1.19.0', ['hf', 'python']],
  ['1.0.1', ['hf', 'python']],
  ['0.36.2', ['hf', 'huggingface-cli', 'python']],
];

describe('the instructions, followed', () => {
  let home: string;
  let publishing: Publishing;
  let endpoint: string;
  let shells: readonly InstalledShell[];

  before(async function () {
    // Covers the installation.
    this.timeout(10 * 60_000);
    shells = await installedShells();
  });
  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'instructions-')));
    publishing = await startPublishing({ lfsThresholdBytes: 1024 * 1024 });
    const { packagesUrl, organization, registry } = publishing.registry;
    endpoint = `${packagesUrl}/${organization}/${registry}/huggingface`;
    await writeFiles(join(home, 'model'), modelFiles());
  });
  afterEach(async () => {
    await publishing.stop();
    await rm(home, { recursive: true, force: true });
  });

  interface Run {
    readonly shell?: InstalledShell;
    /** Before the rest of PATH. */
    readonly bin?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly folder?: string;
  }

  /** Only what a person has who set nothing: neither token nor address. */
  function environment({ bin, env }: Run): Record<string, string> {
    const own = clientEnvironment({ home, endpoint, token: '' });
    const kept = Object.entries(own).filter(([name]) => name !== 'HF_TOKEN' && name !== 'HF_ENDPOINT');
    const path = [...(bin === undefined ? [] : [bin]), process.env.PATH ?? ''].join(delimiter);
    return { ...Object.fromEntries(kept), LC_ALL: 'C.UTF-8', PATH: path, ...env };
  }

  async function type(
    command: string,
    run: Run,
  ): Promise<{ readonly failed: boolean; readonly output: string }> {
    const { program, options } = run.shell ?? SH;
    const { failed, all } = await execa(program, [...options, command], {
      cwd: run.folder ?? home,
      env: environment(run),
      extendEnv: false,
      all: true,
      reject: false,
      stdin: 'ignore',
    });
    return { failed, output: all };
  }

  /** Does what the panel says: puts the token in the placeholder's place, or has it in the environment. */
  async function follow(
    action: 'publish' | 'install',
    target: Omit<InstructionTarget, 'endpoint'>,
    choice: Omit<InstructionChoice, 'variables'>,
    run: Run,
    variables: InstructionChoice['variables'] = 'inCommand',
  ) {
    const { text, language } = snippet(action, { endpoint, ...target }, { ...choice, variables });
    assert.ok(text !== undefined);
    const { token } = publishing.registry;
    if (language === 'python') return python(text, { ...run, env: { ...run.env, HF_TOKEN: token } });
    return variables === 'inCommand'
      ? type(text.replace(TOKEN_PLACEHOLDER, token), run)
      : type(text, { ...run, env: { ...run.env, HF_TOKEN: token, ...terminalVariables({ endpoint }) } });
  }

  async function python(program: string, run: Run) {
    const file = join(home, 'program.py');
    await writeFile(file, program);
    const { failed, all } = await execa(join(run.bin ?? '', 'python'), [file], {
      cwd: run.folder ?? home,
      env: environment(run),
      extendEnv: false,
      all: true,
      reject: false,
      stdin: 'ignore',
    });
    return { failed, output: all };
  }

  async function isTheModel(folder: string): Promise<void> {
    const held = await readFiles(folder);
    assert.deepEqual([...held.keys()].sort(), [...modelFiles().keys()].sort());
    for (const [path, content] of modelFiles()) assert.ok(held.get(path)?.equals(content), path);
  }

  const installed = (bin: string) =>
    installedClients({
      environment: process.env,
      find: (program) => firstProgram(programCandidates(program, { PATH: bin }, process.platform)),
      folder: homedir(),
      timeoutMs: 60_000,
      signal: new AbortController().signal,
    });

  for (const [version, clients] of RELEASES) {
    describe(`by huggingface_hub ${version}`, () => {
      let bin: string;

      before(async function () {
        this.timeout(10 * 60_000);
        ({ bin } = await hfClientOrSkip(this, version));
      });

      for (const client of clients) {
        it(`${client} publishes and installs`, async () => {
          const choice = { client, shell: 'posix' } as const;
          const published = await follow(
            'publish',
            { model, localFolder: 'model', message: HOSTILE },
            choice,
            { bin },
          );
          assert.ok(!published.failed, published.output);
          const [message = ''] = await publishing.messages(model);
          assert.equal(message.trim(), HOSTILE);

          const commit = await head();
          const into = await follow('install', { model, revision: commit, installFolder: HOSTILE }, choice, {
            bin,
          });
          assert.ok(!into.failed, into.output);
          await isTheModel(join(home, HOSTILE));
        });
      }

      it('is known with its version, and what is said of it is so', async () => {
        const found = await installed(bin);
        assert.equal(found.find(({ program }) => program === 'hf')?.version, version);
        const old = found.find(({ program }) => program === 'huggingface-cli');
        if (clients.includes('huggingface-cli')) {
          assert.equal(old?.version, version);
          return;
        }
        // Either it is not there, or it is said that it cannot; and it cannot.
        if (old) assert.equal(clientAdvice('huggingface-cli', old.version, 'publish').verdict, 'cannot');
        const { failed } = await follow(
          'publish',
          { model, localFolder: 'model' },
          { client: 'huggingface-cli', shell: 'posix' },
          { bin, env: { PATH: `${bin}${delimiter}/usr/bin${delimiter}/bin` } },
        );
        assert.ok(failed);
      });

      it('takes the address of a model below a path, or it is said that it may not', async () => {
        const url = `${endpoint}/${model}`;
        publishing.registry.inject({
          method: 'POST',
          path: /\/api\/repos\/create$/,
          fault: {
            kind: 'status',
            status: 200,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ url, name: model, id: model }),
          },
          times: Infinity,
        });
        const { output } = await follow(
          'publish',
          { model, localFolder: 'model' },
          { client: 'hf', shell: 'posix' },
          { bin },
        );
        const { verdict, sentence } = clientAdvice('hf', version, 'publish');
        assert.equal(/Unknown `?repo_type/i.test(output), verdict === 'may fail', output);
        assert.equal(sentence.includes('Unknown repo_type'), verdict === 'may fail');
      });

      it('leaves the folder of a version in “folder”, for code that loads it', async () => {
        await addVersion();
        const [{ text = '' } = {}] = codeSnippets({ endpoint, model }, [], {
          client: 'hf',
          shell: 'posix',
          variables: 'inCommand',
        });
        const { failed, output } = await python(text, { bin, env: { HF_TOKEN: publishing.registry.token } });
        assert.ok(!failed, output);
        await isTheModel(output.trim().split('\n').at(-1) ?? '');
      });
    });
  }

  async function addVersion(
    files: Readonly<Record<string, string | Buffer>> = Object.fromEntries(modelFiles()),
  ): Promise<string> {
    const { registry } = publishing;
    return registry.addModelVersion(registry.organization, registry.registry, model, files);
  }

  async function head(): Promise<string> {
    const { registry } = publishing;
    const git = registry.gitDirectory(registry.organization, registry.registry, model);
    return (await execa('git', ['--git-dir', git, 'rev-parse', 'main'])).stdout;
  }

  for (const name of ['sh', 'bash', 'zsh', 'fish']) {
    describe(`in ${name}`, () => {
      let bin: string;
      let shell: InstalledShell;

      before(async function () {
        this.timeout(10 * 60_000);
        ({ bin } = await hfClientOrSkip(this, '2.4.0'));
        const found = shells.find(({ program }) => program === name);
        if (!found) {
          process.stderr.write(`\n*** SKIPPED, NOT TESTED: ${name} is not here.\n\n`);
          this.skip();
        }
        shell = found;
      });

      const followsHf = async (variables: InstructionChoice['variables']) => {
        // A branch is made from what is there.
        await addVersion({ 'README.md': 'Before.\n' });
        await writeFiles(join(home, HOSTILE), modelFiles());
        const choice = { client: 'hf', shell: shell.id } as const;
        const target = { model, localFolder: HOSTILE, message: HOSTILE, branch: 'trial/one' };
        const published = await follow('publish', target, choice, { bin, shell }, variables);
        assert.ok(!published.failed, published.output);
        const { registry } = publishing;
        const git = registry.gitDirectory(registry.organization, registry.registry, model);
        const log = await execa('git', ['--git-dir', git, 'log', '-1', '--format=%B', 'trial/one']);
        assert.equal(log.stdout.trim(), HOSTILE);
        const installFolder = `${HOSTILE} 2`;
        const install = { model, revision: 'trial/one', installFolder };
        const done = await follow('install', install, choice, { bin, shell }, variables);
        assert.ok(!done.failed, done.output);
        await isTheModel(join(home, installFolder));
      };

      for (const variables of ['inCommand', 'inTerminal'] as const) {
        // A terminal's variables are the same for every shell: two show it.
        if (variables === 'inCommand' || name === 'sh' || name === 'fish') {
          it(`hf publishes and installs, variables ${variables}`, () => followsHf(variables));
        }

        it(`model-registries publishes and installs, variables ${variables}`, async () => {
          const repository = join(home, HOSTILE);
          await mkdir(repository);
          await writeFile(join(repository, 'config.json'), '{}');
          const git = ['-c', 'user.name=T', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
          for (const args of [
            ['init', '-q'],
            ['add', '.'],
            [...git, 'commit', '-q', '-m', 'one'],
          ]) {
            await execa('git', args, { cwd: repository });
          }
          const programs = join(home, 'programs');
          await mkdir(programs);
          const program = join(programs, 'model-registries');
          await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${await builtCli()}' "$@"\n`);
          await chmod(program, 0o755);
          const choice = { client: 'model-registries', shell: shell.id } as const;
          const run = { bin: programs, shell };
          const target = { model, localFolder: HOSTILE, message: HOSTILE };
          const done = await follow('publish', target, choice, run, variables);
          assert.ok(!done.failed, done.output);
          const [message = ''] = await publishing.messages(model);
          assert.ok(message.startsWith(HOSTILE), message);
          const installFolder = `${HOSTILE} 2`;
          const install = { model, revision: await head(), installFolder };
          const into = await follow('install', install, choice, run, variables);
          assert.ok(!into.failed, into.output);
          assert.equal(await readFile(join(home, installFolder, 'config.json'), 'utf8'), '{}');
        });

        it(`curl looks for a version, variables ${variables}`, async () => {
          const commit = await addVersion();
          const choice = { client: 'curl', shell: shell.id } as const;
          const look = (revision: string) =>
            follow('install', { model, revision }, choice, { shell }, variables);
          const { failed, output } = await look(commit);
          assert.ok(!failed, output);
          assert.equal((JSON.parse(output) as { readonly sha: string }).sha, commit);
          const other = await look(HOSTILE);
          assert.ok(other.failed);
          assert.match(other.output, /404/);
          const asked = publishing.registry.requests.at(-1)?.path ?? '';
          assert.equal(decodeURIComponent(asked.split('/revision/')[1] ?? ''), HOSTILE);
        });
      }
    });
  }

  it('by a teammate: what was pasted installs and loads the version with a token that may read', async function () {
    this.timeout(10 * 60_000);
    const { bin } = await hfClientOrSkip(this, '2.4.0');
    const commit = await addVersion();
    const shared = teammateText({
      endpoint,
      registry: 'acme',
      model,
      commit,
      message: HOSTILE,
      size: undefined,
      page: undefined,
      uses: [],
      wayToToken: '',
    });
    assert.ok(shared.kind === 'written');
    const [posix = '', , code = ''] = Array.from(
      shared.text.matchAll(/^```\n([^]*?)\n```$/gm),
      ([, lines]) => lines ?? '',
    );
    const token = publishing.registry.addToken({ scopes: ['read_packages'] });
    const pasted = await type(posix.replace(TOKEN_PLACEHOLDER, token), { bin });
    assert.ok(!pasted.failed, pasted.output);
    await isTheModel(join(home, 'tiny-model'));
    const loaded = await python(code, { bin, env: { HF_TOKEN: token } });
    assert.ok(!loaded.failed, loaded.output);
    await isTheModel(loaded.output.trim().split('\n').at(-1) ?? '');
  });

  it('by a pipeline: the agent’s token publishes the files of the checkout', async function () {
    this.timeout(10 * 60_000);
    const { bin } = await hfClientOrSkip(this, '2.4.0');
    const { registry } = publishing;
    const agent = join(home, 'agent');
    await mkdir(agent);
    try {
      // Stands for the agent, which needs Buildkite: it gives a token for this registry only.
      const audience = endpoint.replace(/\/huggingface$/, '');
      await writeFile(
        join(agent, 'buildkite-agent'),
        `#!/bin/sh\n[ "$*" = 'oidc request-token --audience ${audience} --lifetime 300' ] && echo '${registry.token}'\n`,
      );
      await chmod(join(agent, 'buildkite-agent'), 0o755);
      const step = pipelineStep(
        {
          endpoint,
          organization: registry.organization,
          registry: registry.registry,
          model,
          message: HOSTILE,
          pipeline: 'publish-model',
          buildBranch: 'main',
        },
        'hf',
      );
      assert.ok(step.kind === 'written');
      const { steps } = parse(step.text) as { readonly steps: readonly [{ readonly command: string }] };
      const { failed, output } = await type(interpolated(steps[0].command), {
        shell: { program: 'bash', id: 'posix', options: ['-e', '-c'] },
        bin: [agent, bin].join(delimiter),
        folder: join(home, 'model'),
      });
      assert.ok(!failed, output);
      const [message = ''] = await publishing.messages(model);
      assert.equal(message.trim(), HOSTILE);
    } finally {
      await rm(agent, { recursive: true });
    }
  });
});
