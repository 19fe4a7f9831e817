import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { confinedFolder, isOnOtherMachine } from '../../../src/editor/tools/confinedFolder.ts';

describe('A folder that a language model names', () => {
  let temporary = '';
  let workspace = '';
  before(async () => {
    temporary = await realpath(await mkdtemp(path.join(tmpdir(), 'confined-')));
    workspace = path.join(temporary, 'workspace');
    for (const folder of ['workspace/model/deep', 'workspace-other', 'outside']) {
      await mkdir(path.join(temporary, folder), { recursive: true });
    }
    await writeFile(path.join(workspace, 'file'), '');
    await symlink(path.join(temporary, 'outside'), path.join(workspace, 'out'), 'junction');
    await symlink(path.join(workspace, 'model'), path.join(workspace, 'in'), 'junction');
    await symlink(workspace, path.join(temporary, 'linked-workspace'), 'junction');
  });
  after(() => rm(temporary, { recursive: true, force: true }));

  it('is found by its path in the workspace, absolute or relative, and told by its real path', async () => {
    const model = path.join(workspace, 'model');
    for (const text of ['model', './model', 'model/deep/..', model, 'in', `model${path.sep}`]) {
      assert.equal(await confinedFolder(text, [workspace]), model, text);
    }
    assert.equal(await confinedFolder('.', [workspace]), workspace);
    assert.equal(await confinedFolder('model', [path.join(temporary, 'outside'), workspace]), model);
    assert.equal(await confinedFolder('model', [path.join(temporary, 'linked-workspace')]), model);
  });

  it('is none outside of it, and no file', async () => {
    const outside = [
      '..',
      '../outside',
      '../workspace-other',
      'out',
      'out/..',
      '/',
      'file',
      'nowhere',
      'a\0',
    ];
    for (const text of [...outside, path.join(temporary, 'outside')]) {
      assert.equal(await confinedFolder(text, [workspace]), text === 'out/..' ? workspace : undefined, text);
    }
    assert.equal(await confinedFolder('.', []), undefined);
  });

  it('has no other machine asked for it, which Windows would tell who asks', () => {
    const { win32, posix } = path;
    const on = (workspaceFolder: string, text: string) =>
      isOnOtherMachine(win32.resolve(workspaceFolder, text), workspaceFolder, win32);
    for (const text of [
      '\\\\evil.example\\share',
      '//evil.example/share/model',
      '\\\\?\\UNC\\evil.example\\share',
      '\\\\.\\pipe\\name',
    ]) {
      for (const folder of ['C:\\work', '\\\\files.example\\work\\models']) assert(on(folder, text), text);
    }
    for (const text of ['model', '..', 'C:\\work\\model', 'D:\\', '\\model', '/model']) {
      assert(!on('C:\\work', text), text);
    }
    for (const text of ['model', '\\\\FILES.example\\work\\models\\tiny', '//files.example/work/x']) {
      assert(!on('\\\\files.example\\work\\models', text), text);
    }
    assert(!isOnOtherMachine('//evil.example/share', '/work', posix));
  });

  it('is in the workspace, whatever it is called', async () => {
    const part = fc.constantFrom('..', '.', 'model', 'deep', 'out', 'in', 'outside', 'workspace', '');
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
        const found = await confinedFolder(parts.join('/'), [workspace]);
        assert(found === undefined || found === workspace || found.startsWith(workspace + path.sep));
      }),
    );
  });
});
