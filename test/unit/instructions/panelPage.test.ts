import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import { build } from 'esbuild';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { CLIENT_IDS, client } from '../../../src/core/instructions/clients.ts';
import { SHELL_IDS, shell } from '../../../src/core/instructions/shells.ts';
import { type InstructionChoice, commonNotes, snippets } from '../../../src/core/instructions/snippets.ts';
import type { MessageFromPanel, MessageToPanel } from '../../../src/editor/instructions/messages.ts';
import { panelPage } from '../../../src/editor/instructions/panelPage.ts';
import { chromium, chromiumFlags } from '../../setup/chromium.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));
const TARGET = {
  endpoint: 'https://packages.buildkite.com/acme/models/huggingface',
  model: 'acme/<b>phi</b>',
  commit: '0123456789abcdef0123456789abcdef01234567',
};
const PAGE = {
  language: 'en',
  title: 'Commands: "a" & <b>',
  cspSource: 'https://webview.example',
  nonce: 'abc123',
  script: '/instructions.js',
  styles: '/instructions.css',
  icons: '/codicon.css',
};

describe("The instruction panel's page", () => {
  it('allows its own script, styles and fonts and nothing else', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(panelPage(PAGE))?.[1];
    assert.deepEqual(policy?.replaceAll('&#39;', "'").split('; '), [
      "default-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "script-src 'nonce-abc123'",
      'style-src https://webview.example',
      'font-src https://webview.example',
    ]);
  });

  it('holds no handler, no inline style and no text as markup', () => {
    const page = panelPage(PAGE);
    assert.doesNotMatch(page, /\son[a-z]+=|style=|<style/i);
    assert.match(page, /<title>Commands: &#34;a&#34; &#38; &#60;b&#62;<\/title>/);
    assert.deepEqual(page.match(/<script[^>]*>/g), ['<script nonce="abc123" src="/instructions.js">']);
  });

  describe('in a browser', () => {
    let server: Server;
    let browser: Browser;
    let page: Page;
    let received: MessageFromPanel[];
    let complaints: string[];

    before(async () => {
      server = await serve();
      browser = await playwright.launch({ executablePath: await chromium(), args: [...chromiumFlags] });
    });
    after(async () => {
      await browser.close();
      server.closeAllConnections();
      server.close();
    });
    beforeEach(async () => {
      received = [];
      complaints = [];
      page = await browser.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.exposeFunction('answer', async (message: MessageFromPanel) => {
        received.push(message);
        await page.evaluate(`postMessage(${JSON.stringify(replyTo(message))})`);
      });
      await page.addInitScript(
        'globalThis.acquireVsCodeApi = () => ({ postMessage: (message) => globalThis.answer(message) })',
      );
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await page.getByRole('heading', { name: 'Install this version' }).waitFor();
    });
    afterEach(() => page.close());

    it('shows both commands, and names from servers as text', async () => {
      assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), TARGET.model);
      assert.deepEqual(
        await page.locator('pre').allTextContents(),
        snippets(TARGET, { client: 'hf', shell: 'posix' }).map(({ command }) => command),
      );
      assert.deepEqual(complaints, []);
    });

    it('says which command to copy by name only, and announces the copy', async () => {
      await page.getByRole('button', { name: 'Copy install command' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('status').getByText('Copied').waitFor();
      assert.deepEqual(received, [{ kind: 'ready' }, { kind: 'copy', snippet: 'install.hf.posix' }]);
      assert.deepEqual(complaints, []);
    });

    it('changes client and shell by keyboard, and keeps the focus there', async () => {
      const select = page.getByRole('combobox', { name: 'Shell' });
      await select.focus();
      for (const key of ['Enter', 'ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
      await page.locator('pre', { hasText: 'Remove-Item' }).first().waitFor();
      assert.deepEqual(received.at(-1), { kind: 'choose', client: 'hf', shell: 'powershell' });
      assert.equal(await page.evaluate('document.activeElement.id'), 'shell');
      assert.deepEqual(complaints, []);
    });

    it('lets every part be reached with Tab, in reading order', async () => {
      const reached: unknown[] = [];
      const name =
        '(({ ariaLabel, label, tagName }) => ariaLabel ?? label ?? tagName)(document.activeElement)';
      for (let stop = 0; stop < 6; stop += 1) {
        await page.keyboard.press('Tab');
        reached.push(await page.evaluate(name));
      }
      assert.deepEqual(reached, [
        'Client',
        'Shell',
        'Copy publish command',
        'PRE',
        'Copy install command',
        'PRE',
      ]);
    });

    it('has nothing that axe-core objects to', async () => {
      await page.evaluate(await readFile(`${project}/node_modules/axe-core/axe.min.js`, 'utf8'));
      const { violations } = await page.evaluate<AxeResults>('axe.run()');
      assert.deepEqual(
        violations.map(({ id, nodes }) => ({ id, html: nodes.map(({ html }) => html) })),
        [],
      );
    });
  });
});

function replyTo(message: MessageFromPanel): MessageToPanel {
  switch (message.kind) {
    case 'ready':
      return state({ client: 'hf', shell: 'posix' });
    case 'choose':
      return state(message);
    case 'copy':
      return { kind: 'copied', snippet: message.snippet };
  }
}

function state(choice: InstructionChoice): MessageToPanel {
  return {
    kind: 'state',
    state: {
      heading: TARGET.model,
      facts: [{ label: 'Version', value: TARGET.commit }],
      client: {
        label: 'Client',
        chosen: choice.client,
        options: CLIENT_IDS.map((id) => ({ id, label: client(id).label })),
      },
      shell: {
        label: 'Shell',
        chosen: choice.shell,
        options: SHELL_IDS.map((id) => ({ id, label: shell(id).label })),
      },
      notes: commonNotes(choice),
      snippets: snippets(TARGET, choice).map(({ id, title, command, explanation, copyLabel }) => ({
        id,
        title,
        command,
        explanation,
        copy: { text: 'Copy', label: copyLabel, done: 'Copied' },
      })),
    },
  };
}

/** Serves the page as a webview has it: everything from one source, under the page's own policy. */
async function serve(): Promise<Server> {
  const { outputFiles } = await build({
    entryPoints: [`${project}/src/panels/instructions.ts`],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    write: false,
    absWorkingDir: project,
  });
  const files: Readonly<Record<string, readonly [type: string, content: string | Buffer]>> = {
    '/instructions.js': ['text/javascript', outputFiles[0]?.text ?? ''],
    '/instructions.css': ['text/css', await readFile(`${project}/media/instructions.css`)],
    '/codicon.css': ['text/css', await readFile(`${project}/node_modules/@vscode/codicons/dist/codicon.css`)],
    '/codicon.ttf': ['font/ttf', await readFile(`${project}/node_modules/@vscode/codicons/dist/codicon.ttf`)],
  };
  const server = createServer(({ url = '/', headers }, response) => {
    const path = new URL(url, 'http://localhost').pathname;
    if (path === '/') {
      response.setHeader('content-type', 'text/html');
      response.end(panelPage({ ...PAGE, cspSource: `http://${headers.host}` }));
      return;
    }
    const [type, content] = files[path] ?? [];
    response.statusCode = type === undefined ? 404 : 200;
    response.setHeader('content-type', type ?? 'text/plain');
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
