import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { panelPage } from './panelPage.ts';

/** What a panel's page may load: our scripts and styles, and nothing else of this machine. */
export function webviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  const { scripts, media } = folders(extensionUri);
  return { enableScripts: true, localResourceRoots: [scripts, media] };
}

/** The page of a panel. @param name Of its script in `dist/panels` and of its styles in `media`. */
export function pageOf(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  { name, title }: { readonly name: string; readonly title: string },
): string {
  const { scripts, media } = folders(extensionUri);
  const address = (folder: vscode.Uri, file: string) =>
    webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString();
  return panelPage({
    language: vscode.env.language,
    title,
    cspSource: webview.cspSource,
    nonce: randomBytes(16).toString('base64url'),
    script: address(scripts, `${name}.js`),
    styles: address(media, `${name}.css`),
    icons: address(scripts, 'codicon.css'),
  });
}

function folders(extensionUri: vscode.Uri) {
  return {
    scripts: vscode.Uri.joinPath(extensionUri, 'dist', 'panels'),
    media: vscode.Uri.joinPath(extensionUri, 'media'),
  };
}
