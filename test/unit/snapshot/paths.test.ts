import assert from 'node:assert/strict';
import { join } from 'node:path';
import fc from 'fast-check';
import { folderIgnoringCase } from '../../../src/core/snapshot/git/head.ts';
import { gitCandidates, gitEnvironment } from '../../../src/core/snapshot/git/program.ts';
import { workTreeFile } from '../../../src/core/snapshot/git/workTree.ts';
import { isRefusedPath } from '../../../src/core/snapshot/refusedPath.ts';

describe('A path', () => {
  for (const path of [
    '.git/config',
    'a/.git/config',
    'a/.GIT',
    'GIT~1/config',
    '.git. /x',
    '.git::$INDEX_ALLOCATION/x',
    '.g\u200cit/config',
    '\u200c.git/x',
    'a\\.git\\config',
    'a/../b',
    './a',
    'a//b',
    '.cache/huggingface/x',
    'a/.cache/b',
    '',
  ]) {
    it(`${JSON.stringify(path)} is refused`, () => assert(isRefusedPath(path)));
  }
  for (const path of [
    '.gitattributes',
    '.gitignore',
    '.github/x',
    'git/x',
    '..a',
    '.cached',
    'con',
    'a:b',
    'a\\b',
    'x.git',
    '...',
    'tail. ',
  ]) {
    it(`${JSON.stringify(path)} is fine`, () => assert(!isRefusedPath(path)));
  }

  it('never leads out of the work tree, on no platform', () => {
    const component = fc.oneof(
      fc.constantFrom('..', '.', '', 'a', 'C:', '..\\..', 'b\\c', 'x:stream', '\\\\server'),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(component, { minLength: 1, maxLength: 5 }), (components) => {
        const path = components.join('/');
        const windows = workTreeFile('C:\\work\\model', path, 'win32');
        assert(windows === undefined || windows.startsWith('C:\\work\\model\\'), windows);
        const linux = workTreeFile('/home/ada/model', path, 'linux');
        assert(linux === undefined || linux === `/home/ada/model/${path}`, linux);
      }),
    );
  });

  it('of a folder is found in the commit by a file system that ignores case and composition', () => {
    assert.equal(folderIgnoringCase(['models/Caf\u00e9', 'models'], 'Models/cafe\u0301'), 'models/Caf\u00e9');
    assert.equal(folderIgnoringCase(['models'], 'model'), undefined);
  });
});

describe('Git’s program', () => {
  it('is looked for in absolute folders of PATH only', () => {
    assert.deepEqual(gitCandidates({ PATH: '.:/usr/bin::bin:/opt/git/bin' }, 'linux'), [
      '/usr/bin/git',
      '/opt/git/bin/git',
    ]);
  });

  it('is looked for where Windows keeps it', () => {
    const environment = { Path: '.;"C:\\Tools\\Git";bin', ProgramFiles: 'C:\\Program Files' };
    assert.deepEqual(gitCandidates(environment, 'win32'), [
      'C:\\Tools\\Git\\git.exe',
      'C:\\Program Files\\Git\\cmd\\git.exe',
    ]);
  });

  it('inherits nothing that names another repository or a program to run', () => {
    const environment = gitEnvironment({
      PATH: '/usr/bin',
      HOME: '/home/ada',
      LC_ALL: 'de_DE.UTF-8',
      GIT_DIR: '/x',
      git_work_tree: '/x',
      GIT_INDEX_FILE: '/x',
      GIT_ASKPASS: '/x',
      GIT_SSH_COMMAND: 'x',
      GIT_EXTERNAL_DIFF: 'x',
      GIT_CONFIG_COUNT: '1',
      GIT_TRACE: '1',
      SSH_ASKPASS: '/x',
      PAGER: 'x',
      EDITOR: 'x',
      GIT_CONFIG_GLOBAL: join('home', 'gitconfig'),
    });
    assert.deepEqual(environment, {
      PATH: '/usr/bin',
      HOME: '/home/ada',
      LC_ALL: 'C',
      GIT_CONFIG_GLOBAL: join('home', 'gitconfig'),
      GIT_TERMINAL_PROMPT: '0',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_NO_LAZY_FETCH: '1',
      GIT_ALLOW_PROTOCOL: 'none',
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_LITERAL_PATHSPECS: '1',
    });
  });

  it('inherits of the settings in variables those that are a person’s own, and no others', () => {
    const given = (settings: readonly (readonly [string, string])[], count = String(settings.length)) => {
      const each = settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]);
      const variables = Object.fromEntries([['GIT_CONFIG_COUNT', count], ...each]) as Record<string, string>;
      const environment = gitEnvironment(variables);
      return Object.fromEntries(
        Object.entries(environment).filter(([name]) => name.startsWith('GIT_CONFIG_')),
      );
    };
    assert.deepEqual(
      given([
        ['core.fsmonitor', 'touch x'],
        ['safe.directory', '/builds/model'],
        ['filter.x.clean', 'touch x'],
        ['Safe.Directory', ''],
        ['safe.directory.x', '/'],
        ['lfs.storage', '/cache/lfs'],
        ['include.path', '/x'],
      ]),
      {
        GIT_CONFIG_COUNT: '3',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '/builds/model',
        GIT_CONFIG_KEY_1: 'Safe.Directory',
        GIT_CONFIG_VALUE_1: '',
        GIT_CONFIG_KEY_2: 'lfs.storage',
        GIT_CONFIG_VALUE_2: '/cache/lfs',
      },
    );
    const one = [['safe.directory', '/x']] as const;
    for (const useless of ['', '0', '-1', 'x', '1e1', '99999999']) assert.deepEqual(given(one, useless), {});
    assert.deepEqual(given([['core.pager', 'touch x']]), {});
    assert.deepEqual(gitEnvironment({ GIT_CONFIG_COUNT: '2' }).GIT_CONFIG_COUNT, undefined);
  });
});
