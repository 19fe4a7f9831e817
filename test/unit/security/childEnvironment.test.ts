import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import fc from 'fast-check';
import { bkEnvironment, createBkCli } from '../../../src/core/hosts/buildkite/bkCli.ts';
import { clientEnvironment, installedClients } from '../../../src/core/programs/installedClients.ts';
import { folderHead } from '../../../src/core/localModels/head.ts';
import { firstProgram, programCandidates } from '../../../src/core/programs/programPath.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import { gitEnvironment } from '../../../src/core/snapshot/git/gitEnvironment.ts';
import { createCli, type Cli } from '../cli/builtCli.ts';
import { startPublishing, type Publishing } from '../publish/publishing.ts';
import { scratch, silent } from '../snapshot/repositories.ts';

/** Variables that carry secrets, and two that nobody has invented yet. */
const SECRETS = [
  'HF_TOKEN',
  'HUGGING_FACE_HUB_TOKEN',
  'BUILDKITE_TOKEN',
  'BUILDKITE_API_TOKEN',
  'BUILDKITE_AGENT_ACCESS_TOKEN',
  'BUILDKITE_GRAPHQL_TOKEN',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'GITHUB_TOKEN',
  'GH_TOKEN',
  'GIT_CONFIG_VALUE_0',
  'GIT_HTTP_EXTRAHEADER',
  'OPENAI_API_KEY',
  'NPM_TOKEN',
  'MISE_GITHUB_TOKEN',
  'SSH_AUTH_SOCK',
  'OF_TOMORROW',
  'PATHOLOGICAL_SECRET',
] as const;
const VALUE = 'secret-3c1f';

describe('the programs that are started', () => {
  if (process.platform === 'win32') return;
  const { folder, repository } = scratch();
  let bin: string;
  let seen: string;
  const saved = new Map<string, string | undefined>();

  /** Puts a program on PATH that notes the environment it gets, and then does what `then` says. */
  function spy(name: string, then: string): string {
    const program = join(bin, name);
    writeFileSync(program, `#!/bin/sh\n/usr/bin/env >> '${seen}'\n${then}\n`);
    chmodSync(program, 0o755);
    return program;
  }
  async function spyOnGit(): Promise<void> {
    const git = await firstProgram(programCandidates('git', process.env, process.platform));
    assert(git !== undefined);
    spy('git', `exec '${git}' "$@"`);
  }
  function set(name: string, value: string): void {
    if (!saved.has(name)) saved.set(name, process.env[name]);
    process.env[name] = value;
  }
  function assertNothingSeen(): void {
    assert(existsSync(seen), 'no program was started');
    const leaked = readFileSync(seen, 'utf8')
      .split('\n')
      .filter((line) => line.includes(VALUE));
    assert.deepEqual(leaked, []);
  }

  beforeEach(() => {
    bin = join(folder(), 'bin');
    seen = join(folder(), 'seen');
    mkdirSync(bin);
  });
  afterEach(() => {
    for (const [name, value] of saved) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    saved.clear();
  });

  it('see no secret: Git, for a snapshot and for the head of a folder', async () => {
    const model = repository();
    model.write('README.md', '# A model\n');
    model.commit('A');
    await spyOnGit();
    set('PATH', `${bin}${delimiter}${process.env.PATH ?? ''}`);
    for (const name of SECRETS) set(name, VALUE);
    const options = { signal: new AbortController().signal, log: silent };
    const snapshot = await openSnapshot(model.path, options);
    await snapshot.dispose();
    const head = await folderHead(model.path, options);
    assert.equal(head.kind, 'repository');
    assertNothingSeen();
  });

  it('see no secret: bk, which has its keychain and its proxy all the same', async () => {
    const program = spy('bk', `case "$1" in organization) echo '[]';; *) echo bkua_token;; esac`);
    for (const name of SECRETS) set(name, VALUE);
    set('DBUS_SESSION_BUS_ADDRESS', 'unix:path=/run/user/1000/bus');
    set('HTTPS_PROXY', 'http://proxy.example:3128');
    const { signal } = new AbortController();
    const bk = createBkCli({
      program,
      environment: process.env,
      platform: process.platform,
    });
    assert.deepEqual(await bk.organizations(signal), []);
    assert.equal(await bk.token('acme', signal), 'bkua_token');
    await bk.refresh('acme', signal);
    assertNothingSeen();
    const lines = readFileSync(seen, 'utf8').split('\n');
    assert(lines.includes('DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus'));
    assert(lines.includes('HTTPS_PROXY=http://proxy.example:3128'));
    assert(lines.includes('BUILDKITE_ORGANIZATION_SLUG=acme'));
  });

  it('see no secret: the clients of huggingface_hub', async () => {
    spy('hf', 'echo version: 1.33.0');
    spy('huggingface-cli', 'echo huggingface_hub version: 0.36.2');
    for (const name of SECRETS) set(name, VALUE);
    const found = await installedClients({
      environment: process.env,
      find: (program) => Promise.resolve(join(bin, program)),
      folder: bin,
      signal: new AbortController().signal,
    });
    assert.deepEqual(
      found.map(({ version }) => version),
      ['1.33.0', '0.36.2'],
    );
    assertNothingSeen();
  });

  describe('from a terminal', () => {
    let publishing: Publishing;
    let cli: Cli;
    before(async () => {
      publishing = await startPublishing();
      cli = await createCli();
    });
    after(async () => {
      await publishing.stop();
      await cli.remove();
    });

    it('see neither the token of the publish nor another secret', async () => {
      const model = repository();
      model.write('README.md', '# A model\n');
      model.commit('A');
      await spyOnGit();
      const { packagesUrl, organization, registry, token } = publishing.registry;
      const hub = `${packagesUrl}/${organization}/${registry}/huggingface`;
      const secrets = Object.fromEntries(SECRETS.map((name) => [name, VALUE]));
      for (const more of [['--dry-run'], []]) {
        const { code, stderr } = await cli.run(
          ['publish', model.path, '--hub', hub, '--model', 'acme/model', ...more],
          { env: { ...secrets, HF_TOKEN: token, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` } },
        );
        assert.equal(code, 0, stderr);
      }
      assertNothingSeen();
      assert(!readFileSync(seen, 'utf8').includes(token));
    });
  });
});

describe('the environment of a program', () => {
  const environments: Readonly<
    Record<string, (own: Record<string, string>, platform: NodeJS.Platform) => object>
  > = {
    git: gitEnvironment,
    bk: (own, platform) => bkEnvironment(own, platform, 'acme'),
    hf: clientEnvironment,
  };

  for (const [name, made] of Object.entries(environments)) {
    it(`has nothing in it that was not asked for, on any platform: ${name}`, () => {
      fc.assert(
        fc.property(
          fc.mixedCase(fc.constantFrom(...SECRETS)),
          fc.constantFrom<NodeJS.Platform>('linux', 'darwin', 'win32'),
          (secret, platform) => assert.deepEqual(made({ [secret]: VALUE }, platform), made({}, platform)),
        ),
      );
    });
  }

  it('finds itself, its home and its settings, in whatever capitals Windows spells their names', () => {
    const windows = {
      Path: 'C:\\bin',
      SystemRoot: 'C:\\Windows',
      UserProfile: 'C:\\Users\\ada',
      'ProgramFiles(x86)': 'C:\\P',
    };
    assert.deepEqual(clientEnvironment({ ...windows, Hf_Token: VALUE }, 'win32'), {
      ...clientEnvironment({}, 'win32'),
      ...windows,
    });
    const linux = {
      PATH: '/bin',
      HOME: '/home/ada',
      SUDO_UID: '1000',
      GIT_CONFIG_GLOBAL: '/home/ada/config',
    };
    assert.deepEqual(gitEnvironment({ ...linux, path: VALUE, GIT_DIR: VALUE }, 'linux'), {
      ...gitEnvironment({}, 'linux'),
      ...linux,
    });
  });
});
