import assert from 'node:assert/strict';
import { until } from '../setup/until.ts';
import { sharedStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

describe('a person finds models', function () {
  this.timeout(3 * 60_000);

  let window: StageWindow;
  const model = 'tyrell/voight-kampff';

  before(async () => {
    window = await sharedStageWindow();
    await window.workbench.signIn(window.stage.registry.token);
  });
  beforeEach(async () => {
    await window.rest();
    await window.workbench.row('Tyrell Research').waitFor();
  });
  after(() => window.close());

  it('by the button of an organization and a part of the name, and sees the model in the tree', async () => {
    const { workbench } = window;
    const { quickInput } = workbench;
    await workbench.pressIn(workbench.row('Tyrell Research'), 'Find Model…');
    await quickInput.titled('Find Model in Tyrell Research');
    await quickInput.option('tyrell/owl-embedding').waitFor();
    await quickInput.type('KAMPFF');
    await quickInput.option(model).waitFor();
    await quickInput.option('tyrell/owl-embedding').waitFor({ state: 'detached' });
    await workbench.screenshot('finding-models');
    await quickInput.choose(model);
    await workbench.row(model).and(workbench.page.locator('[aria-selected=true]')).waitFor();
  });

  it('by keyboard alone, and is told where there is none', async () => {
    const { workbench } = window;
    const { page, quickInput } = workbench;
    await page.keyboard.press('F1');
    await page.keyboard.type('Model Registries: Find Model');
    await quickInput.option('Model Registries: Find Model…').waitFor();
    await page.keyboard.press('Enter');
    await quickInput.titled('Find Model');
    await page.keyboard.type('wings');
    await quickInput.option('No model has “wings” in its name.').waitFor();
    await quickInput.type('gripper');
    await quickInput.option('rossum/gripper-vision').waitFor();
    await page.keyboard.press('Enter');
    const found = workbench.row('rossum/gripper-vision').and(page.locator('[aria-selected=true]'));
    await found.waitFor();
    await page.keyboard.press('ArrowRight');
    await found.and(page.locator('[aria-expanded=true]')).waitFor();
  });

  it('by a name and Enter at once, and gets none that the box showed before', async () => {
    const { workbench } = window;
    const { page, quickInput } = workbench;
    await page.keyboard.press('F1');
    await page.keyboard.type('Model Registries: Find Model');
    await quickInput.option('Model Registries: Find Model…').waitFor();
    await page.keyboard.press('Enter');
    await quickInput.titled('Find Model');
    await quickInput.option('tyrell/owl-embedding').waitFor();
    await page.keyboard.insertText('wings');
    await page.keyboard.press('Enter');
    await quickInput.option('No model has “wings” in its name.').waitFor();
    await quickInput.type('KAMPFF');
    await page.keyboard.press('Enter');
    await workbench.row(model).and(page.locator('[aria-selected=true]')).waitFor();
  });

  it('by the arrow keys, which no answer that comes later undoes', async () => {
    const { stage, workbench } = window;
    const { page, quickInput } = workbench;
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    stage.registry.inject({
      path: /\/registries\/perception\/packages/,
      fault: { kind: 'hold', until: held },
      times: Infinity,
    });
    await page.keyboard.press('F1');
    await page.keyboard.type('Model Registries: Find Model');
    await quickInput.option('Model Registries: Find Model…').waitFor();
    await page.keyboard.press('Enter');
    await quickInput.titled('Find Model');
    await quickInput.option('tyrell/owl-embedding').waitFor();
    await page.keyboard.press('ArrowDown');
    const active = quickInput.widget.locator('.monaco-list-row.focused');
    const chosen = await active.getAttribute('aria-label');
    answer();
    await quickInput.option('rossum/gripper-vision').waitFor();
    await until(
      async () => (await active.getAttribute('aria-label')) === chosen,
      `the row that was chosen is still the active one: ${String(chosen)}`,
    );
    await page.keyboard.press('Escape');
  });

  it('in a registry whose others are filtered away, until the filter is cleared', async () => {
    const { workbench } = window;
    const { quickInput } = workbench;
    const registry = workbench.row('🤗 Language models');
    await workbench.expand('Tyrell Research');
    await workbench.expand('🤗 Language models');
    await workbench.row('baselines/bag-of-words').waitFor();
    await workbench.chooseFromContextMenu(registry, 'Filter by Namespace…');
    await quickInput.titled('Filter Language models by Namespace');
    await quickInput.choose('tyrell');
    await workbench.row('baselines/bag-of-words').waitFor({ state: 'detached' });
    await workbench.row(model).waitFor();
    await workbench.description(registry).filter({ hasText: 'filter: tyrell/' }).waitFor();
    await workbench.pressIn(registry, 'Clear Filter');
    await workbench.row('baselines/bag-of-words').waitFor();
    assert.doesNotMatch(await workbench.description(registry).innerText(), /filter:/);
  });

  it('and goes back to all from a filter that leaves none', async () => {
    const { workbench } = window;
    const { quickInput } = workbench;
    await workbench.expand('Tyrell Research');
    await workbench.expand('🔓 Open weights');
    await workbench.row('tyrell/owl-embedding').waitFor();
    await workbench.chooseFromContextMenu(workbench.row('🔓 Open weights'), 'Filter by Namespace…');
    await quickInput.titled('Filter Open weights by Namespace');
    await quickInput.type('nobody');
    await quickInput.choose('Names that hold “nobody”');
    await workbench.row('No models with “nobody” in their names').click();
    await workbench.row('tyrell/owl-embedding').waitFor();
  });
});
