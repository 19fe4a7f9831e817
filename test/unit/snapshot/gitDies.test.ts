import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../src/core/failure.ts';
import { folderHead } from '../../../src/core/localModels/head.ts';
import { asGitObjectId, type GitObjectId } from '../../../src/core/objectIds.ts';
import { wherePushed } from '../../../src/core/snapshot/git/pushed.ts';
import { readBlob } from '../../../src/core/snapshot/git/readBlob.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import {
  contentOf,
  openRepository,
  pointerTo,
  processes,
  scratch,
  silent,
  storeObject,
} from './repositories.ts';
import type { Repository } from './repositories.ts';

/** How a process of Git may end before it has answered. */
const DEATHS: Readonly<Record<string, string>> = {
  'is killed': 'kill -9 $$',
  'ends with a code that nobody knows': 'exit 3',
  'ends with the code by which a shell tells of a killed program': 'exit 137',
};

/** A silent end that looks like success. */
const NOTHING = 'exit 0';

// Programs in place of Git are shell scripts, and what they prove is the same everywhere.
if (process.platform !== 'win32') {
  describe('A process of Git that dies without a word', () => {
    const { folder, repository } = scratch();

    /** A repository in which a look needs every command there is. */
    function model(): Repository {
      const made = repository();
      made.write('README.md', '# Model');
      made.write('large.bin', Buffer.alloc(300 * 1024, 'l'));
      made.write('weights.bin', pointerTo('w'.repeat(5000)));
      made.write('models/tiny/config.json', '{}');
      // So many of a pointer's size that a process of their own reads them.
      for (let index = 0; index < 70; index += 1) made.write(`many/${index}.txt`, `${index}`.padEnd(130));
      made.commit('Model');
      storeObject(join(made.path, '.git', 'lfs'), 'w'.repeat(5000));
      made.write('weights.bin', 'w'.repeat(5000));
      made.git('config', 'core.excludesFile', '~/ignored');
      const origin = join(folder(), 'origin.git');
      made.git('init', '--quiet', '--bare', origin);
      made.git('remote', 'add', 'origin', origin);
      made.git('push', '--quiet', '-u', 'origin', 'main');
      return made;
    }

    /** A Git that dies where its arguments hold `at`; the arguments of every command that was run with it. */
    function dyingGit(death: string, at: string): { readonly git: string } {
      const real = execFileSync('sh', ['-c', 'command -v git']).toString().trim();
      const made = join(folder(), 'git');
      writeFileSync(`${made}.at`, `${at}\n`);
      writeFileSync(
        made,
        `#!/bin/sh\nread -r at < '${made}.at'\ncase " $* " in *" $at "*) ${death};; esac\nexec '${real}' "$@"\n`,
      );
      chmodSync(made, 0o755);
      return { git: made };
    }

    /** All that is done with a repository, and how it ended. */
    const uses: Readonly<Record<string, (made: Repository, git: string, trace: Trace) => Promise<unknown>>> =
      {
        'the opening of a snapshot, and of its files': async (made, git, trace) => {
          const snapshot = await openSnapshot(made.path, options(git, trace));
          try {
            for (const file of snapshot.files) await contentOf(file.open());
            await snapshot.proposeModels();
            assert.equal(snapshot.branch, 'main');
          } finally {
            await snapshot.dispose();
          }
        },
        'the opening of a folder in it': async (made, git, trace) => {
          const snapshot = await openSnapshot(join(made.path, 'models', 'tiny'), options(git, trace));
          await snapshot.dispose();
          assert.equal(snapshot.folder, 'models/tiny');
        },
        'a look at its head': async (made, git, trace) => {
          const head = await folderHead(join(made.path, 'models', 'tiny'), options(git, trace));
          if (head.kind === 'unreadable') throw head.failure;
          assert(head.kind === 'repository' && head.branch === 'main' && head.commit !== undefined);
        },
        'the question where it was pushed': async (made, git, trace) => {
          const pushed = await wherePushed(
            made.path,
            { commit: headOf(made), branch: 'main' },
            options(git, trace),
          );
          assert.equal(pushed.branches.length, 1);
        },
        'the reading of a blob': async (made, git, trace) => {
          const oid = asGitObjectId(made.git('rev-parse', 'HEAD:README.md'))!;
          assert.equal((await readBlob(made.path, oid, options(git, trace))).toString(), '# Model');
        },
      };

    for (const [what, use] of Object.entries(uses)) {
      it(`is a failure of ${what}, whichever it was`, async () => {
        const made = model();
        const commands = new Set<string>();
        const { git } = dyingGit('', '-');
        await use(made, git, (message) => commands.add(distinct(message)));
        assert(commands.size > 2, [...commands].join('\n'));
        for (const at of commands) {
          for (const [how, death] of Object.entries(DEATHS)) {
            await assert.rejects(
              use(made, dyingGit(death, at).git, () => undefined),
              isGitFailure,
              `${at} ${how}`,
            );
          }
          if (!MAY_SAY_NOTHING.test(at)) {
            const silenced = use(made, dyingGit(NOTHING, at).git, () => undefined);
            await assert.rejects(silenced, (error) => error instanceof Failure, `${at} says nothing`);
          }
        }
        assert.deepEqual(processes(), []);
      });
    }

    it('does not make a download of a folder that a commit holds', async () => {
      const made = model();
      const notes = join(made.path, '.cache', 'huggingface', 'download');
      mkdirSync(notes, { recursive: true });
      writeFileSync(join(notes, 'README.md.metadata'), `${'1'.repeat(40)}\n${'2'.repeat(40)}\n1\n`);
      for (const at of ['--show-toplevel', '--revs-only', '--get-regexp', 'ls-tree', 'status']) {
        const { git } = dyingGit('kill -9 $$', at);
        await refusesToOpen(made, git, at);
        const head = await folderHead(
          made.path,
          options(git, () => undefined),
        );
        assert.notEqual(head.kind, 'download', at);
      }
    });

    it('is asked in other words whether there is a commit, where it said nothing of one', async () => {
      const made = model();
      const { git } = dyingGit(NOTHING, '--revs-only');
      await uses['the opening of a snapshot, and of its files']?.(made, git, () => undefined);
      await refusesToOpen(made, dyingGit(NOTHING, 'HEAD').git, 'HEAD');
    });

    it('is no answer either where it had answered in part', async () => {
      const made = model();
      for (const at of ['--show-toplevel', '--get-regexp', '--revs-only', 'ls-tree', 'status']) {
        const real = execFileSync('sh', ['-c', 'command -v git']).toString().trim();
        const { git } = dyingGit(`'${real}' "$@" | head -c 20; kill -9 $$`, at);
        await refusesToOpen(made, git, at);
      }
    });
  });
}

/** @param at where that Git dies. */
async function refusesToOpen({ path }: Repository, git: string, at: string): Promise<void> {
  const opening = openSnapshot(
    path,
    options(git, () => undefined),
  );
  await assert.rejects(opening, isGitFailure, at);
}

type Trace = (message: string) => void;

/** Commands that have nothing to say where nothing has changed, or nothing is there, or that never answer; or that are asked again then. */
const MAY_SAY_NOTHING = /^(?:--revs-only|diff-files|status|ls-files|update-index|for-each-ref|ls-tree -z)\b/;

const options = (git: string, trace: Trace) => ({
  signal: new AbortController().signal,
  log: { ...silent, trace },
  git,
});

/** Words by which a command is told from the others that we run, of "git … …". */
function distinct(message: string): string {
  const words = message.split(' ').slice(1);
  const [command = ''] = words;
  const option = words.find((word) =>
    ['--show-toplevel', '--revs-only', '--get-regexp', '--type=path'].includes(word),
  );
  if (option !== undefined) return option;
  const second = command === 'cat-file' || command === 'ls-tree' ? ` ${words[1] ?? ''}` : '';
  return command === 'cat-file' && words.includes('--buffer') ? '--buffer' : `${command}${second}`;
}

function headOf(made: Repository): GitObjectId {
  return asGitObjectId(openRepository(made.path).git('rev-parse', 'HEAD'))!;
}

function isGitFailure(error: unknown): boolean {
  assert(error instanceof Failure, String(error));
  assert.equal(error.kind, 'git', error.message);
  assert.match(error.message, /Git/);
  return true;
}
