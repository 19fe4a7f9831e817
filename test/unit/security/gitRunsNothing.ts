import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../../src/core/failure.ts';
import { committedSize, folderHead } from '../../../src/core/localModels/head.ts';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import { wherePushed } from '../../../src/core/snapshot/git/pushed.ts';
import { readBlob } from '../../../src/core/snapshot/git/readBlob.ts';
import { contentOf, pointerTo, restore, scratch, silent, storeObject } from '../snapshot/repositories.ts';
import { WAYS, type Laid, type Place, type Way } from './gitTraps.ts';

export interface TriedGit {
  readonly version: string;
  readonly program: string;
}

function knows({ version }: TriedGit, { since = [0, 0], until = [99, 0] }: Way): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const reached = ([other, otherMinor]: readonly [number, number]) =>
    major > other || (major === other && minor >= otherMinor);
  return reached(since) && !reached(until);
}

/** All that this product does with a folder, with that Git. What it says where it does not open the folder. */
async function everything(folder: string, git: string): Promise<Failure | undefined> {
  const { signal } = new AbortController();
  const options = { signal, log: silent, git };
  const none = asGitObjectId('0'.repeat(40));
  assert(none !== undefined);
  const attempts = [
    async () => {
      const head = await folderHead(folder, options);
      if (head.kind !== 'repository' || head.commit === undefined) {
        await wherePushed(folder, { commit: none, branch: 'main' }, options);
        return;
      }
      const { repository, commit, branch } = head;
      await wherePushed(repository, { commit, branch }, options);
      await committedSize({ repository, folder: head.folder, commit }, options);
    },
    () => readBlob(folder, none, options),
  ];
  for (const attempt of attempts) {
    await attempt().catch((error: unknown) => assert(error instanceof Failure, String(error)));
  }
  return opening(folder, git);
}

/** Opens the folder and reads all of it. What is said where it is not opened. */
async function opening(folder: string, git: string): Promise<Failure | undefined> {
  const options = { signal: new AbortController().signal, log: silent, git };
  try {
    const snapshot = await openSnapshot(folder, options);
    try {
      for (const file of snapshot.files) await contentOf(file.open());
      await snapshot.proposeModels();
    } finally {
      await snapshot.dispose();
    }
  } catch (error) {
    assert(error instanceof Failure, String(error));
    return error;
  }
  return undefined;
}

/**
 * Describes what that Git does in a stranger's repository. Traps are shell scripts, and what they prove is the same everywhere.
 *
 * @param barely Which are tried where there is no place for a repository of ours, too.
 */
export function describeTraps(git: TriedGit, barely: (way: Way) => boolean): void {
  if (process.platform === 'win32') return;
  describe(`Git ${git.version} in a stranger’s repository runs nothing`, () => {
    const { folder } = scratch();
    let template: string;
    before(() => (template = mkdtempSync(join(tmpdir(), 'trap-'))));
    after(() => rmSync(template, { recursive: true, force: true }));

    for (const way of WAYS.filter((each) => knows(git, each))) {
      it(way.name, async () => {
        const place = makePlace(folder(), template, git);
        const laid = way.lay(place) ?? {};
        const undo = surround(laid, place);
        try {
          place.touch();
          way.careless(place);
          assert(existsSync(place.trace), 'the trap is none: plain Git runs nothing either');
          rmSync(place.trace);
          place.touch();
          const failure = await everything(laid.folder ?? place.model, git.program);
          assert(!existsSync(place.trace), 'it ran');
          assert.equal(failure === undefined, way.ours === undefined, failure?.message);
          assert.deepEqual(readdirSync(join(place.folder, 'tmp')), []);
          if (!barely(way)) return;
          // Nor where there is no place for a repository of ours.
          process.env.TMPDIR = join(place.folder, 'nowhere');
          place.touch();
          const without = await opening(laid.folder ?? place.model, git.program);
          assert(!existsSync(place.trace), 'it ran without a repository of ours');
          assert.equal(without === undefined, way.ours === undefined, without?.message);
        } finally {
          undo();
        }
      });
    }
  });
}

/** Sets the variables that a trap needs, and a folder of its own for temporary files; gives back how to undo it. */
function surround({ environment = {}, personal }: Laid, place: Place): () => void {
  if (personal !== undefined) writeFileSync(process.env.GIT_CONFIG_GLOBAL ?? '', personal);
  const variables = { ...environment, TMPDIR: join(place.folder, 'tmp') };
  const saved = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of saved) restore(name, value);
  };
}

function makePlace(folder: string, template: string, { program }: TriedGit): Place {
  const model = join(folder, 'model');
  const trace = join(folder, 'ran');
  const trap = join(folder, 'trap.sh');
  writeFileSync(trap, `#!/bin/sh\necho "$0 $*" >> '${trace}'\nexit 1\n`);
  chmodSync(trap, 0o755);
  let touched = 0;

  const run: Run = (cwd, args, input = '') => {
    try {
      const env = { ...process.env, NODE_OPTIONS: '', GIT_TERMINAL_PROMPT: '0' };
      return execFileSync(program, args, { cwd, input, env, stdio: 'pipe', timeout: 20_000 }).toString();
    } catch (error) {
      // A trap makes a poor filter, and a poor everything else.
      return String((error as { stdout?: Buffer }).stdout ?? '');
    }
  };
  const place: Place = {
    folder,
    model,
    program: trap,
    command: `sh '${trap}'`,
    trace,
    git: (...args) => run(model, args),
    gitIn: (other, ...args) => run(other, args),
    gitWith: (input, ...args) => run(model, args, input),
    touch: () => {
      touched += 1;
      if (existsSync(join(model, 'a.txt'))) writeFileSync(join(model, 'a.txt'), `${touched % 10}`);
    },
  };
  if (!existsSync(join(template, 'model'))) makeTemplate(template, run);
  cpSync(join(template, 'model'), model, { recursive: true });
  mkdirSync(join(folder, 'tmp'));
  return place;
}

type Run = (cwd: string, args: readonly string[], input?: string) => string;

/** The repository that every trap is laid in a copy of. */
function makeTemplate(folder: string, run: Run): void {
  const model = join(folder, 'model');
  run(folder, ['init', '--quiet', '--template=', '--initial-branch=main', model]);
  writeFileSync(join(model, 'a.txt'), 'a');
  // An LFS file that is checked out: without a look at its content, its mark is put into an index.
  writeFileSync(join(model, 'weights.bin'), pointerTo('w'.repeat(5000)));
  run(model, ['add', '--all']);
  run(model, ['commit', '--quiet', '-m', 'Model']);
  writeFileSync(join(model, 'weights.bin'), 'w'.repeat(5000));
  storeObject(join(model, '.git', 'lfs'), 'w'.repeat(5000));
}
