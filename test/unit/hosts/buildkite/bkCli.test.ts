import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { bkEnvironment, createBkCli, type BkCliOptions } from '../../../../src/core/hosts/buildkite/bkCli.ts';
import { Failure } from '../../../../src/core/failure.ts';
import { firstProgram, programCandidates } from '../../../../src/core/programs/programPath.ts';
import { makeBkProgram, type BkProgram } from '../../../setup/bkProgram.ts';

const never = new AbortController().signal;

describe('Buildkite’s command line', () => {
  let home: string;
  let bk: BkProgram;
  const cli = (more: Partial<BkCliOptions> = {}) =>
    createBkCli({
      program: bk.program,
      environment: process.env,
      platform: process.platform,
      ...more,
    });
  const script = async (text: string) => {
    const program = join(home, 'script');
    await writeFile(program, `#!${process.execPath}\n${text}`);
    await chmod(program, 0o755);
    return program;
  };
  const refused = async (task: Promise<unknown>, kind: string, words: RegExp) => {
    await assert.rejects(task, (error) => {
      assert(error instanceof Failure);
      assert.equal(error.kind, kind);
      assert.match(error.message, words);
      assert.doesNotMatch(error.message, /bkua_/);
      return true;
    });
  };

  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'model-registries-bk-')));
    bk = await makeBkProgram(join(home, 'bin'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('tells its organizations and the token of the one that is meant', async () => {
    await bk.login('acme', 'bkua_acme');
    await bk.login('beta', 'bkua_beta');
    assert.deepEqual(await cli().organizations(never), [
      { slug: 'acme', selected: true },
      { slug: 'beta', selected: false },
    ]);
    assert.equal(await cli().token('beta', never), 'bkua_beta');
    assert.equal(await cli().token('acme', never), 'bkua_acme');
  });

  it('runs in an empty folder of its own that is gone afterwards, without a token of the editor’s environment', async () => {
    await bk.login('acme', 'bkua_acme');
    const environment = {
      ...process.env,
      BUILDKITE_API_TOKEN: 'bkua_inherited',
      BUILDKITE_ORGANIZATION_SLUG: 'other',
      BUILDKITE_NO_INPUT: 'false',
    };
    assert.equal(await cli({ environment }).token('acme', never), 'bkua_acme');
    const [call] = await bk.calls();
    assert(call);
    assert.notEqual(call.folder, process.cwd());
    assert.deepEqual(call.files, ['.git']);
    assert(!existsSync(call.folder));
    assert.equal(call.environment.BUILDKITE_ORGANIZATION_SLUG, 'acme');
    assert.equal(call.environment.BUILDKITE_NO_INPUT, 'true');
    assert.equal(call.environment.BUILDKITE_API_TOKEN, undefined);
  });

  it('hides no organization because of another that is none', async () => {
    await bk.login('my team', 'bkua_team');
    await bk.login('acme', 'bkua_acme');
    assert.deepEqual(
      (await cli().organizations(never)).map(({ slug }) => slug),
      ['acme'],
    );
  });

  it('exchanges an expired token once it had to ask the server', async () => {
    await bk.login('acme', 'bkua_old', 'bkua_new');
    assert.equal(await cli().token('acme', never), 'bkua_old');
    await cli().refresh('acme', never);
    assert.equal(await cli().token('acme', never), 'bkua_new');
  });

  it('is not logged in: says which command helps', async () => {
    await refused(cli().token('acme', never), 'auth', /no token found.*bk auth login/);
  });

  it('takes no shell’s words from an organization', async () => {
    await bk.login('acme', 'bkua_acme');
    await refused(cli().token('acme; echo bkua_x $(id) & "', never), 'auth', /no token found/);
  });

  it('is killed when it does not end', async () => {
    const program = await script('setInterval(() => {}, 1000);');
    await refused(cli({ program, timeoutMs: 300 }).token('acme', never), 'refused', /0\.3 seconds/);
  });

  it('is killed when the person leaves', async () => {
    const program = await script('setInterval(() => {}, 1000);');
    const controller = new AbortController();
    const asked = cli({ program }).token('acme', controller.signal);
    controller.abort();
    await assert.rejects(asked, { name: 'AbortError' });
  });

  it('may print what it likes', async () => {
    const token = async (text: string) => cli({ program: await script(text) }).token('acme', never);
    await refused(token('process.stdout.write("x".repeat(1e6))'), 'refused', /too much/);
    await refused(token('console.log("two words")'), 'auth', /printed no token/);
    await refused(token('console.log("")'), 'auth', /printed no token/);
    await refused(
      token('process.stderr.write("bad bkua_secret\\n\\u001b[31m"); process.exit(3)'),
      'auth',
      /redacted/,
    );
    await refused(token('process.exit(3)'), 'auth', /exit code 3/);
    const list = async (text: string) => cli({ program: await script(text) }).organizations(never);
    await refused(list('console.log("acme")'), 'refused', /JSON/);
    assert.deepEqual(await list('console.log(JSON.stringify([{ slug: "a/../b" }]))'), []);
  });

  it('is gone: says so', async () => {
    await refused(cli({ program: join(home, 'gone') }).token('acme', never), 'refused', /ENOENT/);
  });
});

describe('the environment of Buildkite’s command line', () => {
  it('has no token, in whatever capitals Windows spells it', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.string()),
        fc.mixedCase(fc.constant('BUILDKITE_API_TOKEN')),
        (own, name) => {
          const made = bkEnvironment({ ...own, [name]: 'bkua_inherited' }, 'win32', 'acme');
          assert(!Object.values(made).includes('bkua_inherited'));
          assert.equal(made.BUILDKITE_ORGANIZATION_SLUG, 'acme');
        },
      ),
    );
  });
});

describe('a program', () => {
  it('is looked for by its bare name in absolute folders of PATH only', () => {
    assert.deepEqual(programCandidates('bk', { PATH: '.:/usr/bin::bin:/opt/bk' }, 'darwin'), [
      '/usr/bin/bk',
      '/opt/bk/bk',
    ]);
    assert.deepEqual(programCandidates('bk', { Path: '.;C:\\Tools;"D:\\bk folder";bin' }, 'win32'), [
      'C:\\Tools\\bk.exe',
      'D:\\bk folder\\bk.exe',
    ]);
    assert.deepEqual(programCandidates('bk.exe', { PATH: 'C:\\Tools' }, 'win32'), ['C:\\Tools\\bk.exe']);
    assert.deepEqual(programCandidates('bk', {}, 'linux'), []);
  });

  it('is where an absolute path says, and nowhere for a relative one', () => {
    const environment = { PATH: '/usr/bin' };
    assert.deepEqual(programCandidates('/opt/bk', environment, 'linux'), ['/opt/bk']);
    assert.deepEqual(programCandidates('C:\\bk', { PATH: 'C:\\Tools' }, 'win32'), ['C:\\bk.exe']);
    for (const name of ['', '.', '..', './bk', 'bin/bk', '../bk']) {
      assert.deepEqual(programCandidates(name, environment, 'linux'), [], name);
    }
    for (const name of ['', '.\\bk', 'bin\\bk', 'bin/bk', 'C:bk']) {
      assert.deepEqual(programCandidates(name, { PATH: 'C:\\Tools' }, 'win32'), [], name);
    }
  });

  it('is the first that may be run', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'model-registries-path-'));
    try {
      const plain = join(folder, 'plain');
      await writeFile(plain, '', { mode: 0o644 });
      assert.equal(await firstProgram([join(folder, 'gone'), plain, process.execPath]), process.execPath);
      assert.equal(await firstProgram([join(folder, 'gone')]), undefined);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
