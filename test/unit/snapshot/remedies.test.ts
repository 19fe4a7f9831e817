import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../../src/core/failure.ts';
import { damaged, missingObjects } from '../../../src/core/publish/contentFailures.ts';
import { trustSentence } from '../../../src/core/snapshot/git/trust.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { cacheModel, COMMIT } from './caches.ts';
import {
  contentOf,
  fileAt,
  hasGitLfs,
  openRepository,
  restore,
  scratch,
  sha256,
  silent,
  type Repository,
} from './repositories.ts';

const WORDS = 'w'.repeat(5000);

/** What may be done by hand, and is said in words. */
type ByHand = (made: Repository) => void;

describe('What a message says that helps', () => {
  const { folder, repository } = scratch();

  async function opened<T>(
    path: string,
    use: (snapshot: Snapshot) => Promise<T> | T,
    git?: string,
  ): Promise<T> {
    const snapshot = await openSnapshot(path, { signal: new AbortController().signal, log: silent, git });
    try {
      return await use(snapshot);
    } finally {
      await snapshot.dispose();
    }
  }

  /** Opens and reads all of it. */
  const readAll = (path: string, git?: string) =>
    opened(
      path,
      async (snapshot) => {
        for (const file of snapshot.files) {
          if (file.kind === 'lfs' && !(await file.present())) throw missingObjects([file], 'hereNorThere');
          const content = await contentOf(file.open());
          if (file.kind === 'lfs' && sha256(content) !== file.sha256) throw damaged(file);
        }
      },
      git,
    );

  async function failing(path: string, git?: string): Promise<Failure> {
    const failure = await readAll(path, git).then(
      () => assert.fail('it was read'),
      (error: unknown) => error,
    );
    assert(failure instanceof Failure, String(failure));
    return failure;
  }

  /** Commands that a message names, in their order. */
  const commandsIn = ({ message }: Failure): string[] => [
    ...[...message.matchAll(/“(git [^”]+)”/g)].map(([, command = '']) => command),
    ...[...message.matchAll(/run: (git .+)$/g)].map(([, command = '']) => command),
  ];

  /** Does what the message says, in `made`, and reads all of it. */
  async function helps(failure: Failure, made: Repository, path = made.path, git?: string): Promise<void> {
    const commands = commandsIn(failure);
    assert.notEqual(commands.length, 0, failure.message);
    for (const command of commands) {
      try {
        execFileSync('sh', ['-c', command], {
          cwd: made.path,
          stdio: 'pipe',
          env: { ...process.env, NODE_OPTIONS: '' },
        });
      } catch (error) {
        // What looks for damage ends so when it has found some.
        assert.match(command, /fsck$/, String(error));
      }
    }
    await readAll(path, git);
  }

  if (hasGitLfs() && process.platform !== 'win32') {
    describe('against content that Git LFS has not got', () => {
      const ODD = 'sub, [odd]/ö "q" $c `d` \'e\'!.bin';

      /** Servers by what they hold; nothing is written to them once they are made. */
      const servers = new Map<string, string>();
      let servedFrom: string;
      before(() => (servedFrom = mkdtempSync(join(tmpdir(), 'servers-'))));
      after(() => rmSync(servedFrom, { recursive: true, force: true }));

      /** A clone without any content, of a repository with these files in Git LFS; their content is their path and words. */
      function clone(files: readonly string[], lfsConfig = ''): Repository {
        const key = JSON.stringify([files, lfsConfig]);
        const server = servers.get(key) ?? join(servedFrom, `${servers.size}.git`);
        if (!servers.has(key)) serve(server, files, lfsConfig);
        servers.set(key, server);
        const made = join(folder(), 'clone');
        execFileSync('git', ['clone', '--quiet', `file://${server}`, made], { stdio: 'pipe' });
        const cloned = openRepository(made);
        cloned.git('lfs', 'install', '--local', '--skip-repo');
        return cloned;
      }

      function serve(server: string, files: readonly string[], lfsConfig: string): void {
        const origin = repository();
        origin.git('lfs', 'install', '--local', '--skip-repo');
        origin.write('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
        if (lfsConfig !== '') origin.write('.lfsconfig', lfsConfig);
        for (const file of files) origin.write(file, file + WORDS);
        origin.commit('Model');
        origin.git('init', '--quiet', '--bare', '--initial-branch=main', server);
        origin.git('remote', 'add', 'origin', `file://${server}`);
        origin.git('push', '--quiet', 'origin', 'main');
      }

      const EXCLUDED = '[lfs]\n\tfetchexclude = *\n';
      const filters: Readonly<Record<string, { readonly lfsConfig?: string; readonly set?: ByHand }>> = {
        'nothing that keeps it from being fetched': {},
        'a .lfsconfig that excludes all': { lfsConfig: EXCLUDED },
        'a configuration that includes other files only': {
          set: (made) => void made.git('config', 'lfs.fetchinclude', 'other'),
        },
        'a configuration that excludes all': {
          set: (made) => void made.git('config', 'lfs.fetchexclude', '*'),
        },
      };
      const many = Array.from({ length: 7 }, (_, index) => `many/${index}.bin`);
      for (const [what, { lfsConfig, set }] of Object.entries(filters)) {
        for (const files of [['a.bin'], ['a.bin', ODD], many]) {
          it(`brings it, with ${what}: ${files.length} of ${files[0]}`, async () => {
            const made = clone(files, lfsConfig);
            set?.(made);
            const all = await opened(made.path, (snapshot) =>
              missingObjects(snapshot.files.filter(isLfs), 'hereNorThere'),
            );
            await helps(all, made);
          });
        }

        it(`brings one after the other, with ${what}`, async () => {
          const made = clone(['a.bin', ODD], lfsConfig);
          set?.(made);
          const first = await opened(made.path, (snapshot) => contentOf(fileAt(snapshot, ODD).open())).catch(
            (error: unknown) => error,
          );
          assert(first instanceof Failure && first.kind === 'missingObject', String(first));
          execFileSync('sh', ['-c', first.command ?? ''], { cwd: made.path, stdio: 'pipe' });
          await opened(made.path, (snapshot) => contentOf(fileAt(snapshot, ODD).open()));
        });

        it(`brings it into the place of a file that was changed, with ${what}`, async () => {
          const made = clone(['a.bin'], lfsConfig);
          set?.(made);
          made.write('a.bin', 'x'.repeat('a.bin'.length + WORDS.length));
          await helps(await failing(made.path), made);
        });

        it(`renews it where it is damaged, with ${what}`, async () => {
          const made = clone(['a.bin', 'b.bin'], lfsConfig);
          made.git('lfs', 'pull', '--include=*', '--exclude=');
          set?.(made);
          const content = `a.bin${WORDS}`;
          const stored = objectFile(made, content);
          rmSync(stored);
          writeFileSync(stored, 'x'.repeat(content.length));
          await helps(await failing(made.path), made);
        });

        it(`brings it into the place of a link, with ${what}`, async () => {
          const made = clone(['a.bin'], lfsConfig);
          set?.(made);
          const stored = objectFile(made, `a.bin${WORDS}`);
          mkdirSync(join(stored, '..'), { recursive: true });
          writeFileSync(join(made.path, 'elsewhere'), 'x'.repeat('a.bin'.length + WORDS.length));
          symlinkSync(join(made.path, 'elsewhere'), stored);
          const failure = await failing(made.path);
          assert.match(failure.message, /Remove the link/);
          rmSync(stored);
          await helps(failure, made);
        });

        it(`brings what a link of a published folder leads to, with ${what}`, async () => {
          const made = clone(['weights/a.bin', 'b.bin'], lfsConfig);
          set?.(made);
          mkdirSync(join(made.path, 'model'));
          symlinkSync('../weights/a.bin', join(made.path, 'model', 'linked.bin'));
          made.git(
            '-c',
            'user.name=a',
            '-c',
            'user.email=a@b',
            'commit',
            '--quiet',
            '--allow-empty',
            '-m',
            'None',
          );
          made.git('add', 'model');
          made.git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'Link');
          const path = join(made.path, 'model');
          const failure = await failing(path);
          assert.match(failure.message, /linked\.bin/);
          await helps(failure, made, path);
        });
      }
    });
  }

  it('brings what a partial clone lacks', async () => {
    const origin = repository();
    origin.write('a', 'a');
    origin.git('config', 'uploadpack.allowFilter', 'true');
    origin.commit('A');
    const partial = openRepository(join(folder(), 'partial'));
    const url = `file://${origin.path.replaceAll('\\', '/')}`;
    origin.git('clone', '--quiet', '--no-checkout', '--filter=blob:none', url, partial.path);
    await helps(await failing(partial.path), partial);
  });

  it('brings what a clone has lost', async () => {
    const origin = repository();
    origin.write('a', 'a');
    origin.commit('A');
    const made = openRepository(join(folder(), 'clone'));
    origin.git('clone', '--quiet', `file://${origin.path.replaceAll('\\', '/')}`, made.path);
    for (const pack of readdirSync(join(made.path, '.git', 'objects', 'pack'))) {
      rmSync(join(made.path, '.git', 'objects', 'pack', pack), { force: true });
    }
    for (const two of readdirSync(join(made.path, '.git', 'objects'))) {
      if (two.length === 2) rmSync(join(made.path, '.git', 'objects', two), { recursive: true });
    }
    await helps(await failing(made.path), made);
  });

  for (const [what, bytes] of [
    ['empty', ''],
    ['of zeros', '\0'.repeat(41)],
    ['of half a commit', '0123456789\n'],
  ] as const) {
    it(`leads a branch whose file is ${what} back to its last commit`, async () => {
      const made = repository();
      made.write('a', 'a');
      made.commit('A');
      made.write('a', 'b');
      const head = made.commit('B');
      const file = join(made.path, '.git', 'refs', 'heads', 'main');
      writeFileSync(file, bytes);
      appendFileSync(join(made.path, '.git', 'logs', 'refs', 'heads', 'main'), '\0'.repeat(100));
      const failure = await failing(made.path);
      assert(failure.message.includes(`“${file}” names no commit. Remove that file`), failure.message);
      rmSync(file);
      await helps(failure, made);
      assert.equal(made.head(), head);
    });
  }

  it('names the file of a branch that nothing is noted of', async () => {
    const made = repository();
    made.commit('A');
    rmSync(join(made.path, '.git', 'logs'), { recursive: true, force: true });
    writeFileSync(join(made.path, '.git', 'refs', 'heads', 'main'), '');
    assert.match((await failing(made.path)).message, /names no commit\. Clone the repository anew/);
  });

  it('checks a submodule out', async () => {
    const inner = repository();
    inner.write('weights', 'w');
    inner.commit('Inner');
    const outer = repository();
    writeFileSync(process.env.GIT_CONFIG_GLOBAL ?? '', '[protocol "file"]\n\tallow = always\n');
    outer.git('submodule', '--quiet', 'add', inner.path, 'inner');
    outer.commit('Outer');
    outer.git('submodule', '--quiet', 'deinit', '--force', 'inner');
    const path = join(outer.path, 'inner');
    await helps(await failing(path), outer, path);
  });

  describe('against an index that is none', () => {
    const damages: Readonly<Record<string, (index: string) => void>> = {
      'cut short': (index) => writeFileSync(index, readFileSync(index).subarray(0, -25)),
      'of a few bytes': (index) => writeFileSync(index, 'DIRC'),
      empty: (index) => writeFileSync(index, ''),
      'of other bytes': (index) => writeFileSync(index, Buffer.alloc(500, 'x')),
      'of a version to come': (index) => writeFileSync(index, with1(readFileSync(index), 7, 99)),
      'with a byte turned': (index) => writeFileSync(index, with1(readFileSync(index), 70, 0x55)),
      'with a byte of its checksum turned': (index) =>
        writeFileSync(index, with1(readFileSync(index), -3, 0x55)),
      'a folder': (index) => {
        rmSync(index);
        mkdirSync(index);
      },
    };
    for (const [what, damage] of Object.entries(damages)) {
      it(`names the repository’s own, and makes it anew: one ${what}`, async () => {
        const made = repository();
        for (let file = 0; file < 5; file += 1) made.write(`file${file}`, String(file));
        made.commit('Model');
        const index = join(made.path, '.git', 'index');
        damage(index);
        const failure = await readAll(made.path).catch((error: unknown) => error);
        // Some damage is none to Git.
        if (failure === undefined) return;
        assert(failure instanceof Failure);
        assert(failure.message.includes(index), failure.message);
        assert.doesNotMatch(failure.message, /git-folder-/);
        assert.match(failure.message, /Remove it, run “git reset” and try again/);
        rmSync(index, { recursive: true });
        await helps(failure, made);
      });
    }

    it('names no temporary copy where the shared part of a split one is gone', async () => {
      const made = repository();
      made.write('a', 'a');
      made.commit('A');
      made.git('update-index', '--split-index');
      const gitFolder = join(made.path, '.git');
      for (const name of readdirSync(gitFolder))
        if (name.startsWith('sharedindex.')) rmSync(join(gitFolder, name));
      const failure = await failing(made.path);
      assert(failure.message.includes(join(gitFolder, 'index')), failure.message);
      assert.doesNotMatch(failure.message, /git-folder-/);
      rmSync(join(gitFolder, 'index'));
      await helps(failure, made);
    });
  });

  if (process.platform !== 'win32') {
    describe('against a repository of somebody else', () => {
      const names = [
        'HOME',
        'GIT_CONFIG_GLOBAL',
        'GIT_CONFIG_COUNT',
        'GIT_CONFIG_KEY_0',
        'GIT_CONFIG_VALUE_0',
      ];
      const saved = names.map((name) => [name, process.env[name]] as const);
      const put = (values: Readonly<Record<string, string | undefined>>) => {
        for (const [name, value] of Object.entries(values)) restore(name, value);
      };
      afterEach(() => put(Object.fromEntries(saved)));

      const environments: Readonly<Record<string, () => Readonly<Record<string, string | undefined>>>> = {
        'a configuration of their own': () => ({}),
        'a home folder': () => ({ GIT_CONFIG_GLOBAL: undefined, HOME: folder() }),
        'no home folder': () => ({ GIT_CONFIG_GLOBAL: undefined, HOME: undefined }),
        'a home folder that is not there': () => ({
          GIT_CONFIG_GLOBAL: undefined,
          HOME: join(folder(), 'none'),
        }),
        'settings in variables': () => ({
          ...{ GIT_CONFIG_GLOBAL: undefined, HOME: undefined },
          ...{ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'a.b', GIT_CONFIG_VALUE_0: 'c' },
        }),
      };
      for (const [what, environment] of Object.entries(environments)) {
        it(`has it trusted by whoever has ${what}`, async () => {
          const made = repository(join(folder(), "Ada's model"));
          made.write('a', 'a');
          made.commit('A');
          const git = join(folder(), 'git');
          // Git's own way to try this without being somebody else.
          writeFileSync(git, '#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec git "$@"\n');
          chmodSync(git, 0o755);
          put(environment());
          const { message } = await failing(made.path, git);
          const command = /If you trust it, run: (.+)$/.exec(message)?.[1] ?? '';
          // Never the configuration of whoever runs this test.
          assert(process.env.GIT_CONFIG_GLOBAL !== undefined || process.env.HOME !== saved[0]?.[1], 'a home');
          const output = execFileSync('sh', ['-c', `${command} && env -0`], {
            cwd: made.path,
            encoding: 'utf8',
            env: { ...process.env, NODE_OPTIONS: '' },
          });
          const exported = output
            .split('\0')
            .map((line) => /^(GIT_CONFIG_(?:COUNT|KEY_\d|VALUE_\d))=(.*)$/s.exec(line))
            .flatMap((found) => (found === null ? [] : [[found[1], found[2]] as const]));
          put(Object.fromEntries(exported) as Record<string, string>);
          await readAll(made.path, git);
          put({ GIT_CONFIG_KEY_1: undefined, GIT_CONFIG_VALUE_1: undefined });
        });
      }

      it('does not write into the null device, where that is the configuration on purpose', () => {
        const environment = { GIT_CONFIG_GLOBAL: '/dev/null', HOME: folder() };
        assert.match(trustSentence('/model', environment), /run: export '?GIT_CONFIG_COUNT=1'? /);
      });
    });
  }

  it('publishes from a repository what a server names by no hash, which comes as it is again and again', async () => {
    const { snapshot, storage } = cacheModel(folder(), { 'config.json': { content: '{}' } });
    const listing = join(storage, 'trees', `${COMMIT}.json`);
    writeFileSync(listing, readFileSync(listing, 'utf8').replace(/[0-9a-f]{40}/, '1'.repeat(40)));
    const failure = await failing(snapshot);
    assert.match(failure.message, /Should they come as they are, .*commit them to a repository of your own/);
    const made = repository();
    made.write('config.json', readFileSync(join(snapshot, 'config.json')));
    made.commit('From the cache');
    await readAll(made.path);
  });

  it('makes a repository of a folder', async () => {
    const made = openRepository(join(folder(), 'new'));
    mkdirSync(made.path);
    made.write('a', 'a');
    const failure = await failing(made.path);
    assert.match(failure.message, /Run “git init” there, commit the model’s files and try again/);
    made.git('init', '--quiet');
    made.commit('A');
    await readAll(made.path);
  });
});

function isLfs({ kind }: { readonly kind: string }): boolean {
  return kind === 'lfs';
}

function objectFile(made: Repository, content: string): string {
  const oid = sha256(content);
  const file = join(made.path, '.git', 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid);
  assert(!existsSync(file) || readFileSync(file).toString() === content);
  return file;
}

/** `bytes` with another one at a place, counted from the end where that is negative. */
function with1(bytes: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at < 0 ? changed.length + at : at] = value;
  return changed;
}
