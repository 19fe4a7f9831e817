import * as vscode from 'vscode';
import { asRow } from '../rows.ts';
import type { Services } from '../services.ts';
import type { FileContents } from '../versionFiles/fileContents.ts';
import type { PageConversation } from './conversation.ts';
import { addressOfRow, type PageAddress, pageKey, restoredAddress } from './pageAddress.ts';
import { fillPage, openPage, PAGE_TYPE } from './panel.ts';

interface OpenPage {
  readonly panel: vscode.WebviewPanel;
  readonly conversation: PageConversation;
}

/** The command that shows a model's page. Each model has one, which a reload of the window brings back. */
export function registerModelPage(services: Services, contents: FileContents): vscode.Disposable {
  const pages = new Map<string, OpenPage>();
  const fill = (panel: vscode.WebviewPanel, address: PageAddress) => {
    const key = pageKey(address);
    const page = { panel, conversation: fillPage(services, contents, panel, address) };
    pages.set(key, page);
    panel.onDidDispose(() => {
      if (pages.get(key) === page) pages.delete(key);
    });
  };
  const command = services.commands.register('modelRegistries.openModelPage', (argument) => {
    const row = asRow(argument);
    const address = row && addressOfRow(row);
    if (!address) return;
    const open = pages.get(pageKey(address));
    if (open) {
      open.panel.reveal();
      open.conversation.show(address);
    } else fill(openPage(services, address), address);
  });
  const serializer = vscode.window.registerWebviewPanelSerializer(PAGE_TYPE, {
    deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown) {
      const address = restoredAddress(state);
      if (address) fill(panel, address);
      else {
        services.log.warn('A model page could not be brought back; it was closed.');
        panel.dispose();
      }
      return Promise.resolve();
    },
  });
  // Panels are left alone: those that are open when the window is reloaded come back.
  return vscode.Disposable.from(serializer, command);
}
