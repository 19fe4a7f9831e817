import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { installedShells } from '../../setup/shells.ts';
import { assertEnded, createCli, type Cli } from './builtCli.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** Programs that write what a shell completes the last word of a line to. */
const ASK: Readonly<Record<Shell, (script: string, line: readonly string[]) => readonly string[]>> = {
  bash: (script, line) => [
    '--norc',
    '-c',
    `compopt() { :; } ; source "$0" && COMP_WORDS=("$@") && COMP_CWORD=$(($# - 1)) && _model_registries && printf '%s\\n' "\${COMPREPLY[@]}"`,
    script,
    ...line,
  ],
  // What zsh calls is replaced by what writes: it works inside its line editor only.
  zsh: (script, line) => [
    '-f',
    '-c',
    `compdef() { } ; _describe() { print -l -- "\${(@)\${(P)2}%%:*}" } ; _files() { print -l -- files "$@" } ; _message() { }
     source "$0" ; words=("$@") ; CURRENT=$# ; _model_registries`,
    script,
    ...line,
  ],
  fish: (script, line) => [
    '--no-config',
    '-c',
    'source $argv[1]; complete -C "$argv[2..-1]"',
    script,
    ...line,
  ],
};

describe('completion of the command line', () => {
  let cli: Cli;
  let folder: string;
  const here = new Set<string>();
  before(async () => {
    cli = await createCli();
    folder = await mkdtemp(join(tmpdir(), 'completion-'));
    for (const { program } of await installedShells()) here.add(program);
  });
  after(async () => {
    await rm(folder, { recursive: true });
    await cli.remove();
  });

  for (const shell of SHELLS) {
    describe(`in ${shell}`, () => {
      let script: string;
      before(async function () {
        if (!here.has(shell)) this.skip();
        const ended = await cli.run(['completion', shell]);
        assertEnded(ended, 0);
        script = join(folder, shell);
        await writeFile(script, `${ended.stdout}\n`);
      });

      const offered = async (...words: readonly string[]): Promise<readonly string[]> => {
        const line = ['model-registries', ...words];
        const { stdout, stderr } = await execa(shell, ASK[shell](script, line), { cwd: folder });
        assert.equal(stderr, '');
        const last = words.at(-1) ?? '';
        const all = stdout.split('\n').map((offer) => offer.split('\t')[0] ?? '');
        // zsh chooses from all by itself.
        return all.filter((offer) => offer !== '' && offer.startsWith(last));
      };

      it('offers the commands, and those below a command', async () => {
        assert.deepEqual([...(await offered('p'))], ['publish']);
        assert.deepEqual([...(await offered('list', ''))].filter((word) => !word.startsWith('-')).sort(), [
          'files',
          'help',
          'models',
          'registries',
          'versions',
        ]);
      });

      it('offers the options of a command, whatever stands between', async () => {
        const hub = ['--hub', 'https://hub.example.com'];
        assert.deepEqual([...(await offered('download', ...hub, 'acme/gpt2', '--inc'))], ['--include']);
        assert.deepEqual([...(await offered('list', 'models', ...hub, '--na'))], ['--name']);
        assert.ok(!(await offered('login', '--')).includes('--include'));
      });

      it('offers no word of its own where a value is to stand', async () => {
        assert.deepEqual([...(await offered('publish', '--hub', ''))], []);
      });

      it('evaluates nothing of what was typed', async () => {
        const evil = `$(touch ${join(folder, 'evil')})`;
        await offered('publish', evil, '--h');
        await assert.rejects(rm(join(folder, 'evil')), { code: 'ENOENT' });
      });
    });
  }

  it('is offered for no other shell', async () => {
    const ended = await cli.run(['completion', 'csh']);
    assertEnded(ended, 2);
    assert.match(ended.stderr, /bash, zsh, fish/);
  });
});
