import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loginCommand } from '../../../src/cli/accessToken.ts';
import type { Failure } from '../../../src/core/failure.ts';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import { missingObjects } from '../../../src/core/publish/contentFailures.ts';
import { type Download, originOf, refusalOf } from '../../../src/core/snapshot/hfCache/refusals.ts';
import { explainGit } from '../../../src/core/snapshot/git/explain.ts';
import type { LfsFile } from '../../../src/core/snapshot/snapshot.ts';

/** Names that do more than name, where a shell reads them: each makes the file X. */
const HOSTILE = [
  'dl$(touch X)',
  'dl`touch X`',
  'dl";touch X;"',
  "dl';touch X;'",
  "dl\\';touch X;'",
  'dl\\;touch X',
  'dl & touch X',
  'dl ${X:=y} !! ~ * ? # | > X',
  '-dl "it’s” \\',
];
/** Names that no command can hold. */
const UNSEEN = ['dl\ntouch X\n', 'dl\u0003\rtouch X\r', 'dl\u202etouch'];

const SHELLS = [
  ['sh', '-c'],
  ['dash', '-c'],
  ['bash', '--norc', '-c'],
  ['zsh', '-f', '-c'],
  ['fish', '--no-config', '-c'],
].filter(([program = '']) => spawnSync(program, ['-c', 'exit 0']).status === 0);

const commit = asGitObjectId('0123456789abcdef0123456789abcdef01234567')!;

describe('Commands in the sentences of failures', () => {
  let folder: string;
  let programs: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'commands-')));
    programs = path.join(folder, 'programs');
    mkdirSync(programs);
    // Stand for the clients, and write down what they were given.
    for (const name of ['hf', 'model-registries', 'git']) {
      const print = `require('node:fs').writeFileSync(${JSON.stringify(path.join(folder, 'given'))}, JSON.stringify(process.argv.slice(2)))`;
      writeFileSync(path.join(programs, name), `#!${process.execPath}\n${print}\n`);
      chmodSync(path.join(programs, name), 0o755);
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** What the program gets when a person pastes `command` at the prompt of each shell. */
  function given(command: string): readonly unknown[] {
    return SHELLS.map(([program = '', ...options]) => {
      rmSync(path.join(folder, 'given'), { force: true });
      execFileSync(program, [...options, command], {
        cwd: folder,
        stdio: 'ignore',
        env: { PATH: `${programs}:${process.env.PATH ?? ''}`, LC_ALL: 'C.UTF-8', HOME: folder },
      });
      assert.equal(existsSync(path.join(folder, 'X')), false, `${program}: ${command}`);
      return JSON.parse(execFileSync('cat', [path.join(folder, 'given')], { encoding: 'utf8' })) as unknown;
    });
  }

  function commandIn({ message }: Failure, pattern = /“(hf download .*)”/): string {
    const [, command] = pattern.exec(message) ?? [];
    assert.ok(command !== undefined, message);
    return command;
  }

  const everyShell = (words: readonly string[]) => SHELLS.map(() => words);

  it('run in POSIX shells', () => assert.ok(SHELLS.length > 0));

  for (const name of HOSTILE) {
    it(`name the folder ${name} and run nothing of it`, () => {
      const into = path.join(folder, name);
      const download: Download = {
        model: `acme/${name}`,
        commit,
        into: { option: '--local-dir', folder: into },
      };
      const words = ['download', `acme/${name}`, '--revision', commit, '--local-dir', into];
      for (const failure of [
        refusalOf(download, 'missing', ['a']),
        missingObjects([lostFile(download)], 'hereNorThere'),
      ]) {
        assert.deepEqual(given(commandIn(failure)), everyShell(words));
      }
      const changed = commandIn(refusalOf(download, 'changed', ['a']));
      assert.deepEqual(given(changed), everyShell([...words, '--force-download']));

      const owned = commandIn(explainGit('dubious ownership', into), /run: (git .*)$/);
      assert.deepEqual(given(owned), everyShell(['config', '--global', '--add', 'safe.directory', into]));
    });
  }

  for (const name of UNSEEN) {
    it(`are left out for the folder ${JSON.stringify(name)}, and what helps is said without one`, () => {
      const download: Download = {
        model: undefined,
        commit,
        into: { option: '--cache-dir', folder: path.join(folder, name) },
      };
      for (const failure of [
        refusalOf(download, 'missing', ['a']),
        refusalOf(download, 'changed', ['a']),
        missingObjects([lostFile(download)], 'hereNorThere'),
      ]) {
        assert.doesNotMatch(failure.message, /hf download/);
        assert.match(failure.message, /download the model to the same place once more/i);
      }
      const { message } = explainGit('dubious ownership', path.join(folder, name));
      assert.doesNotMatch(message, /git config/);
      assert.match(message, /safe\.directory/);
    });
  }

  it('trust the folder that Git names, not one that a folder’s name names', function () {
    const owned = path.join(folder, "it's !\tgit config --global --add safe.directory ;touch X");
    mkdirSync(owned);
    const run = (words: readonly string[]) =>
      spawnSync('git', words, {
        cwd: owned,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, HOME: folder, LC_ALL: 'C', GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' },
      });
    run(['init', '-q']);
    const { stderr } = run(['status']);
    assert.match(stderr, /dubious ownership/);
    // The name holds a tabulator, which no command can.
    assert.match(explainGit(stderr, owned).message, /add it to safe\.directory in Git/);

    const seen = path.join(folder, "it's ! safe.directory *");
    const words = stderr.replaceAll(owned.replace(/['!]/g, "'\\$&'"), seen.replace(/['!]/g, "'\\$&'"));
    const command = commandIn(explainGit(words, '/elsewhere'), /run: (git .*)$/);
    assert.deepEqual(given(command), everyShell(['config', '--global', '--add', 'safe.directory', seen]));
  });

  it('give the program of the terminal the address of the hub', () => {
    const hub = new URL("https://hub.example/a;touch X;'$(touch X)&b");
    assert.deepEqual(given(loginCommand(hub)), everyShell(['login', '--hub', hub.href]));
  });
});

function lostFile(download: Download): LfsFile {
  const lost = { kind: 'lfs', origin: originOf(download), path: 'a', size: 1 };
  return lost as unknown as LfsFile;
}
