import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import { copyInstallCommands } from '../../../src/editor/copyInstallCommands.ts';
import { visibleItem } from '../../../src/editor/treeViews.ts';
import { scriptedPrompts } from '../scriptedPrompts.ts';
import { useLocalRegistry } from '../testAccess.ts';

const NOWHERE: vscode.Memento = { keys: () => [], get: () => undefined, update: () => Promise.resolve() };

describe('texts of strangers', () => {
  before(useLocalRegistry);

  it('show in rows what would not be seen', () => {
    const item = visibleItem(
      Object.assign(new vscode.TreeItem('weights\u202enib.exe'), {
        description: '3 hours ago · Fix\u001b[2J',
        tooltip: 'one\u2028\ntwo\u0007',
      }),
    );
    assert.deepEqual(
      [item.label, item.description, item.tooltip],
      ['weights<U+202E>nib.exe', '3 hours ago · Fix␛[2J', 'one<U+2028>\ntwo␇'],
    );
  });

  it('are in no command that is copied, and it is said why', async () => {
    const prompts = scriptedPrompts({});
    const endpoint = new URL('https://packages.example.com/acme/models/huggingface');
    const commit = asGitObjectId('0123456789abcdef0123456789abcdef01234567');
    const copy = (...models: readonly string[]) =>
      copyInstallCommands(
        { prompts, globalMemory: NOWHERE },
        models.map((model) => ({ endpoint, model, commit })),
      );
    assert.equal(await copy('acme/q\u0003\rCOMMAND\r'), false);
    assert.deepEqual(prompts.copied, []);
    assert.match(
      prompts.of('installCommand.unwritten')[0]?.text ?? '',
      /“acme\/q␃␍COMMAND␍” holds characters/,
    );
    assert.equal(await copy('acme/phi', 'acme/q\u0003'), true);
    const copied = prompts.copied.join();
    assert.ok(copied.includes('hf download acme/phi') && !copied.includes('\u0003'), copied);
    assert.equal(prompts.of('installCommand.unwritten').length, 2);
  });
});
