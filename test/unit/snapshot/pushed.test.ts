import assert from 'node:assert/strict';
import fc from 'fast-check';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import { wherePushed } from '../../../src/core/snapshot/git/pushed.ts';
import { isSameRepository } from '../../../src/core/snapshot/git/remote.ts';
import { scratch, silent, type Repository } from './repositories.ts';

const SIGNAL = new AbortController().signal;

describe('where a commit was pushed', () => {
  const temporary = scratch();

  const made = (): Repository => {
    const repository = temporary.repository();
    repository.write('config.json', '{}\n');
    repository.commit('First');
    return repository;
  };
  const remote = (repository: Repository, name: string): string => {
    const url = temporary.folder();
    repository.git('init', '--quiet', '--bare', url);
    repository.git('remote', 'add', name, url);
    return url;
  };
  const pushed = async (repository: Repository, branch: string | undefined = 'main') => {
    const commit = asGitObjectId(repository.git('rev-parse', 'HEAD'));
    assert.ok(commit);
    const { remotes, branches } = await wherePushed(
      repository.path,
      { commit, branch },
      { signal: SIGNAL, log: silent },
    );
    return {
      remotes: remotes.map(({ name }) => name),
      branches: branches.map((found) => `${found.remote.name} ${found.branch}`),
    };
  };

  it('is nowhere without a remote, and before it is pushed', async () => {
    const repository = made();
    assert.deepEqual(await pushed(repository), { remotes: [], branches: [] });
    remote(repository, 'origin');
    assert.deepEqual(await pushed(repository), { remotes: ['origin'], branches: [] });
    repository.git('push', '--quiet', '-u', 'origin', 'main');
    assert.deepEqual((await pushed(repository)).branches, ['origin main']);
    repository.write('config.json', '{"more":1}\n');
    repository.commit('Second');
    assert.deepEqual((await pushed(repository)).branches, []);
  });

  it('is every branch of every remote that contains it, the followed one first', async () => {
    const repository = made();
    remote(repository, 'team/fork');
    remote(repository, 'team');
    remote(repository, 'origin');
    repository.git('push', '--quiet', 'origin', 'main', 'main:archive');
    repository.git('push', '--quiet', 'team', 'main');
    repository.git('push', '--quiet', '-u', 'team/fork', 'main:users/ada/bert');
    repository.git('remote', 'set-head', 'origin', 'main');
    assert.deepEqual((await pushed(repository)).branches, [
      'team/fork users/ada/bert',
      'origin main',
      'team main',
      'origin archive',
    ]);
    repository.git('checkout', '--quiet', '--detach');
    assert.deepEqual([...(await pushed(repository, undefined)).branches].sort(), [
      'origin archive',
      'origin main',
      'team main',
      'team/fork users/ada/bert',
    ]);
  });

  it('is an older commit of a branch that went on', async () => {
    const repository = made();
    remote(repository, 'origin');
    repository.write('config.json', '{"more":1}\n');
    repository.commit('Second');
    repository.git('push', '--quiet', 'origin', 'main');
    repository.git('reset', '--quiet', '--hard', 'HEAD~1');
    assert.deepEqual((await pushed(repository)).branches, ['origin main']);
  });
});

describe('two URLs of a repository', () => {
  const same = [
    ['git@github.com:acme/bert.git', 'https://github.com/Acme/bert'],
    ['ssh://git@github.com:22/acme/bert.git', 'git@github.com:acme/bert'],
    ['ssh://git@ssh.github.com:443/acme/bert.git', 'https://user:secret@github.com/acme/bert.git'],
    ['git@work:acme/bert.git', 'git@github.com:acme/bert.git'],
    ['/srv/git/bert.git', 'file:///srv/git/bert.git'],
    ['C:\\git\\bert', 'C:/git/bert.git'],
  ] as const;
  const different = [
    ['git@github.com:acme/bert.git', 'git@gitlab.com:acme/bert.git'],
    ['git@github.com:acme/bert.git', 'git@github.com:other/bert.git'],
    ['/acme/bert', 'https://github.com/acme/bert'],
    ['', ''],
  ] as const;
  for (const [one, other] of same) {
    it(`are the same: ${one} and ${other}`, () =>
      assert.ok(isSameRepository(one, other) && isSameRepository(other, one)));
  }
  for (const [one, other] of different) {
    it(`are not the same: ${one || 'nothing'} and ${other || 'nothing'}`, () =>
      assert.ok(!isSameRepository(one, other) && !isSameRepository(other, one)));
  }

  it('are compared whatever they hold', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        assert.equal(isSameRepository(one, other), isSameRepository(other, one));
      }),
    );
  });
});
