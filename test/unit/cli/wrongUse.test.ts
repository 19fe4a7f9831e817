import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../../setup/project.ts';
import { assertEnded, createCli, type Cli } from './builtCli.ts';

const HUB = ['--hub', 'https://hub.example.com/acme/models/huggingface'];
const MODEL = ['--model', 'acme/model'];

describe('the command line, used wrongly', () => {
  let cli: Cli;
  before(async () => (cli = await createCli()));
  after(() => cli.remove());

  const refusal = async (...args: readonly string[]): Promise<string> => {
    const ended = await cli.run(args, { env: { HF_TOKEN: 'hf_environment' } });
    assertEnded(ended, 2);
    assert.equal(ended.stdout, '');
    return ended.stderr;
  };

  it('says what is missing', async () => {
    assert.match(await refusal(), /Usage: model-registries/);
    assert.match(await refusal('publish', ...MODEL), /--hub/);
    assert.match(await refusal('publish', ...HUB), /--model/);
    assert.match(await refusal('login'), /--hub/);
  });

  it('says what it does not know', async () => {
    assert.match(await refusal('frobnicate'), /unknown command/);
    assert.match(await refusal('publish', ...HUB, ...MODEL, '--dryrun'), /Did you mean --dry-run/);
    assert.match(await refusal('publish', ...HUB, ...MODEL, 'one', 'two'), /too many arguments/);
  });

  it('says how values are written', async () => {
    assert.match(await refusal('publish', ...HUB, '--model', 'acme'), /exactly one slash/);
    for (const concurrency of ['0', '-1', '1.5', 'many', '17', '256', '10000']) {
      assert.match(
        await refusal('publish', ...HUB, ...MODEL, `--concurrency=${concurrency}`),
        /from 1 to 16/,
      );
    }
  });

  it('takes no token from an argument, and does not repeat it', async () => {
    for (const args of [
      ['publish', ...HUB, ...MODEL, '--token', 'secret-argument'],
      ['publish', '--token=secret-argument', ...HUB, ...MODEL],
      ['--token', 'secret-argument', 'publish', ...HUB, ...MODEL],
      ['login', ...HUB, '--token', 'secret-argument'],
      ['logout', '--token'],
    ]) {
      const words = await refusal(...args);
      assert.match(words, /HF_TOKEN/);
      assert.doesNotMatch(words, /secret-argument/);
    }
  });

  it('sends no token without encryption, but to this machine', async () => {
    for (const command of ['publish', 'login', 'logout']) {
      const words = await refusal(command, '--hub', 'http://hub.example.com/huggingface');
      assert.match(words, /without encryption/);
    }
  });

  it('takes no password in an address, and does not repeat it', async () => {
    for (const hub of [
      'https://ada:password1@hub.example.com',
      'https://hub.example.com?key=password1',
      'hub',
    ]) {
      const words = await refusal('publish', '--hub', hub, ...MODEL);
      assert.match(words, /--hub must be an address/);
      assert.doesNotMatch(words, /password1/);
    }
  });

  it('helps, and tells its version', async () => {
    const help = await cli.run(['help']);
    assertEnded(help, 0);
    assert.match(help.stdout, /Exit codes: 0 .* 1 .* 2 .* 130/);
    assert.match(help.stdout, /HF_TOKEN/);
    assert.match(help.stdout, /HTTPS_PROXY/);
    const manifest = JSON.parse(await readFile(join(projectFolder, 'package.json'), 'utf8')) as {
      version: string;
    };
    assert.equal((await cli.run(['--version'])).stdout, manifest.version);
  });
});
