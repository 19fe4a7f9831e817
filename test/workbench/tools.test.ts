import assert from 'node:assert/strict';
import { join } from 'node:path';
import { makeAgentExtension, type AgentExtension } from '../setup/agentExtension.ts';
import { openStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';

describe('an agent in Restricted Mode', function () {
  this.timeout(3 * 60_000);

  let window: StageWindow;
  let agent: AgentExtension;

  before(async () => {
    window = await openStageWindow(async (folder) => {
      agent = await makeAgentExtension(join(folder, 'agent'));
      return { restricted: true, extensions: [agent.folder] };
    });
    const { stage, workbench } = window;
    await workbench.signIn(stage.registry.token);
    await workbench.row('Acme').waitFor();
  });
  after(async () => {
    await window.workbench.screenshot('end-tools');
    await window.close();
  });

  /** Has the agent call a tool, and leaves what it reads once it is what is expected. */
  const call = async (name: string, input: object, heading: string, text: string) => {
    const { workbench } = window;
    await agent.willCall(name, input);
    await workbench.runCommand('Agent: Call Tool');
    await workbench.dialog
      .filter({ hasText: `${name} ${heading}` })
      .filter({ hasText: text })
      .waitFor();
    await workbench.screenshot(`tools-${name}`);
    await workbench.dialog.getByRole('button', { name: 'OK' }).click();
    await workbench.dialog.waitFor({ state: 'detached' });
  };

  it('lists registries, and neither plans nor publishes anything of the workspace', async () => {
    const { organization, registry, requests } = window.stage.registry;
    await call('modelRegistries_list', { organization }, 'answered', `"registry": "${registry}"`);

    const from = requests.length;
    const plan = { folder: 'language-detection', organization, registry, model: 'acme/by-agent' };
    for (const [name, input] of [
      ['modelRegistries_planPublish', plan],
      ['modelRegistries_publish', { ...plan, plan: `plan-v1:${'b'.repeat(64)}`, commit: 'a'.repeat(40) }],
    ] as const) {
      const refusal = 'This workspace is not trusted, so nothing in it is read or published.';
      await call(name, input, 'refused', refusal);
    }
    assert.deepEqual(
      requests.slice(from).filter(({ path }) => path.includes('/huggingface')),
      [],
    );
  });
});
