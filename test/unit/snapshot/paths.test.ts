import assert from 'node:assert/strict';
import { join } from 'node:path';
import fc from 'fast-check';
import { folderIgnoringCase } from '../../../src/core/snapshot/git/head.ts';
import { isSamePath, isSpelledWithin } from '../../../src/core/snapshot/files/spelledPaths.ts';
import { gitEnvironment } from '../../../src/core/snapshot/git/gitEnvironment.ts';
import { workTreeFile } from '../../../src/core/snapshot/git/workTree.ts';
import { isRefusedPath } from '../../../src/core/snapshot/refusedPath.ts';
import { anyText } from '../../setup/anyText.ts';

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
      anyText({ maxLength: 5 }),
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

describe('Two paths', () => {
  const names = fc.array(fc.stringMatching(/^[a-zäé][a-z0-9äé ._-]{0,6}[a-z]$/), { maxLength: 4 });
  const mixed = (text: string, mask: number) =>
    Array.from(text, (letter, at) => ((mask >> (at % 20)) & 1 ? letter.toUpperCase() : letter)).join('');

  it('are of one place in whatever case, and with either slash, where a system does not tell them apart', () => {
    fc.assert(
      fc.property(names, names, fc.nat(), (folders, below, mask) => {
        const inside = [...folders, ...below];
        const windows = `c:\\${folders.join('\\')}`;
        assert(isSamePath(windows, mixed(`c:/${folders.join('/')}`, mask), 'win32'), windows);
        assert(isSpelledWithin(mixed(`c:\\${inside.join('\\')}`, mask), windows, 'win32'), windows);
        const mac = `/${folders.join('/')}`.normalize('NFD');
        assert(isSamePath(mac, mixed(mac.normalize('NFC'), mask), 'darwin'), mac);
        assert(isSpelledWithin(mixed(`/${inside.join('/')}`, mask), mac, 'darwin'), mac);
        assert.equal(isSamePath(mac, mixed(mac, mask), 'linux'), mixed(mac, mask) === mac);
      }),
    );
  });

  it('are of two where drives, names or levels differ', () => {
    for (const platform of ['win32', 'darwin', 'linux'] as const) {
      const top = platform === 'win32' ? 'C:\\' : '/';
      assert(!isSamePath(`${top}models`, `${top}model`, platform));
      assert(!isSpelledWithin(`${top}models`, `${top}model`, platform));
      assert(!isSpelledWithin(top, `${top}model`, platform));
      assert(isSpelledWithin(`${top}..models`, top, platform));
    }
    assert(!isSpelledWithin('D:\\model\\x', 'C:\\model', 'win32'));
    assert(isSamePath('\\\\SERVER\\share\\model', '\\\\server\\Share\\model\\', 'win32'));
  });
});

describe('Git’s environment', () => {
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
