/** Addresses inside the webview, and what its policy has to name. */
interface PanelPage {
  /** BCP 47 tag. */
  readonly language: string;
  readonly title: string;
  /** The webview's own source of style sheets and fonts. */
  readonly cspSource: string;
  /** Fresh for every page. */
  readonly nonce: string;
  readonly script: string;
  readonly styles: string;
  readonly icons: string;
}

/**
 * The page of the panel. It loads its own script, styles and icons and nothing else; texts come as messages, once the
 * script is ready. The icons' element id is what @vscode-elements looks for.
 */
export function panelPage(page: PanelPage): string {
  const policy = [
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    `script-src 'nonce-${page.nonce}'`,
    `style-src ${page.cspSource}`,
    `font-src ${page.cspSource}`,
    // The corner of a text area is an image of its style sheet.
    'img-src data:',
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeHtml(page.language)}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${escapeHtml(page.title)}</title>
  <link rel="stylesheet" id="vscode-codicon-stylesheet" href="${escapeHtml(page.icons)}">
  <link rel="stylesheet" href="${escapeHtml(page.styles)}">
</head>
<body>
  <main aria-busy="true"></main>
  <div class="announcements" role="status" aria-live="polite"></div>
  <script nonce="${page.nonce}" src="${escapeHtml(page.script)}"></script>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
