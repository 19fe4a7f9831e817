import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { cacheRoot } from '../../setup/cache.ts';
import { scriptsFolder } from '../../setup/python.ts';

describe('where tests keep what is expensive to fetch', () => {
  const home = join('home', 'ada');

  it('takes the folder a person chose before any other', () => {
    const environment = { MODEL_REGISTRIES_TEST_CACHE: 'chosen', XDG_CACHE_HOME: 'xdg' };
    assert.equal(cacheRoot({ platform: 'linux', environment, home }), resolve('chosen'));
  });

  it("follows each platform's custom", () => {
    const root = (platform: NodeJS.Platform, environment: Record<string, string>) =>
      cacheRoot({ platform, environment, home });
    assert.equal(root('linux', {}), join(home, '.cache', 'model-registries-test'));
    assert.equal(root('linux', { XDG_CACHE_HOME: 'xdg' }), join('xdg', 'model-registries-test'));
    assert.equal(root('darwin', {}), join(home, '.cache', 'model-registries-test'));
    assert.equal(root('win32', { LOCALAPPDATA: 'local' }), join('local', 'model-registries-test'));
  });

  it('counts an empty variable as unset', () => {
    const environment = { MODEL_REGISTRIES_TEST_CACHE: '', XDG_CACHE_HOME: '' };
    assert.equal(
      cacheRoot({ platform: 'linux', environment, home }),
      join(home, '.cache', 'model-registries-test'),
    );
  });

  it('finds the scripts of a virtual environment on Windows too', () => {
    assert.equal(scriptsFolder('venv', 'win32'), join('venv', 'Scripts'));
    assert.equal(scriptsFolder('venv', 'darwin'), join('venv', 'bin'));
  });
});
