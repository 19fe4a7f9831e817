import assert from 'node:assert/strict';
import { join } from 'node:path';
import { execa } from 'execa';
import { assertEnded, createCli, type Cli } from '../unit/cli/builtCli.ts';
import { startPublishing, type Publishing } from '../unit/publish/publishing.ts';
import { hfClientOrSkip } from '../setup/python.ts';
import { clientEnvironment, pythonClient, type Client } from './client.ts';
import { modelFiles, oddlyNamedFiles, readFiles } from './folder.ts';

describe('a model in the cache that a terminal shares with huggingface_hub', () => {
  let bin: string;
  let hf: Client;
  let cli: Cli | undefined;
  let publishing: Publishing | undefined;

  before(async function () {
    // Covers the installation.
    this.timeout(10 * 60_000);
    ({ bin } = await hfClientOrSkip(this, '2.4.0'));
    hf = await pythonClient(this, '2.4.0', 'hf');
    cli = await createCli();
    publishing = await startPublishing({ lfsThresholdBytes: 1024 * 1024 });
  });
  after(async () => {
    await publishing?.stop();
    await cli?.remove();
  });

  const endpointOf = () => {
    const { packagesUrl, organization, registry } = publishing!.registry;
    return `${packagesUrl}/${organization}/${registry}/huggingface`;
  };

  it('that hf downloaded, is the same tree under its own commit once the terminal has published it', async () => {
    const { registry } = publishing!;
    const { home } = cli!;
    const endpoint = endpointOf();
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

  it('that the terminal downloaded, is read by hf and huggingface_hub without a network', async () => {
    const { registry } = publishing!;
    const { organization, registry: slug, token } = registry;
    const model = 'acme/offline';
    const files = new Map([...modelFiles(), ...oddlyNamedFiles()]);
    const commit = await registry.addModelVersion(organization, slug, model, Object.fromEntries(files));
    const home = join(cli!.home, 'offline');
    const endpoint = endpointOf();
    const ended = await cli!.run(['download', model, '--hub', endpoint, '--cache'], {
      env: { HF_TOKEN: token, HF_HOME: join(home, 'huggingface') },
    });
    assertEnded(ended, 0);
    const snapshot = join(home, 'huggingface', 'hub', 'models--acme--offline', 'snapshots', commit);
    assert.equal(ended.stdout, snapshot);

    publishing!.arrived();
    const nobody = { home, endpoint, token: '' };
    const listed = await hf.run(nobody, ['download', model], { HF_HUB_OFFLINE: '1' });
    assert.ok(!listed.failed && listed.output.includes(snapshot), listed.output);
    const program = [
      'from huggingface_hub import hf_hub_download, snapshot_download',
      `print(snapshot_download("${model}", local_files_only=True))`,
      `print(snapshot_download("${model}", revision="${commit}", local_files_only=True))`,
      `print(hf_hub_download("${model}", "config.json", local_files_only=True))`,
    ].join('\n');
    const { stdout } = await execa(join(bin, 'python'), ['-c', program], {
      env: clientEnvironment(nobody),
      extendEnv: false,
    });
    assert.deepEqual(stdout.split('\n'), [snapshot, snapshot, join(snapshot, 'config.json')]);
    assert.deepEqual(publishing!.arrived(), []);
    const held = await readFiles(snapshot);
    assert.deepEqual([...held.keys()].sort(), [...files.keys()].sort());
    for (const [path, content] of files) assert.ok(held.get(path)?.equals(content), path);
  });
});
