import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findGit,
  gitCandidates,
  gitProgram,
  hasDeveloperTools,
  wrappedGits,
} from '../../../src/core/snapshot/git/program.ts';
import { scratch } from './repositories.ts';

describe('Git’s program', () => {
  const { folder } = scratch();

  it('is looked for in absolute folders of PATH only', () => {
    assert.deepEqual(gitCandidates({ PATH: '.:/usr/bin::bin:/opt/git/bin' }, 'linux'), [
      '/usr/bin/git',
      '/opt/git/bin/git',
    ]);
  });

  it('is looked for where Windows keeps it, for everybody and for one person', () => {
    const environment = {
      Path: '.;"C:\\Tools\\Git";bin',
      ProgramW6432: 'C:\\Program Files',
      ProgramFiles: 'C:\\Program Files',
      'ProgramFiles(x86)': 'C:\\Program Files (x86)',
      LocalAppData: 'C:\\Users\\ada\\AppData\\Local',
    };
    assert.deepEqual(gitCandidates(environment, 'win32'), [
      'C:\\Tools\\Git\\git.exe',
      'C:\\Program Files\\Git\\cmd\\git.exe',
      'C:\\Program Files (x86)\\Git\\cmd\\git.exe',
      'C:\\Users\\ada\\AppData\\Local\\Programs\\Git\\cmd\\git.exe',
    ]);
    assert.deepEqual(gitCandidates({ LOCALAPPDATA: 'Local' }, 'win32'), []);
  });

  it('is, of a wrapper in Git for Windows, the one that it wraps', () => {
    const real = ['mingw64', 'clangarm64', 'mingw32'].map((name) => `C:\\Git\\${name}\\bin\\git.exe`);
    for (const wrapper of ['C:\\Git\\cmd\\git.exe', 'C:\\Git\\bin\\git.exe', 'C:\\Git\\CMD\\Git']) {
      assert.deepEqual(wrappedGits(wrapper, 'win32'), real, wrapper);
    }
    assert.deepEqual(wrappedGits('C:\\Tools\\git.exe', 'win32'), []);
    assert.deepEqual(wrappedGits('C:\\Git\\cmd\\git-lfs.exe', 'win32'), []);
    for (const platform of ['linux', 'darwin'] as const) {
      assert.deepEqual(wrappedGits('/usr/local/bin/git', platform), []);
    }
  });

  it('is the one that a person’s settings name', async () => {
    const named = join(folder(), 'cmd', 'git.exe');
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      assert.equal(await gitProgram(named, {}, platform), named);
    }
  });

  // The programs that are found have to be there.
  if (process.platform !== 'win32') {
    const program = (name: string, script: string): string => {
      const made = join(folder(), 'bin', name);
      mkdirSync(join(made, '..'));
      writeFileSync(made, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      return made;
    };

    it('is, on a Mac without Apple’s developer tools, not the one that offers to install them', async () => {
      const system = { PATH: '/usr/bin' };
      await assert.rejects(
        findGit(system, 'darwin', () => Promise.resolve(false)),
        {
          kind: 'git',
          message: /not installed on this Mac.*xcode-select --install/,
        },
      );
      assert.equal(await findGit(system, 'darwin', () => Promise.resolve(true)), '/usr/bin/git');
      const brewed = program('git', '');
      const both = { PATH: `/usr/bin:${join(brewed, '..')}` };
      assert.equal(await findGit(both, 'darwin', () => Promise.resolve(false)), brewed);
      // It is asked about no other Git, and nowhere else.
      const unasked = () => assert.fail('asked');
      assert.equal(await findGit({ PATH: `${join(brewed, '..')}:/usr/bin` }, 'darwin', unasked), brewed);
      assert.equal(await findGit(system, 'linux', unasked), '/usr/bin/git');
    });

    it('knows of the developer tools by what xcode-select says', async () => {
      assert(!(await hasDeveloperTools({}, program('xcode-select', 'echo "error: none" >&2; exit 2'))));
      assert(await hasDeveloperTools({}, program('xcode-select', 'echo /Library/Developer')));
      assert(await hasDeveloperTools({}, join(folder(), 'none')));
    });
  }
});
