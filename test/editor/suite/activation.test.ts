import assert from 'node:assert/strict';
import * as vscode from 'vscode';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe('activation', () => {
  const extension = () => {
    const found = vscode.extensions.getExtension('model-registries.model-registries');
    assert(found, 'VS Code does not know the extension');
    return found;
  };

  it('activates', async () => {
    await extension().activate();
    assert.equal(extension().isActive, true);
  });

  it('registers every command of its manifest and no other', async () => {
    await extension().activate();
    const { contributes } = extension().packageJSON as Manifest;
    const registered = (await vscode.commands.getCommands(true)).filter((id) =>
      // VS Code adds commands of its own for a view container and its views.
      /^modelRegistries\.(?!(?:registries|localModels|publishes)\b)/.test(id),
    );
    assert.deepEqual(registered.sort(), contributes.commands.map(({ command }) => command).sort());
  });
});
