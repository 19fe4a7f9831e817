import assert from 'node:assert/strict';
import { join } from 'node:path';
import { execa } from 'execa';
import { assertEnded, createCli, type Cli } from '../unit/cli/builtCli.ts';
import { startPublishing, type Publishing } from '../unit/publish/publishing.ts';
import { pythonClient, type Client } from './client.ts';
import { modelFiles } from './folder.ts';

describe('a model that hf downloads, published from a terminal', () => {
  let hf: Client;
  let cli: Cli | undefined;
  let publishing: Publishing | undefined;

  before(async function () {
    // Covers the installation.
    this.timeout(10 * 60_000);
    hf = await pythonClient(this, '2.4.0', 'hf');
    cli = await createCli();
    publishing = await startPublishing({ lfsThresholdBytes: 1024 * 1024 });
  });
  after(async () => {
    await publishing?.stop();
    await cli?.remove();
  });

  it('is the same tree under its own commit', async () => {
    const { registry } = publishing!;
    const { home } = cli!;
    const endpoint = `${registry.packagesUrl}/${registry.organization}/${registry.registry}/huggingface`;
    const { organization, registry: slug, token } = registry;
    const files = Object.fromEntries(modelFiles());
    const commit = await registry.addModelVersion(organization, slug, 'acme/tiny-model', files);
    const downloaded = await hf.run({ home, endpoint, token }, ['download', 'acme/tiny-model'], {
      HF_HUB_DISABLE_XET: '1',
    });
    assert.ok(!downloaded.failed, downloaded.output);

    const cache = join(home, 'huggingface', 'hub', 'models--acme--tiny-model');
    for (const folder of [join(cache, 'snapshots', commit), cache]) {
      const model = `acme/copy-${folder === cache ? 'of-cache' : 'of-snapshot'}`;
      const ended = await cli!.run(['publish', folder, '--hub', endpoint, '--model', model, '--json'], {
        env: { HF_TOKEN: token },
      });
      assertEnded(ended, 0);
      const tree = async (name: string): Promise<string> => {
        const git = registry.gitDirectory(organization, slug, name);
        return (await execa('git', ['--git-dir', git, 'ls-tree', '-r', 'main'])).stdout;
      };
      assert.equal(await tree(model), await tree('acme/tiny-model'));
      const [message = ''] = await publishing!.messages(model);
      assert.match(message, new RegExp(`Git-Commit: ${commit}`));
    }
  });
});
