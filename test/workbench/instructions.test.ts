import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hfClientOrSkip } from '../setup/python.ts';
import { until } from '../setup/until.ts';
import { accessibilityFaults, colourFaults } from './accessibility.ts';
import { sharedStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';
import { OPENING, themes } from './workbench.ts';

const TABS = ['Publish', 'Install', 'Use in code', 'Pipeline'];
const COMMANDS = 'Install & Publish Commands';

describe('a person who reads the instructions', function () {
  this.timeout(5 * 60_000);

  let window: StageWindow;
  before(async () => {
    window = await sharedStageWindow();
    const { registry } = window.stage;
    await registry.addModelVersion(registry.organization, registry.registry, 'acme/llama', {
      'config.json': '{"architectures":["LlamaForCausalLM"],"model_type":"llama"}',
      'tokenizer.json': '{}',
    });
  });
  beforeEach(async () => {
    const { stage, workbench } = window;
    await window.rest();
    // A VS Code in the browser, without a keychain, keeps secrets no longer than its page.
    if (await workbench.welcomeButton('Sign in to Buildkite').isVisible())
      await workbench.signIn(stage.registry.token);
    await workbench.expand('Acme');
    await workbench.expand('models');
    await workbench.chooseFromContextMenu(workbench.row('acme/llama'), COMMANDS);
    await workbench.webview.getByRole('heading', { name: 'Publish a new version' }).waitFor();
  });
  after(() => window.close());

  const openTab = async (name: string) => {
    const tab = window.workbench.webview.getByRole('tab', { name });
    await tab.click();
    await tab.and(window.workbench.webview.locator('[aria-selected="true"]')).waitFor();
  };

  const inPage = async <T>(expression: string) =>
    (await window.workbench.webview.locator('body').evaluate(expression)) as T;
  /** It stays as a person left it. */
  const unfoldOptions = async () => {
    const { webview } = window.workbench;
    const client = webview.getByRole('combobox', { name: 'Client' });
    if (!(await client.isVisible())) await webview.locator('#options > summary').click();
    await client.waitFor();
  };
  /** What of the page leaves the pane. */
  const beyond = () =>
    inPage<string[]>(
      `[...document.querySelectorAll('main *')]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)
        .map(({ localName, id, className }) => [localName, id, className].join(' '))`,
    );

  it('finds the command and Copy at once, whatever the size of the window', async () => {
    const { workbench } = window;
    const usual = workbench.page.viewportSize();
    assert(usual);
    try {
      await workbench.page.setViewportSize({ width: 1200, height: 800 });
      for (const tab of ['Publish', 'Install']) {
        await openTab(tab);
        const below = await inPage<number>(
          `[...document.querySelectorAll('.copy, pre')].filter((one) => one.checkVisibility() && one.getBoundingClientRect().bottom > innerHeight).length`,
        );
        assert.equal(below, 0, tab);
        await workbench.screenshot(`instructions-1200-${tab.toLowerCase()}`);
      }
      await unfoldOptions();
      await workbench.screenshot('instructions-1200-options');
      // As a window of twice that size shows at 200 %, and as narrow as an editor gets.
      for (const [name, size] of [
        ['200-percent', { width: 640, height: 400 }],
        ['narrow', { width: 420, height: 800 }],
      ] as const) {
        await workbench.page.setViewportSize(size);
        await until(async () => (await beyond()).length === 0, `nothing leaves the pane: ${name}`);
        await workbench.screenshot(`instructions-${name}`);
        await inPage(`document.querySelector('#options').scrollIntoView()`);
        await workbench.screenshot(`instructions-${name}-options`);
      }
    } finally {
      await workbench.page.setViewportSize(usual);
    }
  });

  it('finds nothing that axe-core objects to, in any tab and theme', async () => {
    const { workbench } = window;
    for (const [index, { name, kind, picture }] of themes.entries()) {
      await workbench.chooseTheme(name, kind);
      await workbench.themed(kind);
      const faults = index === 0 ? accessibilityFaults : colourFaults;
      for (const tab of TABS) {
        await openTab(tab);
        await workbench.screenshot(`instructions-${picture}-${tab.toLowerCase().replaceAll(' ', '-')}`);
        assert.deepEqual(await faults(workbench.webview), [], `${tab} in ${name}`);
      }
      await openTab('Install');
      await workbench.picture(`instructions-${picture}`);
    }
  });

  it('is told of the installed client that it works with the command', async function () {
    await hfClientOrSkip(this, '2.4.0');
    await openTab('Install');
    await window.workbench.webview
      .getByText('hf 2.4.0 is installed here and works with this command.')
      .waitFor();
  });

  it('sees what the files of the model say of its use', async () => {
    await openTab('Use in code');
    const code = window.workbench.webview.locator('pre:visible').first();
    await code.filter({ hasText: 'AutoModelForCausalLM.from_pretrained(folder)' }).waitFor();
  });

  it('has typed values and the tab back after the window is loaded anew', async () => {
    const { workbench } = window;
    await openTab('Pipeline');
    await unfoldOptions();
    await workbench.webview.getByRole('textbox', { name: 'Pipeline slug' }).fill('release');
    await workbench.webview.locator('pre:visible', { hasText: '- release' }).waitFor();
    // What follows is to be looked for in the new page.
    const loaded = workbench.page.waitForEvent('load');
    await workbench.runCommand('Developer: Reload Window');
    await loaded;
    await workbench.webview.locator('pre:visible', { hasText: '- release' }).waitFor(OPENING);
    await workbench.welcomeButton('Sign in to Buildkite').waitFor(OPENING);
    await workbench.screenshot('instructions-restored');
  });

  it('runs commands in a terminal that has the token', async () => {
    const { stage, workbench, folder } = window;
    await unfoldOptions();
    await workbench.webview.getByRole('button', { name: 'Open Terminal' }).click();
    await workbench.webview.getByText('The terminal is open').first().waitFor();
    await workbench.page.locator('.terminal-wrapper .xterm.focus').waitFor();
    const file = join(folder, 'environment');
    await workbench.page.keyboard.type(
      `printenv HF_TOKEN HF_ENDPOINT HF_HUB_DISABLE_XET > ${file}.new && mv ${file}.new ${file}\n`,
    );
    await until(() => existsSync(file), 'the terminal has written what its environment holds');
    const { packagesUrl, organization, registry, token } = stage.registry;
    assert.equal(
      await readFile(file, 'utf8'),
      `${token}\n${packagesUrl}/${organization}/${registry}/huggingface\n1\n`,
    );
    await workbench.screenshot('instructions-terminal');
  });
});
