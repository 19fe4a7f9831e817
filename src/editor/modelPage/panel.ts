import * as vscode from 'vscode';
import { visibleLine } from '../../core/visibleText.ts';
import { isAbort } from '../commands.ts';
import { pageOf, webviewOptions } from '../webviews/panelAssets.ts';
import { showFailure } from '../failureNotice.ts';
import type { Services } from '../services.ts';
import type { FileContents } from '../versionFiles/fileContents.ts';
import { PageConversation, type PageServices } from './conversation.ts';
import type { PageAddress } from './pageAddress.ts';

export const PAGE_TYPE = 'modelRegistries.modelPage';

/** A new editor tab, which {@link fillPage} fills. */
export function openPage(
  { extensionUri }: Pick<Services, 'extensionUri'>,
  { model }: PageAddress,
): vscode.WebviewPanel {
  return vscode.window.createWebviewPanel(PAGE_TYPE, visibleLine(model), vscode.ViewColumn.Active, {
    ...webviewOptions(extensionUri),
    enableFindWidget: true,
  });
}

/** Shows a model in a new panel, or in one that VS Code brings back. */
export function fillPage(
  services: PageServices & Pick<Services, 'extensionUri'>,
  contents: FileContents,
  panel: vscode.WebviewPanel,
  address: PageAddress,
): PageConversation {
  const { extensionUri, log, prompts } = services;
  const { webview } = panel;
  panel.title = visibleLine(address.model);
  webview.options = webviewOptions(extensionUri);
  const conversation = new PageConversation(services, contents, address, (message) => {
    void webview.postMessage(message);
  });
  const receive = async (message: unknown): Promise<void> => {
    try {
      await conversation.receive(message);
    } catch (error) {
      if (isAbort(error)) return;
      log.error(`model page: ${String(error)}`);
      await showFailure(prompts, error, {
        signIn: async () => vscode.commands.executeCommand('modelRegistries.signIn'),
        showLog: () => void vscode.commands.executeCommand('modelRegistries.showLog'),
        retry: () => receive(message),
      });
    }
  };
  webview.onDidReceiveMessage((message: unknown) => void receive(message));
  panel.onDidChangeViewState(() => conversation.setVisible(panel.visible));
  panel.onDidDispose(() => conversation.dispose());
  webview.html = pageOf(webview, extensionUri, { name: 'modelPage', title: panel.title });
  return conversation;
}
