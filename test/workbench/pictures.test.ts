import type { SampleWorkspace } from '../setup/sampleModel.ts';
import { addCompletionModel, completion, detection, publish, shards } from './completionModel.ts';
import { sampleHead } from './sampleFiles.ts';
import { openStageWindow } from './stageWindow.ts';
import type { StageWindow } from './stageWindow.ts';
import { themes } from './workbench.ts';

const HOUR_MS = 3_600_000;

/** Run where pictures are kept: all that these walks meet is looked at by other tests, too. */
describe('a person sees', function () {
  this.timeout(4 * 60_000);

  let window: StageWindow;
  before(async () => {
    window = await openStageWindow(async (folder) => {
      await addCompletionModel(folder, 30_000_000);
      return {};
    });
    const { workbench } = window;
    await workbench.page.setViewportSize({ width: 1200, height: 720 });
    await workbench.showContainer('Model Registries');
    await workbench.widenSideBar(600);
  });
  beforeEach(() => window.rest());
  afterEach(() => window.workbench.signOut());
  after(() => window.close());

  it('the tree with a model card beside it, in dark, high contrast and light', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const organization = 'tyrell-research';
    const model = 'tyrell/language-detection';
    const newest = await publishVersions(stage.workspace, (files, message, at) =>
      registry.addModelVersion(organization, 'language-models', model, files, message, at),
    );
    const scopes = ['read_organizations', 'read_registries', 'read_packages', 'write_packages'];
    await workbench.unfold('Registries');
    await workbench.fold('Local Models');
    await workbench.fold('Publishes');
    await workbench.signIn(registry.addToken({ scopes, organizations: [organization] }));
    await workbench.expand('🤗 Language models');
    await workbench.expand(model);
    await workbench.expand(newest.slice(0, 7));
    await workbench.row('README.md').click();
    await workbench.webview.getByRole('heading', { name: 'Language detection' }).waitFor();
    await workbench
      .description(workbench.row(newest.slice(0, 7)))
      .filter({ hasText: /^HEAD · [0-9a-f]{7} · 3 hours ago · / })
      .waitFor();
    for (const { name, kind, picture } of themes) {
      await workbench.chooseTheme(name, kind);
      await workbench.themed(kind);
      await workbench.quickInput.widget.waitFor({ state: 'detached' });
      await workbench.row('README.md').waitFor();
      await workbench.picture(`registries-${picture}`);
    }
  });

  it('the Publishes view while files are on their way, another publish waits and others have ended, in every theme', async () => {
    const { stage, workbench } = window;
    const { registry } = stage;
    const view = 'Publishes';
    const row = (label: string) => workbench.rowIn(view, label);
    const uploads = { method: 'PUT', path: /^\/uploads\//, times: Infinity } as const;
    await workbench.signIn(registry.token);
    await workbench.row('Acme').waitFor();
    await workbench.fold('Registries');
    await workbench.unfold('Local Models');
    await workbench.unfold(view);
    await workbench.heighten(view, 450);

    await publish(workbench, detection, `acme/${detection}`);
    await workbench.notification(`Published acme/${detection}`).waitFor();
    registry.inject({ ...uploads, fault: { kind: 'hang' } });
    await publish(workbench, completion, `acme/${completion}`);
    await row(shards[0]!).waitFor();
    await workbench.pressIn(row(`acme/${completion}`), 'Cancel Publish');
    await workbench.notification(`Publishing acme/${completion} was cancelled`).waitFor();
    await window.rest();

    registry.inject({ ...uploads, fault: { kind: 'slow', bytesPerSecond: 300_000 } });
    await publish(workbench, completion, `acme/${completion}`);
    for (const shard of shards) await row(shard).waitFor();
    await workbench.page.keyboard.press('ControlOrMeta+P');
    await workbench.quickInput.type(`${completion}/README.md`);
    await workbench.quickInput.choose('README.md');
    await workbench.tab('README.md').waitFor();
    await publish(workbench, detection, 'acme/language-detection-next');
    await row('acme/language-detection-next').waitFor();
    await workbench.notification('Publishing acme/language-detection-next').waitFor();
    await workbench.hideNotifications();
    for (const { name, kind, picture } of themes) {
      await workbench.chooseTheme(name, kind);
      await workbench.quickInput.widget.waitFor({ state: 'detached' });
      for (const shard of shards) await row(shard).waitFor();
      await workbench.picture(`publishes-${picture}`);
    }
    await workbench.pressIn(row('acme/language-detection-next'), 'Cancel Publish');
    await row('acme/language-detection-next').waitFor({ state: 'detached' });
    const underWay = row(`acme/${completion}`).and(workbench.page.locator('[aria-expanded=true]'));
    await workbench.pressIn(underWay, 'Cancel Publish');
    await underWay.waitFor({ state: 'detached' });
  });
});

/** Three versions of the sample model, the newest of HEAD; its SHA. */
async function publishVersions(
  workspace: SampleWorkspace,
  publishVersion: (
    files: Readonly<Record<string, string | Buffer>>,
    message: string,
    at: Date,
  ) => Promise<string>,
): Promise<string> {
  const head = await sampleHead(workspace);
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS);
  const older = { ...head.files, 'config.json': '{ "num_labels": 30 }\n' };
  await publishVersion(older, 'Tell 30 programming languages apart', hoursAgo(22 * 24));
  await publishVersion({ ...head.files, LICENSE: 'MIT\n' }, 'Add 24 languages', hoursAgo(6 * 24));
  return publishVersion(
    head.files,
    `Tell 54 programming languages apart\n\nGit-Commit: ${head.commit}`,
    hoursAgo(3),
  );
}
