import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import { build } from 'esbuild';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { buildInstructions } from '../../../src/core/hosts/buildkite/buildInstructions.ts';
import type { MessageFromPanel, MessageToPanel } from '../../../src/editor/instructions/messages.ts';
import { panelPage } from '../../../src/editor/webviews/panelPage.ts';
import {
  type PanelContent,
  type PanelSubject,
  firstInputs,
} from '../../../src/editor/instructions/content.ts';
import { panelState, tabSnippets } from '../../../src/editor/instructions/panelState.ts';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import { THEMES, themeRule } from './themes.ts';
import { chromium, chromiumFlags } from '../../setup/chromium.ts';
import { until } from '../../setup/until.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));
/** All that differs between themes. */
const COLOURS_ONLY = `axe.run({ runOnly: ['color-contrast'] })`;
const SUBJECT: PanelSubject = {
  accountId: 'account',
  registry: { organization: 'acme', slug: 'models', name: 'Models' },
  endpoint: new URL('https://packages.buildkite.com/acme/models/huggingface'),
  model: 'acme/<b>phi</b>',
  commit: asGitObjectId('0123456789abcdef0123456789abcdef01234567'),
};
const PAGE = {
  language: 'en',
  title: 'Install & Publish Commands: "a" & <b>',
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
      'img-src data:',
    ]);
  });

  it('holds no handler, no inline style and no text as markup', () => {
    const page = panelPage(PAGE);
    assert.doesNotMatch(page, /\son[a-z]+=|style=|<style/i);
    assert.match(page, /<title>Install &#38; Publish Commands: &#34;a&#34; &#38; &#60;b&#62;<\/title>/);
    assert.deepEqual(page.match(/<script[^>]*>/g), ['<script nonce="abc123" src="/instructions.js">']);
  });

  describe('in a browser', () => {
    let server: Server;
    let browser: Browser;
    let page: Page;
    let host: Host;
    let complaints: string[];

    before(async () => {
      server = await serve();
      browser = await playwright.launch({ executablePath: await chromium(), args: [...chromiumFlags] });
      // One for all, because a document is new with each address and a window costs a second.
      page = await browser.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.exposeFunction('answer', async (message: MessageFromPanel) => {
        for (const answer of host.answers(message)) {
          await page.evaluate(`postMessage(${JSON.stringify(answer)})`);
        }
      });
      await page.exposeFunction('save', (state: unknown) => {
        host.saved = state;
      });
      await page.addInitScript(
        'globalThis.acquireVsCodeApi = () => ({ postMessage: (message) => globalThis.answer(message), setState: (state) => globalThis.save(state) })',
      );
    });
    after(async () => {
      await browser.close();
      server.closeAllConnections();
      server.close();
    });
    beforeEach(async () => {
      host = createHost();
      complaints = [];
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await page.getByRole('heading', { name: 'Publish a new version' }).waitFor();
    });
    afterEach(() => assert.deepEqual(complaints, []));

    const tell = () => page.evaluate(`postMessage(${JSON.stringify(host.state())})`);
    const options = () => page.locator('#options');
    const unfold = async () => {
      await options().locator('summary').click();
      await page.getByRole('combobox', { name: 'Client' }).getByText('huggingface_hub').waitFor();
    };
    const openTab = async (name: string) => {
      await page.getByRole('tab', { name }).click();
      await page.locator('vscode-tab-header[active]', { hasText: name }).waitFor();
    };

    it('shows a tab for each thing to do, and names from servers as text', async () => {
      assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), SUBJECT.model);
      assert.deepEqual(await page.getByRole('tab').allTextContents(), [
        'Publish',
        'Install',
        'Use in code',
        'Pipeline',
      ]);
      for (const { id, label } of panelState(host.content).tabs) {
        await openTab(label);
        assert.deepEqual(
          await page.locator('pre:visible').allTextContents(),
          tabSnippets(host.content, id).flatMap(({ text }) => text ?? []),
        );
      }
    });

    it('says which command to copy by name only, and announces the copy', async () => {
      await openTab('Install');
      await page.getByRole('button', { name: 'Copy install command' }).focus();
      await page.keyboard.press('Enter');
      await page.locator('.announcements').getByText('Install command copied').waitFor();
      assert.deepEqual(host.received, [
        { kind: 'ready' },
        { kind: 'tab', tab: 'install' },
        { kind: 'copy', snippet: 'install' },
      ]);
    });

    it('says which command to run by name only, and offers it for what a shell runs', async () => {
      await openTab('Install');
      await page.getByRole('button', { name: 'Run in Terminal: Install this version' }).focus();
      await page.keyboard.press('Enter');
      await page.locator('.announcements').getByText('Running in the terminal').waitFor();
      // Beside the button that was pressed.
      await page.locator('section:visible .notice').getByText('Running in the terminal').waitFor();
      assert.deepEqual(host.received.at(-1), { kind: 'run', snippet: 'install' });
      const runs = page.getByRole('button', { name: /^Run in Terminal/ });
      await openTab('Pipeline');
      assert.equal(await runs.count(), 0);
      await openTab('Publish');
      assert.equal(await runs.count(), 1);
      host.content = { ...host.content, choice: { ...host.content.choice, client: 'python' } };
      await tell();
      await page.locator('pre:visible', { hasText: 'HfApi' }).waitFor();
      assert.equal(await runs.count(), 0);
    });

    it('shows how a model of the Hub is published, and whose fields it fills', async () => {
      await unfold();
      const source = page.locator('#publish-source').getByRole('textbox');
      const folder = () => page.locator('#publish-folder').getAttribute('placeholder');
      await source.fill('https://huggingface.co/microsoft/phi-3-mini/tree/main');
      await page
        .locator('pre:visible', { hasText: 'hf download microsoft/phi-3-mini --revision main' })
        .waitFor();
      await page.getByRole('heading', { name: 'Step 2: Publish the model to the registry' }).waitFor();
      assert.equal(await folder(), 'one named after the model');
      host.content = { ...host.content, choice: { ...host.content.choice, client: 'model-registries' } };
      await tell();
      await page
        .locator('pre:visible', { hasText: "model-registries import 'microsoft/phi-3-mini@main'" })
        .waitFor();
      assert.equal(await page.locator('pre:visible').count(), 1);
      assert.equal(await folder(), 'none: nothing is kept on this machine');
      await source.fill('not a model');
      await page.getByText('Name a model as “namespace/name”').first().waitFor();
      await page.locator('pre:visible', { hasText: 'model-registries publish .' }).waitFor();
    });

    it('has a read token created by name only, where the account may', async () => {
      await openTab('Install');
      await page.getByRole('button', { name: 'Create a Read Token…' }).focus();
      await page.keyboard.press('Enter');
      await page.locator('.announcements').getByText('The read token “Lab” is in the clipboard').waitFor();
      assert.deepEqual(host.received.at(-1), { kind: 'createReadToken' });
      host.content = { ...host.content, mayCreateReadToken: false };
      await tell();
      await page.locator('.offer').waitFor({ state: 'detached' });
    });

    it('changes client and shell by keyboard, and keeps the focus there', async () => {
      await unfold();
      const select = page.getByRole('combobox', { name: 'Shell' });
      await select.focus();
      for (const key of ['Enter', 'ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
      await page.locator('pre', { hasText: '$env:HF_TOKEN' }).first().waitFor();
      assert.deepEqual(host.received.at(-1), { kind: 'choose', client: 'hf', shell: 'powershell' });
      assert.equal(await page.evaluate('document.activeElement.id'), 'shell');
    });

    it('shows the client and shell that another panel chose, and sends them along with its own choice', async () => {
      const choice = { ...host.content.choice, client: 'huggingface-cli', shell: 'fish' } as const;
      host.content = { ...host.content, choice };
      await tell();
      await page.locator('pre:visible', { hasText: 'huggingface-cli upload' }).waitFor();
      assert.equal(await options().locator('.chosen').textContent(), 'huggingface-cli · fish');
      await unfold();
      assert.equal(await page.evaluate('document.querySelector("#client").value'), 'huggingface-cli');
      await page.getByRole('combobox', { name: 'Shell' }).focus();
      for (const key of ['Enter', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
      await page.locator('pre:visible', { hasText: '$env:HF_TOKEN' }).waitFor();
      assert.deepEqual(host.received.at(-1), {
        kind: 'choose',
        client: 'huggingface-cli',
        shell: 'powershell',
      });
    });

    it('fits into 320 and 200 pixels, as a split editor at 200 % leaves it', async () => {
      const usual = page.viewportSize();
      assert(usual);
      try {
        await unfold();
        await page.evaluate(`document.querySelectorAll('.notes').forEach((one) => (one.open = true))`);
        for (const width of [320, 200]) {
          await page.setViewportSize({ ...usual, width });
          for (const { label } of panelState(host.content).tabs) {
            await openTab(label);
            const beyond = await page.evaluate<string[]>(
              `[...document.querySelectorAll('main *')]
                .filter((one) => one.checkVisibility())
                .filter((one) => one.getBoundingClientRect().right > innerWidth || one.getBoundingClientRect().left < 0)
                .map(({ localName, id, className }) => [localName, id, className].join(' '))`,
            );
            assert.deepEqual(beyond, [], `${label} at ${width}`);
            assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
          }
          await openTab('Publish');
        }
      } finally {
        await page.setViewportSize(usual);
      }
    });

    it('names its list of tabs, for those who hear it', async () => {
      assert.match(
        await page.locator('vscode-tabs').ariaSnapshot(),
        /^- tablist "What to do":\n {2}- tab "Publish" \[selected\]\n {2}- tab "Install"\n {2}- tab "Use in code"\n {2}- tab "Pipeline"\n- tabpanel/,
      );
      assert.equal(await page.getByRole('tablist').count(), 1);
    });

    it('writes what is typed into every snippet, and keeps the focus in the field', async () => {
      await unfold();
      const message = page.getByRole('textbox', { name: 'Commit message' }).first();
      await message.fill('first');
      await message.pressSequentially(` $HOME's`);
      await page.locator('pre:visible', { hasText: `--commit-message=first $HOME'\\''s` }).waitFor();
      assert.equal(await page.evaluate('document.activeElement.id'), 'publish-message');
      await openTab('Pipeline');
      assert.equal(
        await page.locator('#pipeline-message').getByRole('textbox').inputValue(),
        `first $HOME's`,
      );
    });

    it('has no command for what a terminal would obey, and says of which value', async () => {
      await unfold();
      const message = page.getByRole('textbox', { name: 'Commit message' }).first();
      await message.fill('first\nsecond\u202e');
      await page
        .getByText('There is no command here, because “--commit-message=first␊second<U+202E>” holds')
        .first()
        .waitFor();
      assert.equal(await page.locator('pre:visible').count(), 0);
      assert.equal(await page.getByRole('button', { name: 'Copy publish command' }).count(), 0);
      await message.fill('first');
      await page.locator('pre:visible', { hasText: '--commit-message=first' }).waitFor();
    });

    it('says what is wrong with a value where it was typed, also to those who hear it', async () => {
      await unfold();
      const model = page.locator('#publish-model').getByRole('textbox');
      await model.fill('no slash');
      await page.getByText('A model is named “namespace/name”').first().waitFor();
      assert.equal(await model.getAttribute('aria-invalid'), 'true');
      assert.match((await model.getAttribute('aria-description')) ?? '', /exactly one slash/);
      // And where the options are folded over it.
      await options().locator('summary').click();
      await options().locator('.check').getByText('Check: Model').waitFor();
      await openTab('Install');
      await options().locator('.check').getByText('Check: Model').waitFor();
      await openTab('Publish');
      await options().locator('summary').click();
      await model.fill('acme/phi');
      await page.locator('pre:visible', { hasText: 'hf upload acme/phi .' }).waitFor();
      assert.equal(await model.getAttribute('aria-invalid'), 'false');
    });

    it('says in place what the installed client cannot do', async () => {
      host.content = {
        ...host.content,
        choice: { ...host.content.choice, client: 'huggingface-cli' },
        installed: {
          kind: 'known',
          clients: [{ program: 'huggingface-cli', path: '/usr/bin/huggingface-cli', version: 'none' }],
        },
      };
      await tell();
      await page.locator('.problems .statement.bad:visible', { hasText: 'hf takes its place' }).waitFor();
    });

    it('opens a terminal, says so, and leaves the variables out of commands from then on', async () => {
      await unfold();
      await page.getByRole('button', { name: 'Open Terminal' }).focus();
      await page.keyboard.press('Enter');
      await page.locator('.announcements').getByText('The terminal is open').waitFor();
      assert.equal(await page.locator('pre:visible').textContent(), "hf upload 'acme/<b>phi</b>' .");
      await page.getByRole('checkbox', { name: /Commands for that terminal/ }).focus();
      await page.keyboard.press('Space');
      await page.locator('pre:visible', { hasText: 'HF_ENDPOINT=' }).waitFor();
    });

    it('keeps for a reload what the host says, and no more', async () => {
      await unfold();
      await page.locator('#publish-folder').getByRole('textbox').fill('weights');
      await page.locator('pre:visible', { hasText: './weights' }).waitFor();
      assert.deepEqual(host.saved, { typed: 'weights' });
    });

    it('lets every part be reached with Tab, in reading order', async () => {
      const reached: unknown[] = [];
      const name =
        '(({ ariaLabel, label, tagName, textContent }) => ariaLabel ?? (label || (textContent.length < 40 && textContent) || tagName))(document.activeElement)';
      for (let stop = 0; stop < 6; stop += 1) {
        await page.keyboard.press('Tab');
        reached.push(await page.evaluate(name));
      }
      await page.keyboard.press('Enter');
      await page.getByRole('combobox', { name: 'Client' }).waitFor();
      for (let stop = 0; stop < 10; stop += 1) {
        await page.keyboard.press('Tab');
        reached.push(await page.evaluate(name));
      }
      assert.deepEqual(reached, [
        'Publish',
        'VSCODE-TAB-PANEL',
        'Copy publish command',
        'Run in Terminal: Publish a new version',
        'Notes: Publish a new version',
        'Options hf · bash, zsh, sh Check: Model',
        'Client',
        'Shell',
        'Model on the Hugging Face Hub',
        'Model',
        'Folder',
        'Choose Folder…',
        'Commit message',
        'Branch in the registry',
        'Open Terminal',
        'Commands for that terminal, without token and address',
      ]);
    });

    it('has the command and Copy before all else, wrapped, in what 1200 by 800 pixels leave of an editor', async () => {
      const usual = page.viewportSize();
      assert(usual);
      try {
        await page.setViewportSize({ width: 840, height: 640 });
        for (const { id, label } of panelState(host.content).tabs) {
          await openTab(label);
          for (const part of ['.copy', '.title', ...(id === 'pipeline' ? [] : ['pre'])]) {
            const box = await page.locator(`[data-tab="${id}"] ${part}`).first().boundingBox();
            assert(box && box.y + box.height <= 640, `${part} of ${label}: ${JSON.stringify(box)}`);
          }
          const cut = `[...document.querySelectorAll('pre')].filter((one) => one.scrollWidth > one.clientWidth).length`;
          assert.equal(await page.evaluate(cut), 0, label);
        }
        // Nothing but the title stands above them.
        await openTab('Publish');
        const title = await page.locator('[data-tab="publish"] .title').boundingBox();
        assert(title && title.y < 160, JSON.stringify(title));
      } finally {
        await page.setViewportSize(usual);
      }
    });

    it('tells the host whether the options are unfolded, which is how they are the next time', async () => {
      assert.equal(await page.getByRole('combobox', { name: 'Client' }).isVisible(), false);
      await options().locator('summary').focus();
      await page.keyboard.press('Space');
      await page.getByRole('combobox', { name: 'Client' }).waitFor();
      await until(() => host.received.at(-1)?.kind === 'options', 'the host is told of the options');
      assert.deepEqual(host.received.at(-1), { kind: 'options', open: true });
      host.content = { ...host.content, optionsOpen: true };
      await page.reload();
      await page.getByRole('combobox', { name: 'Client' }).waitFor();
      // Nobody has unfolded anything by now.
      assert.deepEqual(host.received.at(-1), { kind: 'ready' });
    });

    it('folds its notes, and leaves those unfolded that a person reads while the command changes', async () => {
      const notes = page.locator('[data-tab="publish"] .notes');
      await notes.getByText('Replace <your-token>').waitFor({ state: 'hidden' });
      await notes.locator('summary').click();
      await notes.getByText('Replace <your-token>').waitFor();
      await notes.getByText('hf comes with huggingface_hub').waitFor();
      host.content = { ...host.content, inputs: { ...host.content.inputs, message: 'other' } };
      await tell();
      await page.locator('pre:visible', { hasText: '--commit-message=other' }).waitFor();
      await notes.getByText('Replace <your-token>').waitFor();
    });

    it('asks for the model before the command where the command has a gap without it', async () => {
      const model = page.locator('#publish-model');
      assert.equal(await model.isVisible(), false);
      const subject = { ...SUBJECT, model: undefined, commit: undefined };
      host.content = { ...host.content, subject, inputs: firstInputs(subject) };
      await page.reload();
      await model.getByRole('textbox').fill('acme/other');
      await page.locator('pre:visible', { hasText: 'hf upload acme/other .' }).waitFor();
      assert.equal(await options().getAttribute('open'), null);
    });

    it('changes tabs by keyboard', async () => {
      await page.getByRole('tab', { name: 'Publish' }).focus();
      for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
      await page.getByRole('heading', { name: 'OIDC policy of the registry' }).waitFor();
      assert.deepEqual(host.received.at(-1), { kind: 'tab', tab: 'pipeline' });
    });

    for (const [index, theme] of THEMES.entries()) {
      it(`has nothing that axe-core objects to, in ${theme.name}`, async () => {
        await page.addStyleTag({ url: `/themes/${theme.name}.css` });
        host.content = {
          ...host.content,
          inputs: { ...host.content.inputs, model: 'no slash', pipeline: 'no slug' },
          installed: { kind: 'known', clients: [{ program: 'hf', path: '/usr/bin/hf', version: '1.1.4' }] },
          uses: {
            kind: 'known',
            uses: [
              {
                kind: 'transformers',
                modelClass: 'AutoModelForCausalLM',
                preprocessor: 'AutoTokenizer',
                ownCode: true,
              },
              { kind: 'llama.cpp', file: { path: 'a.gguf', parts: 'a.gguf' }, others: [] },
            ],
          },
        };
        await tell();
        await page.evaluate(
          `postMessage(${JSON.stringify({ kind: 'notice', about: { kind: 'terminal' }, outcome: 'failed', sentence: 'It failed.' })})`,
        );
        await page.getByText('It failed.').first().waitFor({ state: 'attached' });
        await unfold();
        await page.evaluate(`document.querySelectorAll('.notes').forEach((one) => (one.open = true))`);
        assert.deepEqual(complaints, []);
        await page.evaluate(await readFile(`${project}/node_modules/axe-core/axe.min.js`, 'utf8'));
        const look = index === 0 ? 'axe.run()' : COLOURS_ONLY;
        for (const { label } of panelState(host.content).tabs) {
          await openTab(label);
          const { violations } = await page.evaluate<AxeResults>(look);
          assert.deepEqual(
            violations.map(({ id, nodes }) => ({ id, tab: label, html: nodes.map(({ html }) => html) })),
            [],
          );
        }
        // Those of axe-core itself, which the policy keeps from adding styles.
        complaints = [];
      });
    }
  });
});

/** The host's side, without VS Code. */
interface Host {
  content: PanelContent;
  saved: unknown;
  readonly received: readonly MessageFromPanel[];
  state(): MessageToPanel;
  answers(message: MessageFromPanel): readonly MessageToPanel[];
}

function createHost(): Host {
  const received: MessageFromPanel[] = [];
  const host: Host = {
    content: {
      subject: SUBJECT,
      inputs: firstInputs(SUBJECT),
      tab: 'publish',
      choice: { client: 'hf', shell: 'posix', variables: 'inCommand' },
      installed: { kind: 'known', clients: [{ program: 'hf', path: '/usr/bin/hf', version: '2.4.0' }] },
      uses: { kind: 'none' },
      builds: buildInstructions,
      mayCreateReadToken: true,
      policy: { kind: 'known', policy: undefined },
      optionsOpen: false,
      saved: {},
    },
    saved: undefined,
    received,
    state: () => ({ kind: 'state', state: panelState(host.content) }),
    answers(message) {
      received.push(message);
      const { choice, inputs } = host.content;
      switch (message.kind) {
        case 'ready':
        case 'chooseFolder':
          break;
        case 'options':
          return [];
        case 'choose':
          host.content = {
            ...host.content,
            choice: { ...choice, client: message.client, shell: message.shell },
          };
          break;
        case 'tab':
          host.content = { ...host.content, tab: message.tab };
          break;
        case 'edit':
          host.content = {
            ...host.content,
            inputs: { ...inputs, [message.field]: message.value },
            saved: { typed: message.value },
          };
          break;
        case 'variables':
          host.content = {
            ...host.content,
            choice: { ...choice, variables: message.inTerminal ? 'inTerminal' : 'inCommand' },
          };
          break;
        case 'copy':
          return [{ kind: 'copied', snippet: message.snippet }];
        case 'run':
          return [
            {
              kind: 'notice',
              about: { kind: 'snippet', id: message.snippet },
              outcome: 'done',
              sentence: 'Running in the terminal.',
            },
          ];
        case 'createReadToken':
          return [
            {
              kind: 'notice',
              about: { kind: 'readToken' },
              outcome: 'done',
              sentence: 'The read token “Lab” is in the clipboard.',
            },
          ];
        case 'openTerminal':
          host.content = { ...host.content, choice: { ...choice, variables: 'inTerminal' } };
          return [
            host.state(),
            {
              kind: 'notice',
              about: { kind: 'terminal' },
              outcome: 'done',
              sentence: 'The terminal is open.',
            },
          ];
      }
      return [host.state()];
    },
  };
  return host;
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
    ...Object.fromEntries(
      THEMES.map((theme) => [`/themes/${theme.name}.css`, ['text/css', themeRule(theme)] as const]),
    ),
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
