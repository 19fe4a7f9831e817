import * as vscode from 'vscode';
import { asRow } from '../rows.ts';
import type { Services } from '../services.ts';
import type { FileContents } from '../versionFiles/fileContents.ts';
import { Panels } from '../webviews/panels.ts';
import { addressOfRow, pageKey, restoredAddress } from './pageAddress.ts';

/** The command that shows a model's page. Each model has one. */
export function registerModelPage(services: Services, contents: FileContents): vscode.Disposable {
  const pages = new Panels(services, {
    type: 'modelRegistries.modelPage',
    assets: 'modelPage',
    titleOf: ({ model }) => model,
    keyOf: pageKey,
    restore: (state) => Promise.resolve(restoredAddress(state)),
    load: async () => {
      const { PageConversation } = await import('./conversation.ts');
      return (address, post) =>
        new PageConversation(services, contents, address, (message) => void post(message));
    },
  });
  const command = services.commands.register('modelRegistries.openModelPage', async (argument) => {
    const row = asRow(argument);
    const address = row && addressOfRow(row);
    if (address) (await pages.show(address))?.show(address);
  });
  return vscode.Disposable.from(pages, command);
}
