import assert from 'node:assert/strict';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { devNull } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import type { Locator } from 'playwright-core';
import type { RunningRegistry } from '../registry/registry.ts';
import { startRegistry } from '../registry/startRegistry.ts';
import { hfClientOrSkip } from '../setup/python.ts';
import { makeSampleWorkspace } from '../setup/sampleModel.ts';
import { bytes, pathWithoutLfs, plainGit, trainerOutput, WEIGHTS, write } from '../unit/setup/settingUp.ts';
import { pointerTo, sha256 } from '../unit/snapshot/repositories.ts';
import { accessibilityFaultsInPrompt, colourFaultsInPrompt } from './accessibility.ts';
import { Keyboard } from './keyboard.ts';
import { openStageWindow } from './stageWindow.ts';
import type { StageVariation, StageWindow } from './stageWindow.ts';
import { themes } from './workbench.ts';

/** A model of the hub, in several quantizations. */
const upstream = 'upstream/tiny-llama';
const upstreamFiles = {
  'README.md': '---\nlicense: mit\n---\n# Tiny Llama\n',
  'config.json': '{"architectures":["LlamaForCausalLM"],"model_type":"llama"}\n',
  'tiny-llama-Q4_K_M.gguf': bytes(60_000, 'four bits'),
  'tiny-llama-Q8_0.gguf': bytes(120_000, 'eight bits'),
};
/** What it is called in the registries, and the registry that it is promoted to. */
const model = 'acme/tiny-llama';
const production = 'production';

/** A folder that a trainer has left behind, and what it is published as. */
const trained = 'my-model';
const setUp = 'acme/my-model';

/**
 * A shortcut that goes from one theme to the next, in the order of {@link themes}: the picker of themes would close what is looked at.
 * VS Code toggles between what is preferred for light and dark, whatever kind that is. Settings have names of their own for themes.
 */
const NEXT_THEME = {
  press: 'Control+Alt+Shift+F10',
  keybinding: { key: 'ctrl+alt+shift+f10', command: 'workbench.action.toggleLightDarkThemes' },
  settings: {
    'workbench.colorTheme': 'Dark Modern',
    'workbench.preferredLightColorTheme': 'Default High Contrast',
    'workbench.preferredHighContrastLightColorTheme': 'Default High Contrast Light',
    'workbench.preferredHighContrastColorTheme': 'Light Modern',
    'workbench.preferredDarkColorTheme': 'Dark Modern',
  },
} as const;

describe('a person without a mouse takes a model', function () {
  this.timeout(5 * 60_000);

  let source: RunningRegistry | undefined;
  let window: StageWindow;
  let keyboard: Keyboard;
  before(async () => {
    window = await openStageWindow(prepare);
    keyboard = new Keyboard(window.workbench);
    const { registry } = window.stage;
    registry.addRegistry(registry.organization, 'Production', 'huggingface');
    await keyboard.run('Model Registries: Sign In');
    await keyboard.pick('Paste an access token', '');
    await window.workbench.quickInput.titled('Sign in to Buildkite');
    await keyboard.type(registry.token);
    await keyboard.press('Enter');
    await window.workbench.row('Acme').waitFor();
  });
  beforeEach(() => window.rest());
  after(async () => {
    await window.close();
    await source?.stop();
  });

  /** A hub beside the registry, a folder without Git, and a machine whose Git knows neither LFS nor who commits. */
  async function prepare(folder: string): Promise<StageVariation> {
    source = await startRegistry({
      dataDir: join(folder, 'hub'),
      hub: { lfsThresholdBytes: 20_000 },
      rootHub: {},
    });
    await source.addModelVersion(source.organization, source.registry, upstream, upstreamFiles, 'Quantize');
    const workspace = await makeSampleWorkspace(join(folder, 'acme'));
    write(join(workspace.folder, trained), trainerOutput());
    const programs = join(folder, 'programs');
    await mkdir(programs);
    return {
      settings: {
        'modelRegistries.hubs': [{ address: source.rootHub?.url, name: 'Models' }],
        ...NEXT_THEME.settings,
        'files.autoSave': 'off',
      },
      keybindings: [NEXT_THEME.keybinding],
      environment: {
        PATH: pathWithoutLfs(programs),
        // Without it, VS Code would take the PATH of a login shell.
        VSCODE_CLI: '1',
        ...{ GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: '1' },
        ...{ GIT_AUTHOR_NAME: '', GIT_AUTHOR_EMAIL: '', EMAIL: '' },
      },
    };
  }

  const gitOf = (slug: string, name: string) => {
    const { registry } = window.stage;
    return registry.gitDirectory(registry.organization, slug, name);
  };
  const git = async (slug: string, name: string, ...args: readonly string[]) =>
    (await execa('git', ['--git-dir', gitOf(slug, name), ...args])).stdout;
  const newest = (slug: string) => git(slug, model, 'rev-parse', 'main');

  let painted = 0;
  /** Has axe-core look at a part of the window in the theme that it has. */
  const look = async (part: Locator, name: string, faults = accessibilityFaultsInPrompt) => {
    const { picture } = themes[painted]!;
    await window.workbench.screenshot(`chain-${name}-${picture}`);
    assert.deepEqual(await faults(part), [], `${name} in ${picture}`);
  };
  /** Has axe-core look at it in all themes: at everything in the one that it has, at the colours in the others. */
  const lookInEveryTheme = async (part: Locator, name: string) => {
    await look(part, name);
    for (let others = themes.length - 1; others > 0; others -= 1) {
      painted = (painted + 1) % themes.length;
      await keyboard.press(NEXT_THEME.press);
      await window.workbench.coloured(themes[painted]!.kind);
      await look(part, name, colourFaultsInPrompt);
    }
  };

  /** Publishes what the summary tells, and goes on to the version in the tree. */
  const publishAndShow = async (question: string, name: string) => {
    const { page } = window.workbench;
    await keyboard.agree(question, 'Publish');
    await keyboard.pressInNotification(`Published ${name}`, 'Show in Registries');
    await keyboard.focusedList('Registries').waitFor();
    return keyboard.focusedRow('Registries').and(page.locator('[aria-level="5"], [aria-level="4"]'));
  };

  const importFromHub = async () => {
    const { quickInput, dialog, page } = window.workbench;
    await keyboard.walkDown('Acme', 'models');
    await keyboard.chooseFromMenu('Import Model…');
    await quickInput.titled('Import Model');
    await keyboard.pick('Models');
    await quickInput.titled('Import Model from Models');
    await quickInput.option(upstream).waitFor();
    await keyboard.type('llam');
    await quickInput.option(upstream).and(page.locator('.focused')).waitFor();
    await lookInEveryTheme(quickInput.widget, 'search');
    await keyboard.press('Enter');
    await quickInput.titled(`Import ${upstream}`);
    await quickInput.option('Q4_K_M').waitFor();
    await lookInEveryTheme(quickInput.widget, 'quantizations');
    await keyboard.pick('Q4_K_M');
    await keyboard.answer('Name of the model in acme/models', model);
    await dialog.getByText(`Import ${model} into acme/models?`).waitFor();
    await look(dialog, 'summary');
    const version = await publishAndShow(`Import ${model} into acme/models?`, model);
    const commit = await newest('models');
    await version.filter({ hasText: commit.slice(0, 7) }).waitFor();
    await window.workbench.screenshot('chain-imported');
    assert.deepEqual((await git('models', model, 'ls-tree', '--name-only', 'main')).split('\n'), [
      '.gitattributes',
      'README.md',
      'config.json',
      'tiny-llama-Q4_K_M.gguf',
    ]);
  };

  const promote = async () => {
    const { quickInput } = window.workbench;
    await keyboard.chooseFromMenu('Promote to Another Registry…');
    await quickInput.option('Production').waitFor();
    assert.equal(await quickInput.option(/^models/).count(), 0, 'where it comes from is not offered');
    await keyboard.pick('Production');
    await quickInput.asks(`Name of the model in acme/${production}`);
    await keyboard.press('Enter');
    await publishAndShow(`Import ${model} into acme/${production}?`, model);
    const tree = (slug: string) => git(slug, model, 'ls-tree', '-r', 'main');
    assert.equal(await tree(production), await tree('models'));
    const commit = await newest(production);
    await keyboard
      .focusedRow('Registries')
      .filter({ hasText: commit.slice(0, 7) })
      .waitFor();
    await window.workbench.screenshot('chain-promoted');
  };

  const createReadToken = () =>
    window.workbench.copiedBy(async () => {
      const { quickInput } = window.workbench;
      await keyboard.walkDown('Acme', 'Production');
      await keyboard.chooseFromMenu('Read Tokens…');
      await quickInput.option('Create a Read Token…').waitFor();
      await lookInEveryTheme(quickInput.widget, 'read-tokens');
      await keyboard.press('Enter');
      await quickInput.titled('Create a Read Token for Production');
      await keyboard.type('Ada’s laptop');
      await keyboard.press('Enter');
      await window.workbench.notification('The read token “Ada’s laptop” of acme/production').waitFor();
      await window.workbench.screenshot('chain-read-token');
    });

  const copyForTeammate = (commit: string) =>
    window.workbench.copiedBy(async () => {
      await keyboard.walkDown('Acme', 'Production');
      const version = window.workbench.registryRows.filter({ hasText: commit.slice(0, 7) });
      await keyboard.goDownToRow('Registries', version);
      await keyboard.chooseFromMenu('Copy for a Teammate');
    });

  /** Runs the first command of the text where nobody is known and nothing was downloaded before; its folder. */
  const pasteElsewhere = async (bin: string, text: string, token: string) => {
    const home = join(window.folder, 'teammate');
    await mkdir(home);
    const [, command = ''] = /^```\n([^]*?)\n```$/m.exec(text) ?? [];
    assert.ok(!text.includes(token), 'the text holds no token');
    const pasted = command.replace('<your-token>', token);
    assert.notEqual(pasted, command, 'the command has a place for the token');
    await execa('bash', ['-c', pasted], {
      cwd: home,
      extendEnv: false,
      env: { PATH: [bin, '/usr/bin', '/bin'].join(delimiter), HOME: home, HF_HOME: join(home, 'hf-home') },
    });
    return join(home, 'tiny-llama');
  };

  it('from the hub into a registry, on to production, and to a colleague who has a read token', async function () {
    const { bin } = await hfClientOrSkip(this, '2.4.0');
    await importFromHub();
    await promote();
    await window.rest();
    const token = await createReadToken();
    assert.match(token, /^bkpt_/);
    const commit = await newest(production);
    const folder = await pasteElsewhere(bin, await copyForTeammate(commit), token);
    const names = (await readdir(folder)).filter((name) => name !== '.cache').sort();
    assert.deepEqual(names, ['.gitattributes', 'README.md', 'config.json', 'tiny-llama-Q4_K_M.gguf']);
    for (const name of ['README.md', 'config.json', 'tiny-llama-Q4_K_M.gguf'] as const) {
      assert.deepEqual(await readFile(join(folder, name)), Buffer.from(upstreamFiles[name]), name);
    }
  });

  it('from a folder without Git, on a machine without Git LFS, into a registry', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const { quickInput } = workbench;
    await keyboard.walkTo('Local Models', trained);
    await keyboard.chooseFromMenu('Publish Model Snapshot…');
    await keyboard.pressInNotification('is not in a Git repository yet', 'Set Up and Publish');
    await workbench.dialog.getByText('Git LFS is not installed').waitFor();
    await look(workbench.dialog, 'set-up');
    await keyboard.agree(`Set up ${trained} and publish it?`, 'Set Up and Publish');
    await keyboard.answer('Git does not know your name yet', 'Ada');
    await keyboard.answer('Your email address', 'ada@example.org');
    await quickInput.titled('Publish Model Snapshot');
    await keyboard.pick('models');
    await keyboard.answer('Name of the model in acme/models', setUp);
    const version = await publishAndShow(`Publish ${setUp} to acme/models?`, setUp);
    const commit = await git('models', setUp, 'rev-parse', 'main');
    await version.filter({ hasText: commit.slice(0, 7) }).waitFor();
    await workbench.screenshot('chain-set-up-published');

    const folder = join(stage.workspace.folder, trained);
    assert.equal(
      await git('models', setUp, 'ls-tree', '-r', 'main'),
      plainGit(folder, 'ls-tree', '-r', 'HEAD'),
    );
    assert.equal(plainGit(folder, 'show', 'HEAD:model.safetensors'), pointerTo(WEIGHTS).trimEnd());
    assert.ok(await registry.hasObject(registry.organization, 'models', sha256(WEIGHTS)));
  });

  it('from builds of a pipeline, which its registry lets in by a policy', async () => {
    const { stage, workbench } = window;
    const { page, dialog } = workbench;
    await keyboard.walkDown('Acme', 'Production');
    await keyboard.chooseFromMenu('Edit OIDC Policy');
    const editor = page.locator('.part.editor .monaco-editor.focused');
    await editor.waitFor();
    await editor.getByText('has no OIDC policy').waitFor();
    const replaceText = async (text: string) => {
      // VS Code completes and indents what is typed.
      await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
      await keyboard.press('ControlOrMeta+A');
      await keyboard.press('ControlOrMeta+V');
    };
    await replaceText(policyFor('[read_packages, admin]'));
    const squiggle = editor.locator('.squiggly-error');
    await squiggle.first().waitFor();
    // As “Go to Next Problem”.
    await keyboard.press('F8');
    await editor.getByText('only scopes').first().waitFor();
    await lookInEveryTheme(editor.locator('.view-lines').first(), 'policy');
    await keyboard.press('Escape');
    await replaceText(policyFor('[read_packages, write_packages]'));
    await squiggle.first().waitFor({ state: 'detached' });
    await keyboard.press('ControlOrMeta+S');
    const question = 'Apply this OIDC policy to acme/production?';
    await dialog.getByText(question).waitFor();
    await workbench.tab('Current ↔ Yours').waitFor();
    await look(dialog, 'policy-difference');
    await keyboard.agree(question, 'Apply');
    await page.locator('.part.statusbar').getByText('Applied the OIDC policy of acme/production').waitFor();
    await workbench.tab('Current ↔ Yours').waitFor({ state: 'detached' });
    await editor.waitFor();
    const { apiUrl, organization, token } = stage.registry;
    const answer = await fetch(`${apiUrl}/packages/organizations/${organization}/registries/${production}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { oidc_policy } = (await answer.json()) as { readonly oidc_policy: string };
    assert.equal(oidc_policy, policyFor('[read_packages, write_packages]'));
  });
});

const policyFor = (scopes: string) => `- iss: https://agent.buildkite.com
  scopes: ${scopes}
  claims:
    organization_slug: acme
    pipeline_slug: train
`;
