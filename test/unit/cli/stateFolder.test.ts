import assert from 'node:assert/strict';
import { stateFolder } from '../../../src/cli/stateFolder.ts';
import { homeFolder } from '../../../src/core/homeFolder.ts';
import { restore } from '../snapshot/repositories.ts';

describe('the folder for what is kept between runs', () => {
  it('is what XDG says on Linux', () => {
    const linux = { platform: 'linux', home: '/home/ada' } as const;
    assert.equal(stateFolder({ ...linux, environment: {} }), '/home/ada/.local/state/model-registries');
    assert.equal(
      stateFolder({ ...linux, environment: { XDG_STATE_HOME: '/state' } }),
      '/state/model-registries',
    );
    for (const useless of ['', 'relative/state']) {
      assert.equal(
        stateFolder({ ...linux, environment: { XDG_STATE_HOME: useless } }),
        '/home/ada/.local/state/model-registries',
      );
    }
  });

  it('is nowhere without a home, where no variable names it', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      assert.equal(stateFolder({ platform, home: undefined, environment: {} }), undefined);
    }
    const environment = { XDG_STATE_HOME: '/state' };
    assert.equal(stateFolder({ platform: 'linux', home: undefined, environment }), '/state/model-registries');
  });

  it('is not where a program was started, where the variable of the home names no absolute path', () => {
    const variable = process.platform === 'win32' ? 'USERPROFILE' : 'HOME';
    const home = process.env[variable];
    try {
      for (const useless of ['', 'relative', '.']) {
        process.env[variable] = useless;
        const { platform } = process;
        assert.equal(stateFolder({ platform, home: homeFolder(), environment: {} }), undefined, useless);
      }
    } finally {
      restore(variable, home);
    }
  });

  it('is in the local application data on Windows', () => {
    const windows = { platform: 'win32', home: 'C:\\Users\\ada' } as const;
    assert.equal(
      stateFolder({ ...windows, environment: { LOCALAPPDATA: 'D:\\Local' } }),
      'D:\\Local\\model-registries',
    );
    assert.equal(
      stateFolder({ ...windows, environment: {} }),
      'C:\\Users\\ada\\AppData\\Local\\model-registries',
    );
  });

  it('is in the Library on macOS, whatever XDG says', () => {
    assert.equal(
      stateFolder({ platform: 'darwin', home: '/Users/ada', environment: { XDG_STATE_HOME: '/state' } }),
      '/Users/ada/Library/Application Support/model-registries',
    );
  });
});
