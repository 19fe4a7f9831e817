import assert from 'node:assert/strict';
import { cacheFolder } from '../../../src/core/download/cacheFolder.ts';

describe('the folder of the Hugging Face cache', () => {
  const onLinux = (environment: Record<string, string>) =>
    cacheFolder({ environment, home: '/home/ada', platform: 'linux' })?.folder;
  const onWindows = (environment: Record<string, string>) =>
    cacheFolder({ environment, home: 'C:\\Users\\ada', platform: 'win32' })?.folder;

  it('is where the variables say, the nearest first', () => {
    const all = {
      HF_HUB_CACHE: '/one',
      HUGGINGFACE_HUB_CACHE: '/two',
      HF_HOME: '/three',
      XDG_CACHE_HOME: '/four',
    };
    assert.equal(onLinux(all), '/one');
    assert.equal(onLinux({ ...all, HF_HUB_CACHE: '' }), '/two');
    assert.equal(onLinux({ HF_HOME: '/three', XDG_CACHE_HOME: '/four' }), '/three/hub');
    assert.equal(onLinux({ XDG_CACHE_HOME: '/four' }), '/four/huggingface/hub');
    assert.equal(onLinux({}), '/home/ada/.cache/huggingface/hub');
    assert.equal(onWindows({}), 'C:\\Users\\ada\\.cache\\huggingface\\hub');
  });

  it('has its tilde and variables expanded', () => {
    assert.equal(onLinux({ HF_HOME: '~/hf' }), '/home/ada/hf/hub');
    assert.equal(onLinux({ HF_HUB_CACHE: '$DATA/${SUB}/hub', DATA: '/data', SUB: 'x' }), '/data/x/hub');
    assert.equal(onLinux({ HF_HUB_CACHE: '/a/$UNSET/~' }), '/a/$UNSET/~');
    assert.equal(onWindows({ HF_HUB_CACHE: '%DATA%\\hub', DATA: 'D:\\data' }), 'D:\\data\\hub');
    assert.equal(onWindows({ HF_HOME: '~\\hf' }), 'C:\\Users\\ada\\hf\\hub');
  });

  it('is unknown where it would depend on where a program was started', () => {
    assert.equal(onLinux({ HF_HUB_CACHE: 'relative' }), undefined);
    assert.equal(onLinux({ HF_HOME: '~other/hf' }), undefined);
  });

  it('holds links unless they are turned off', () => {
    const links = (value: string) =>
      cacheFolder({ environment: { HF_HUB_DISABLE_SYMLINKS: value }, home: '/', platform: 'linux' })?.links;
    assert.deepEqual(['', '0', 'off', '1', 'true', 'YES'].map(links), [
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
