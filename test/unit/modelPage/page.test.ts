import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import { build } from 'esbuild';
import fc from 'fast-check';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { panelPage } from '../../../src/editor/webviews/panelPage.ts';
import type {
  MessageFromPage,
  MessageToPage,
  PageHead,
  PartContent,
} from '../../../src/editor/modelPage/messages.ts';
import { until } from '../../setup/until.ts';
import { chromium, chromiumFlags } from '../../setup/chromium.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const OLDER = 'fedcba9876543210fedcba9876543210fedcba98';
const NEWEST = 'a'.repeat(40);
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

const HEAD: PageHead = {
  heading: 'acme/<b>phi</b>',
  signedOut: undefined,
  chips: [
    { name: 'Task', value: 'text-generation' },
    { name: 'License', value: '<b>mit</b>' },
    { name: 'Parameters', value: '7.24B' },
  ],
  subject: 'Learn <i>Spanish</i>',
  standing: {
    kind: 'older',
    text: 'Not the newest version',
    newest: { commit: NEWEST, label: 'Show the newest, aaaaaaa' },
  },
  changes: { sentence: 'Files since fedcba9: 2 changed', compare: 'Compare with fedcba9' },
  facts: [
    { label: 'Registry', value: 'acme/models' },
    { label: 'Commit in the registry', value: COMMIT, copy: { what: 'commit', label: 'Copy Commit SHA' } },
    {
      label: 'Published from Git commit',
      value: OLDER,
      copy: { what: 'gitCommit', label: 'Copy Git Commit' },
    },
  ],
  actions: [{ action: 'download', label: 'Download…', icon: 'cloud-download' }],
  install: {
    title: 'Install this version',
    command: 'hf download acme/phi',
    problem: undefined,
    copyLabel: 'Copy install command',
  },
  titles: { weights: 'Weights', readme: 'Model card', files: 'Files', versions: 'Versions' },
  texts: {
    chips: 'At a glance',
    copy: 'Copy',
    copyDigest: 'Copy the SHA-256 of {0}',
    remoteImage: 'Image on {1}: {0}',
    imageNotShown: 'This image cannot be shown here.',
    file: 'File',
    size: 'Size',
    digest: 'SHA-256',
    tensor: 'Tensor',
    dtype: 'Type',
    shape: 'Shape',
    parameters: 'Parameters',
    version: 'Version',
    message: 'Message',
    published: 'Published',
    shownVersion: 'shown',
    showVersion: 'Show version {0}',
  },
  saved: { model: 'acme/phi', commit: COMMIT },
};

const README = `# Phi

A *small* model. See [the paper](https://example.com/paper), [usage](docs/use%20it.md#top) and [below](#how-to-use).

![diagram](images/diagram.png) ![badge](https://badges.example.com/b.svg)

## How to use

| A | B |
|---|---|
| 1 | 2 |

\`\`\`python
${'print("a long line") '.repeat(20)}
\`\`\`
`;

const readmePart = (text: string): PartContent => ({
  name: 'readme',
  state: {
    status: 'ready',
    content: {
      text,
      folder: '',
      metadata: [{ label: 'license', value: 'mit' }],
      metadataTitle: 'Metadata',
      cut: undefined,
    },
  },
});

const PARTS: readonly PartContent[] = [
  {
    name: 'weights',
    state: {
      status: 'ready',
      content: {
        sets: [
          {
            entry: 'model.safetensors',
            detail: 'safetensors · 14.5 GB',
            state: {
              status: 'ready',
              content: {
                facts: [{ label: 'Parameters', value: '7.24B (7,241,732,096)' }],
                dtypes: [{ dtype: 'BF16', parameters: '7,241,732,096', share: 1 }],
                tensorsTitle: 'Tensors',
                tensors: [{ name: 'lm_head.weight', dtype: 'BF16', shape: '32000 × 4096' }],
                tensorsLeft: '290 more tensors are not listed.',
              },
            },
          },
          {
            entry: 'model-Q4_0.gguf',
            detail: 'GGUF · 4.11 GB',
            state: { status: 'idle', action: 'Read Header' },
          },
        ],
      },
    },
  },
  readmePart(README),
  {
    name: 'files',
    state: {
      status: 'ready',
      content: {
        sentence: 'Files: 2 · 14.5 GB',
        files: [
          { path: 'config.json', size: '1.02 kB', lfs: false, sha256: undefined },
          { path: 'model.safetensors', size: '14.5 GB', lfs: true, sha256: 'ab'.repeat(32) },
        ],
        left: undefined,
      },
    },
  },
  {
    name: 'versions',
    state: {
      status: 'ready',
      content: {
        versions: [
          {
            commit: COMMIT,
            name: COMMIT.slice(0, 7),
            git: 'Git fedcba9',
            subject: 'Learn Spanish',
            published: 'today',
            shown: true,
          },
          {
            commit: OLDER,
            name: OLDER.slice(0, 7),
            git: undefined,
            subject: '',
            published: 'yesterday',
            shown: false,
          },
        ],
        more: { status: 'idle', action: 'Load More' },
      },
    },
  },
];

/** The colours of VS Code's four default themes that matter for the page. */
const THEMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Dark Modern': {
    background: '#1f1f1f',
    foreground: '#cccccc',
    'editor-foreground': '#cccccc',
    descriptionForeground: '#9d9d9d',
    'textLink-foreground': '#4daafc',
    'textCodeBlock-background': '#2b2b2b',
    'textBlockQuote-background': '#2b2b2b',
    'button-secondaryBackground': '#313131',
    'button-secondaryForeground': '#cccccc',
    'badge-background': '#616161',
    'badge-foreground': '#f8f8f8',
  },
  'Light Modern': {
    background: '#ffffff',
    foreground: '#3b3b3b',
    'editor-foreground': '#3b3b3b',
    descriptionForeground: '#3b3b3b',
    'textLink-foreground': '#005fb8',
    'textCodeBlock-background': '#f8f8f8',
    'textBlockQuote-background': '#f8f8f8',
    'button-secondaryBackground': '#e5e5e5',
    'button-secondaryForeground': '#3b3b3b',
    'badge-background': '#cccccc',
    'badge-foreground': '#3b3b3b',
  },
  'Dark High Contrast': {
    background: '#000000',
    foreground: '#ffffff',
    'editor-foreground': '#ffffff',
    descriptionForeground: '#b3b3b3',
    'textLink-foreground': '#21a6ff',
    'textCodeBlock-background': '#000000',
    'button-secondaryBackground': '#000000',
    'button-secondaryForeground': '#ffffff',
    'badge-background': '#000000',
    'badge-foreground': '#ffffff',
    contrastBorder: '#6fc3df',
  },
  'Light High Contrast': {
    background: '#ffffff',
    foreground: '#292929',
    'editor-foreground': '#292929',
    descriptionForeground: '#292929b3',
    'textLink-foreground': '#0f4a85',
    'textCodeBlock-background': '#f2f2f2',
    'button-secondaryBackground': '#ffffff',
    'button-secondaryForeground': '#292929',
    'badge-background': '#0f4a85',
    'badge-foreground': '#ffffff',
    contrastBorder: '#0f4a85',
  },
};

describe('the model page in a browser', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  let received: MessageFromPage[];
  let complaints: string[];
  let foreign: string[];
  let origin: string;

  before(async () => {
    server = await serve();
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await playwright.launch({ executablePath: await chromium(), args: [...chromiumFlags] });
    // One for all, because a document is new with each address and a window costs a second.
    page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) foreign.push(url);
    });
    await page.exposeFunction('answer', async (message: MessageFromPage) => {
      received.push(message);
      if (message.kind === 'ready') {
        await post({ kind: 'page', page: HEAD });
        for (const part of PARTS) await post({ kind: 'part', ...part });
      }
    });
    await page.addInitScript(
      `globalThis.acquireVsCodeApi = () => ({
        postMessage: (message) => globalThis.answer(message),
        setState: (state) => { globalThis.savedState = state; },
      })`,
    );
  });
  after(async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
  });
  beforeEach(async () => {
    received = [];
    complaints = [];
    foreign = [];
    await page.goto(`${origin}/`);
    await page.getByRole('button', { name: 'Load More' }).waitFor();
  });

  const post = (message: MessageToPage) => page.evaluate(`postMessage(${JSON.stringify(message)})`);
  const sent = async (message: MessageFromPage) => {
    const wanted = JSON.stringify(message);
    await until(() => received.some((one) => JSON.stringify(one) === wanted), `the page sent ${wanted}`);
  };
  /** Shows a README, and gives what became of it. */
  const rendered = async (text: string) => {
    const marker = `end ${Math.random()}`;
    await post({ kind: 'part', ...readmePart(`${text}\n\n<p>\n\n${marker}\n\n</p>`) });
    await page.locator('.readme', { hasText: marker }).waitFor();
    return page.locator('.readme');
  };
  const facts = () =>
    page.evaluate<{ attributes: string[]; tags: string[]; hrefs: string[]; sources: string[] }>(`(() => {
      const all = [...document.querySelectorAll('.readme, .readme *')];
      return {
        attributes: [...new Set(all.flatMap((one) => one.getAttributeNames()))],
        tags: [...new Set(all.map(({ localName }) => localName))],
        hrefs: all.flatMap((one) => one.getAttribute('href') ?? []),
        sources: all.flatMap((one) => one.getAttribute('src') ?? []),
      };
    })()`);

  it('shows the model, its weights, README, files and versions, and names from servers as text', async () => {
    assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), HEAD.heading);
    await page.getByText('7.24B (7,241,732,096)').waitFor();
    await page.getByRole('heading', { name: 'How to use' }).waitFor();
    await page.getByText('license', { exact: true }).waitFor();
    await page.getByRole('cell', { name: '14.5 GB LFS' }).waitFor();
    assert.deepEqual(await page.evaluate('savedState'), HEAD.saved);
    assert.deepEqual(complaints, []);
    assert.deepEqual(foreign, []);
  });

  for (const [name, message] of [
    ['Copy Commit SHA', { kind: 'copy', what: 'commit' }],
    ['Copy Git Commit', { kind: 'copy', what: 'gitCommit' }],
    ['Show the newest, aaaaaaa', { kind: 'chooseVersion', commit: NEWEST }],
    ['Compare with fedcba9', { kind: 'act', action: 'compare' }],
    ['Copy install command', { kind: 'copy', what: 'install' }],
    ['Copy the SHA-256 of model.safetensors', { kind: 'copyDigest', path: 'model.safetensors' }],
    ['Download…', { kind: 'act', action: 'download' }],
    ['config.json', { kind: 'openFile', path: 'config.json' }],
    [`Show version ${OLDER.slice(0, 7)}`, { kind: 'chooseVersion', commit: OLDER }],
    ['Load More', { kind: 'moreVersions' }],
    ['Read Header: model-Q4_0.gguf', { kind: 'readWeights', entry: 'model-Q4_0.gguf' }],
  ] satisfies [string, MessageFromPage][]) {
    it(`asks the host by keyboard: ${name}`, async () => {
      await page.getByRole('button', { name, exact: true }).focus();
      await page.keyboard.press('Enter');
      await sent(message);
    });
  }

  it('tells at a glance what the version is, and whether it is the newest', async () => {
    assert.match(
      await page.getByRole('list', { name: 'At a glance' }).ariaSnapshot(),
      /listitem: Task text-generation\n.*listitem: License <b>mit<\/b>\n.*listitem: Parameters 7\.24B/,
    );
    await page.getByText('Learn <i>Spanish</i>').waitFor();
    await page.getByText('Not the newest version').waitFor();
    await page
      .getByRole('row', { name: `${COMMIT.slice(0, 7)} shown Git fedcba9 Learn Spanish today` })
      .waitFor();
    const changes = { sentence: 'The first version', compare: undefined };
    const standing = { kind: 'newest', text: 'Newest version' } as const;
    await post({ kind: 'page', page: { ...HEAD, chips: [], subject: undefined, standing, changes } });
    await page.getByText('The first version').waitFor();
    await page.getByText('Newest version').waitFor();
    assert.equal(await page.getByRole('list', { name: 'At a glance' }).count(), 0);
    assert.equal(await page.getByRole('button', { name: /^(?:Compare|Show the newest)/ }).count(), 0);
  });

  it('fits into 320 and 200 pixels, as a split editor at 200 % leaves it', async () => {
    const usual = page.viewportSize();
    assert(usual);
    const long = 'w'.repeat(60);
    const chips = [...HEAD.chips, { name: 'Format', value: long }];
    await post({ kind: 'page', page: { ...HEAD, chips, subject: long, heading: `acme/${long}` } });
    await page.getByText('Tensors', { exact: true }).click();
    try {
      for (const width of [320, 200]) {
        await page.setViewportSize({ ...usual, width });
        const beyond = await page.evaluate<string[]>(
          `[...document.querySelectorAll('main *')]
            .filter((one) => one.checkVisibility() && !one.parentElement.closest('.scroll, pre'))
            .filter((one) => one.getBoundingClientRect().right > innerWidth || one.getBoundingClientRect().left < 0)
            .map((one) => one.outerHTML.slice(0, 80))`,
        );
        assert.deepEqual(beyond, [], `at ${width}`);
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
      }
    } finally {
      await page.setViewportSize(usual);
    }
  });

  it('leads links where they go: out, to a file of the version, within the README', async () => {
    await page.getByRole('link', { name: 'the paper' }).click();
    await sent({ kind: 'openLink', url: 'https://example.com/paper' });
    await page.getByRole('link', { name: 'usage' }).press('Enter');
    await sent({ kind: 'openFile', path: 'docs/use it.md' });
    await page.getByRole('link', { name: 'below' }).click();
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'How to use');
    assert.equal(page.url(), `${origin}/`);
  });

  it('finds the headings of a README of nothing but headings of the same words', async () => {
    const headings = 30_000;
    const readme = await rendered(`[the last](#a-${headings - 1})\n\n${'# a\n'.repeat(headings)}`);
    await readme.getByText('the last').click();
    const { index, count } = await page.evaluate<{ index: number; count: number }>(`(() => {
      const all = [...document.querySelectorAll('.readme .level-1')];
      return { index: all.indexOf(document.activeElement), count: all.length };
    })()`);
    assert.deepEqual({ index, count }, { index: headings - 1, count: headings });
  });

  it('shows a heading of very many parts', async () => {
    const parts = '<br>'.repeat(130_000);
    // Folded, and so not laid out.
    const readme = await rendered(`<details><summary>More</summary><h1>Title ${parts}</h1></details>`);
    assert.equal(await readme.locator('.level-1 br').count(), 130_000);
    assert.deepEqual(complaints, []);
  });

  it('asks for images of the version, and loads no other', async () => {
    await sent({ kind: 'showImage', path: 'images/diagram.png' });
    await post({ kind: 'image', path: 'images/diagram.png', source: PIXEL });
    await page.waitForFunction(`document.querySelector('img[alt="diagram"]').naturalWidth === 1`);
    await page.getByRole('button', { name: 'Image on badges.example.com: badge' }).click();
    await sent({ kind: 'openLink', url: 'https://badges.example.com/b.svg' });
    assert.deepEqual(foreign, []);
  });

  it('shows what would not be seen of a README and of names, in code, too', async () => {
    await rendered(
      'Take `if (ok\u202e) return\u2066`.\n\n[link\u200b](docs/a.md "t\u202eitle")\n\n    \u001b[2Jcode\u0085\n',
    );
    assert.match(
      await page.locator('.readme').innerText(),
      /if \(ok<U\+202E>\) return<U\+2066>[^]*link<U\+200B>[^]*␛\[2Jcode<U\+0085>/,
    );
    await post({ kind: 'page', page: { ...HEAD, heading: 'acme/\u202eihp' } });
    await page.getByRole('heading', { level: 1, name: 'acme/<U+202E>ihp' }).waitFor();
  });

  it('makes links of bare addresses of the web, however many others there are', async () => {
    const others = 'x://a.co/ a@example.com //example.com ftp://example.com ';
    const readme = await rendered(
      `https://example.com/bare ${'://a.co/'.repeat(60_000)} ${others.repeat(100)}`,
    );
    const links = await readme.getByRole('link').allTextContents();
    assert.deepEqual(links, ['https://example.com/bare']);
  });

  it('says why there is no install command, in its place', async () => {
    const install = {
      title: 'Install this version',
      command: undefined,
      problem: 'No: “q␍”.',
      copyLabel: 'Copy install command',
    };
    await post({ kind: 'page', page: { ...HEAD, install } });
    await page.getByText('No: “q␍”.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Copy install command' }).count(), 0);
  });

  it('says what an image shows where it cannot be shown', async () => {
    await post({ kind: 'image', path: 'images/diagram.png', source: undefined });
    await page.locator('.readme').getByText('diagram').waitFor();
  });

  it('shows the error of one part with a way to try again, beside the others', async () => {
    const sentence = 'The server cannot be reached.';
    await post({ kind: 'part', name: 'files', state: { status: 'failed', sentence, retry: 'Try Again' } });
    await page.getByRole('alert').getByText(sentence).waitFor();
    await page.getByRole('button', { name: 'Try Again' }).click();
    await sent({ kind: 'retry', part: 'files' });
    await page.getByRole('heading', { name: 'How to use' }).waitFor();
  });

  it('keeps the focus where it was while parts change', async () => {
    await page.getByRole('button', { name: 'Load More' }).focus();
    for (const part of PARTS) await post({ kind: 'part', ...part });
    await post({ kind: 'page', page: HEAD });
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Load More');
    await post({ kind: 'part', name: 'versions', state: { status: 'none', sentence: 'There are none.' } });
    await page.waitForFunction(`document.activeElement.textContent === 'Versions'`);
  });

  it('says once that nobody is signed in, and asks the host to change that', async () => {
    const notice = { sentence: 'You are signed out.', signIn: 'Sign In Again' };
    await post({ kind: 'page', page: { ...HEAD, actions: [], signedOut: notice } });
    await page.getByRole('alert').getByText(notice.sentence).waitFor();
    const signIn = page.getByRole('button', { name: notice.signIn });
    await signIn.focus();
    await page.keyboard.press('Enter');
    await sent({ kind: 'signIn' });
    await post({ kind: 'page', page: HEAD });
    await signIn.waitFor({ state: 'detached' });
    assert.equal(await page.evaluate('document.activeElement.textContent'), HEAD.heading);
  });

  it('announces what was copied', async () => {
    await post({ kind: 'notice', sentence: 'Copied it' });
    await page.getByRole('status').getByText('Copied it').waitFor();
  });

  for (const [index, [theme, colours]] of Object.entries(THEMES).entries()) {
    it(`has nothing that axe-core objects to, in ${theme}`, async () => {
      await page.evaluate(`(() => {
        for (const [name, value] of Object.entries(${JSON.stringify(colours)})) {
          document.documentElement.style.setProperty('--vscode-' + name, value);
        }
        document.body.style.background = 'var(--vscode-background)';
      })()`);
      await page.getByText('Tensors', { exact: true }).click();
      await page.evaluate(await readFile(`${project}/node_modules/axe-core/axe.min.js`, 'utf8'));
      // Colours are all that differs between themes.
      const look = index === 0 ? 'axe.run()' : `axe.run({ runOnly: ['color-contrast'] })`;
      const { violations } = await page.evaluate<AxeResults>(look);
      assert.deepEqual(
        violations.map(({ id, nodes }) => ({ id, html: nodes.map(({ html }) => html) })),
        [],
      );
    });
  }

  describe('renders a hostile README harmlessly, even without a policy:', () => {
    beforeEach(async () => {
      await page.goto(`${origin}/without-policy`);
      await page.getByRole('button', { name: 'Load More' }).waitFor();
    });

    const hostile: Readonly<Record<string, string>> = {
      'a script': '<script>globalThis.harm = 1</script><script src="https://evil.example/x.js"></script>',
      'a handler':
        '<img src="x.png" onerror="globalThis.harm = 1"><p onclick="globalThis.harm = 1">click</p>',
      'a handler of SVG': '<svg onload="globalThis.harm = 1"><script>globalThis.harm = 1</script></svg>',
      'a javascript: link':
        '[click](javascript:globalThis.harm=1) <a href="javascript:globalThis.harm=1">click</a>',
      'a javascript: link in disguise':
        '<a href="java&#10;script:globalThis.harm=1">click</a> <a href="&#1;javascript:globalThis.harm=1">click</a>',
      'a command: link':
        '[click](command:workbench.action.quit) <a href="command:workbench.action.quit">click</a> <command:workbench.action.quit>',
      'a vscode: link': '[click](vscode://evil.ext/x) <a href="vscode-insiders://evil.ext/x">click</a>',
      'a data: link': '[click](data:text/html,<script>harm=1</script>) <a href="data:text/html,x">click</a>',
      'a file: link':
        '[click](file:///etc/passwd) <a href="file:///etc/passwd">click</a> ![i](file:///etc/passwd)',
      'a network path': '[click](//evil.example/x) ![i](//evil.example/x.png) [click](\\\\evil.example\\x)',
      'a way out of the version':
        '[click](../../secret) ![i](../secret.png) [click](a/../../b) [click](%2e%2e/x)',
      'remote content':
        '<img src="https://evil.example/a.png" srcset="https://evil.example/b.png 2x"><video src="https://evil.example/v"></video><audio src="https://evil.example/v"></audio><picture><source srcset="https://evil.example/c.png"></picture><input type="image" src="https://evil.example/d.png"><table background="https://evil.example/e.png"><tr><td>x</td></tr></table>',
      'a frame':
        '<iframe src="https://evil.example"></iframe><object data="https://evil.example"></object><embed src="https://evil.example">',
      'a style':
        '<style>* { display: none }</style><p style="position: fixed; inset: 0">x</p><link rel="stylesheet" href="https://evil.example/x.css">',
      'a form': '<form action="https://evil.example"><input name="q"><button>send</button></form>',
      'a base and a redirect':
        '<base href="https://evil.example"><meta http-equiv="refresh" content="0;url=https://evil.example">',
      'names the page uses':
        '<p id="title-files" class="announcements" name="x" role="status" data-part="files">x</p>',
      'addresses of what is neither link nor image':
        '<p style=<a href=<script>x <b href="javascript:harm=1" src="https://evil.example/x">x</b> <hr src="x.png">',
      'an image in data that is none':
        '![i](data:text/html;base64,PHNjcmlwdD4=) <img src="data:image/svg+xml,<svg onload=harm=1>">',
    };
    for (const [what, text] of Object.entries(hostile)) {
      it(what, async () => {
        await rendered(text);
        await harmless();
      });
    }

    it('whatever it is made of', async () => {
      const pieces = fc.constantFrom(
        ...Object.values(hostile).flatMap((text) => text.split(/(?<=[>"(])|(?=[<")])/)),
        '\n\n',
        '`',
        '![',
        '](',
        '<!--',
        '<math><mtext><table><mglyph><style>',
        '<noscript><p title="',
        '<template>',
      );
      await fc.assert(
        fc.asyncProperty(fc.array(pieces, { minLength: 3, maxLength: 20 }), async (parts) => {
          await post({ kind: 'part', ...readmePart('') });
          await post({ kind: 'part', ...readmePart(parts.join('')) });
          await page.waitForFunction('document.querySelector(".readme")');
          await harmless();
        }),
        { numRuns: 60 },
      );
    });

    async function harmless(): Promise<void> {
      const { attributes, tags, hrefs, sources } = await facts();
      const allowedTags =
        /^(?:a|abbr|b|blockquote|br|button|caption|center|code|dd|del|details|div|dl|dt|em|figcaption|figure|h[3-6]|hr|i|img|ins|kbd|li|mark|ol|p|picture|pre|q|s|samp|small|span|strike|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var)$/;
      const allowedAttributes =
        /^(?:align|alt|class|colspan|data-image-path|height|href|open|rowspan|src|start|tabindex|title|type|width)$/;
      assert.deepEqual(
        tags.filter((tag) => !allowedTags.test(tag)),
        [],
      );
      assert.deepEqual(
        attributes.filter((name) => !allowedAttributes.test(name)),
        [],
      );
      for (const href of hrefs) assert.match(href, /^(?:#$|https?:\/\/)/);
      for (const source of sources)
        assert.match(source, /^data:image\/(?:png|jpeg|gif|webp|avif|bmp);base64,/);
      await page.evaluate(`document.querySelectorAll('.readme *').forEach((one) => one.click?.())`);
      assert.equal(await page.evaluate('globalThis.harm'), undefined);
      assert.deepEqual(foreign, []);
      assert.deepEqual(complaints, []);
      assert.equal(page.url(), `${origin}/without-policy`);
      for (const message of received) {
        if (message.kind === 'openLink') assert.match(message.url, /^https?:\/\//);
        if (message.kind === 'openFile' || message.kind === 'showImage') {
          assert.doesNotMatch(message.path, /^\/|(?:^|\/)\.\.?(?:\/|$)/);
        }
      }
    }
  });

  it('lays out no table of more fields than a browser can, and shows what is in it', async () => {
    const row = '<tr><td colspan=1000 rowspan=65534>x</td></tr>';
    const readme = await rendered(
      `<table>${row.repeat(500)}</table><table><tr><td colspan="2" rowspan="2">small</td></tr></table>`,
    );
    assert.equal(await readme.locator('table').first().getByText('x', { exact: true }).count(), 500);
    const displays = await page.evaluate(
      `[...document.querySelectorAll('.readme td')].map((cell) => getComputedStyle(cell).display)`,
    );
    assert.deepEqual(displays, [...Array.from({ length: 500 }, () => 'block'), 'table-cell']);
  });

  it('keeps the HTML that model cards are written with', async () => {
    const readme = await rendered(
      '<div align="center">\n\n# Title\n\n<img src="logo.png" width="40" alt="logo">\n</div>\n<details><summary>More</summary>\n\n**bold** <sub>x</sub>\n\n</details>\n\nhttps://example.com',
    );
    assert.equal(await readme.locator('div[align=center] h3').textContent(), 'Title');
    assert.equal(await readme.locator('img[alt=logo]').getAttribute('width'), '40');
    assert.equal(await readme.locator('details strong').textContent(), 'bold');
    assert.equal(await readme.getByRole('link').getAttribute('href'), 'https://example.com/');
  });
});

/** Serves the page as a webview has it: everything from one source, under the page's own policy. */
async function serve(): Promise<Server> {
  const { outputFiles } = await build({
    entryPoints: [`${project}/src/panels/modelPage.ts`],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    write: false,
    absWorkingDir: project,
  });
  const files: Readonly<Record<string, readonly [type: string, content: string | Buffer]>> = {
    '/favicon.ico': ['image/x-icon', ''],
    '/modelPage.js': ['text/javascript', outputFiles[0]?.text ?? ''],
    '/modelPage.css': ['text/css', await readFile(`${project}/media/modelPage.css`)],
    '/codicon.css': ['text/css', await readFile(`${project}/node_modules/@vscode/codicons/dist/codicon.css`)],
    '/codicon.ttf': ['font/ttf', await readFile(`${project}/node_modules/@vscode/codicons/dist/codicon.ttf`)],
  };
  const server = createServer(({ url = '/', headers }, response) => {
    const path = new URL(url, 'http://localhost').pathname;
    if (path === '/' || path === '/without-policy') {
      const html = panelPage({
        language: 'en',
        title: HEAD.heading,
        cspSource: `http://${headers.host}`,
        nonce: 'abc123',
        script: '/modelPage.js',
        styles: '/modelPage.css',
        icons: '/codicon.css',
      });
      response.setHeader('content-type', 'text/html');
      response.end(path === '/' ? html : html.replace(/<meta http-equiv[^>]*>/, ''));
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
