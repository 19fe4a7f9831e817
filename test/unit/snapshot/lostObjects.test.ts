import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { Failure } from '../../../src/core/failure.ts';
import {
  contentOf,
  failureOf,
  openRepository,
  scratch,
  withSnapshot,
  type Repository,
} from './repositories.ts';

describe('A repository that has lost objects', () => {
  const { folder, repository } = scratch();

  function origin(): Repository {
    const made = repository();
    made.write('README.md', '# Model');
    made.write('sub/config.json', '{}');
    made.commit('Model');
    return made;
  }

  /** A clone whose objects are in a file each. */
  function loose(from: Repository): Repository {
    const made = openRepository(join(folder(), 'clone'));
    from.git('clone', '--quiet', `file://${from.path.replaceAll('\\', '/')}`, made.path);
    const packs = join(made.path, '.git', 'objects', 'pack');
    const aside = folder();
    for (const name of readdirSync(packs)) renameSync(join(packs, name), join(aside, name));
    for (const name of readdirSync(aside).filter((name) => name.endsWith('.pack')))
      made.gitWith(readFileSync(join(aside, name)), 'unpack-objects', '-q');
    return made;
  }

  const fileOf = (made: Repository, oid: string): string =>
    join(made.path, '.git', 'objects', oid.slice(0, 2), oid.slice(2));

  const readAll = (path: string) =>
    withSnapshot(path, async ({ files }) => {
      for (const file of files) await contentOf(file.open());
    });

  /** Does what stands in the message as a command. */
  function obeys({ message }: Failure, made: Repository): void {
    const command = /“(git fetch [^”]+)”/.exec(message)?.[1];
    assert(command !== undefined, message);
    execFileSync('sh', ['-c', command], {
      cwd: made.path,
      stdio: 'pipe',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
  }

  const damages: Readonly<Record<string, (content: Buffer) => Buffer>> = {
    empty: () => Buffer.alloc(0),
    'of other bytes': (content) => Buffer.alloc(content.length, 'x'),
    'cut short': (content) => content.subarray(0, -6),
    'of another object': () => deflateSync(Buffer.from('blob 1\0x')),
  };
  for (const [what, damage] of Object.entries(damages)) {
    for (const [part, name] of Object.entries({ commit: 'HEAD', tree: 'HEAD:sub', blob: 'HEAD:README.md' })) {
      it(`names the file of a ${part} that is ${what}, and gets it again`, async () => {
        const made = loose(origin());
        const file = fileOf(made, made.git('rev-parse', name));
        chmodSync(file, 0o644);
        writeFileSync(file, damage(readFileSync(file)));
        // Some damage shows where a blob is read, which names what it is in.
        const failure = await failureOf(made.path, 'git').catch(() => undefined);
        if (failure === undefined) return;
        assert(failure.message.includes(file), failure.message);
        assert.match(failure.message, /is damaged, .*Remove that, run “git fetch/);
        rmSync(file);
        obeys(failure, made);
        await readAll(made.path);
      });
    }
  }

  it('calls nothing damaged that is as it was', async () => {
    const made = loose(origin());
    rmSync(fileOf(made, made.git('rev-parse', 'HEAD:sub')));
    const failure = await failureOf(made.path, 'git');
    assert.match(failure.message, /lacks a part of its last commit/);
    obeys(failure, made);
    await readAll(made.path);
  });

  it('names the folder that it borrows from, which is not there', async () => {
    const lender = origin();
    const made = openRepository(join(folder(), 'borrower'));
    lender.git('clone', '--quiet', '--shared', lender.path, made.path);
    const moved = join(folder(), 'moved');
    renameSync(lender.path, moved);
    const failure = await failureOf(made.path, 'git');
    assert(failure.message.includes(`“${join(lender.path, '.git', 'objects')}”`), failure.message);
    assert.match(failure.message, /In a container, have that folder at the same place/);
    made.git('remote', 'set-url', 'origin', moved);
    obeys(failure, made);
    await readAll(made.path);
    renameSync(moved, lender.path);
    await readAll(made.path);
  });
});
