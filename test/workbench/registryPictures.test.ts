import { sampleHead } from './sampleFiles.ts';
import { openStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';
import { themes } from './workbench.ts';

const HOUR_MS = 3_600_000;

describe('a person sees the tree', function () {
  this.timeout(3 * 60_000);

  let window: StageWindow;
  const model = 'tyrell/language-detection';
  let newest: string;

  before(async () => {
    window = await openStageWindow();
    const { stage, workbench } = window;
    const { registry, workspace } = stage;
    const head = await sampleHead(workspace);
    const publish = (hoursAgo: number, message: string, changes: Record<string, string> = {}) =>
      registry.addModelVersion(
        'tyrell-research',
        'language-models',
        model,
        { ...head.files, ...changes },
        message,
        new Date(Date.now() - hoursAgo * HOUR_MS),
      );
    await publish(22 * 24, 'Tell 30 programming languages apart', {
      'config.json': '{ "num_labels": 30 }\n',
    });
    await publish(6 * 24, 'Add 24 languages', { LICENSE: 'MIT\n' });
    newest = await publish(3, `Tell 54 programming languages apart\n\nGit-Commit: ${head.commit}`);

    await workbench.page.setViewportSize({ width: 1200, height: 720 });
    await workbench.signIn(registry.addToken({ scopes, organizations: ['tyrell-research'] }));
    await workbench.widenSideBar(600);
    await workbench.fold('Local Models');
    await workbench.expand('🤗 Language models');
    await workbench.expand(model);
    await workbench.expand(newest.slice(0, 7));
  });
  after(() => window.close());

  const scopes = ['read_organizations', 'read_registries', 'read_packages', 'write_packages'];

  it('with a model card beside it, in dark, high contrast and light', async () => {
    const { workbench } = window;
    await workbench.row('README.md').click();
    await workbench.webview.getByRole('heading', { name: 'Language detection' }).waitFor();
    await workbench
      .description(workbench.row(newest.slice(0, 7)))
      .filter({ hasText: /^HEAD · 3 hours ago · .* · Tell 54 programming languages apart$/ })
      .waitFor();
    for (const { name, kind, picture } of themes) {
      await workbench.chooseTheme(name, kind);
      await workbench.themed(kind);
      await workbench.quickInput.widget.waitFor({ state: 'detached' });
      await workbench.row('README.md').waitFor();
      await workbench.picture(`registries-${picture}`);
    }
  });
});
