import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hfClientOrSkip } from '../setup/python.ts';
import { until } from '../setup/until.ts';
import { accessibilityFaults, colourFaults } from './accessibility.ts';
import { sharedStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';
import { themes } from './workbench.ts';

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
    await workbench.webview.getByRole('textbox', { name: 'Slug of the pipeline' }).fill('release');
    await workbench.webview.locator('pre:visible', { hasText: '- release' }).waitFor();
    // What follows is to be looked for in the new page.
    const loaded = workbench.page.waitForEvent('load');
    await workbench.runCommand('Developer: Reload Window');
    await loaded;
    await workbench.webview.locator('pre:visible', { hasText: '- release' }).waitFor();
    await workbench.welcomeButton('Sign in to Buildkite').waitFor();
    await workbench.screenshot('instructions-restored');
  });

  it('runs commands in a terminal that has the token', async () => {
    const { stage, workbench, folder } = window;
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
