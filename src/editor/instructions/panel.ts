import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { findSnippet } from '../../core/instructions/snippets.ts';
import type { Services } from '../services.ts';
import { chosenCommand, rememberCommand } from './chosenCommand.ts';
import { type MessageToPanel, messageFromPanel } from './messages.ts';
import { panelPage } from './panelPage.ts';
import { type PanelSubject, instructionTarget, panelState } from './panelState.ts';

/** What a panel needs of the {@link Services}. */
export type PanelServices = Pick<Services, 'extensionUri' | 'globalMemory' | 'log' | 'prompts'>;

/** Shows the commands for `subject` in a new editor tab. The panel disposes of itself when its tab is closed. */
export function openPanel(services: PanelServices, subject: PanelSubject): vscode.WebviewPanel {
  const title = vscode.l10n.t('Commands: {0}', subject.model ?? subject.registry.name);
  const scripts = vscode.Uri.joinPath(services.extensionUri, 'dist', 'panels');
  const media = vscode.Uri.joinPath(services.extensionUri, 'media');
  const panel = vscode.window.createWebviewPanel(
    'modelRegistries.instructions',
    title,
    vscode.ViewColumn.Active,
    {
      enableScripts: true,
      enableFindWidget: true,
      localResourceRoots: [scripts, media],
    },
  );
  const address = (folder: vscode.Uri, file: string) =>
    panel.webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString();
  const conversation = panelConversation(services, subject, (message) => panel.webview.postMessage(message));
  panel.webview.onDidReceiveMessage((message: unknown) => {
    conversation.receive(message).catch((error: unknown) => {
      services.log.error(`instructions panel: ${String(error)}`);
    });
  });
  panel.webview.html = panelPage({
    language: vscode.env.language,
    title,
    cspSource: panel.webview.cspSource,
    nonce: randomBytes(16).toString('base64url'),
    script: address(scripts, 'instructions.js'),
    styles: address(media, 'instructions.css'),
    icons: address(scripts, 'codicon.css'),
  });
  return panel;
}

/** The host's side of a panel. A page hidden and shown again is made anew and says `ready` again, so it always gets the whole state. */
export function panelConversation(
  services: Pick<Services, 'globalMemory' | 'log' | 'prompts'>,
  subject: PanelSubject,
  post: (message: MessageToPanel) => PromiseLike<unknown>,
): { receive(message: unknown): Promise<void> } {
  const sendState = async () => {
    await post({ kind: 'state', state: panelState(subject, chosenCommand(services.globalMemory)) });
  };
  return {
    async receive(message) {
      const { data } = messageFromPanel.safeParse(message);
      switch (data?.kind) {
        case undefined:
          services.log.warn('The instructions panel sent a message that is none of its own; it was dropped.');
          return;
        case 'ready':
          await sendState();
          return;
        case 'choose':
          await rememberCommand(services.globalMemory, { client: data.client, shell: data.shell });
          await sendState();
          return;
        case 'copy': {
          const command = findSnippet(instructionTarget(subject), data.snippet)?.command;
          if (command === undefined) return;
          await services.prompts.copy(command);
          await post({ kind: 'copied', snippet: data.snippet });
          return;
        }
      }
    },
  };
}
