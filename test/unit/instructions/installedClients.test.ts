import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  clientEnvironment,
  installedClients,
  readVersion,
} from '../../../src/core/programs/installedClients.ts';

describe('The clients of this machine', () => {
  let folder = '';

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'clients-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Stands for a client of huggingface_hub, which test/clients runs themselves. */
  function write(name: string, source: string): void {
    writeFileSync(path.join(folder, name), `#!${process.execPath}\n${source}\n`);
    chmodSync(path.join(folder, name), 0o755);
  }

  const look = (
    names: readonly string[],
    more: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
  ) =>
    installedClients({
      environment: { ...process.env, HF_TOKEN: 'secret', PYTHONPATH: '/elsewhere' },
      find: (program) => Promise.resolve(names.includes(program) ? path.join(folder, program) : undefined),
      folder,
      signal: new AbortController().signal,
      ...more,
    });

  it('are found with their versions, and run without tokens, the network and modules of others', async function () {
    if (process.platform === 'win32') return;
    write(
      'hf',
      `const { HF_TOKEN, PYTHONPATH, HF_HUB_OFFLINE } = process.env;
       if (HF_TOKEN || PYTHONPATH || HF_HUB_OFFLINE !== '1' || process.argv[2] !== 'version') process.exit(1);
       if (process.cwd() !== ${JSON.stringify(folder)}) process.exit(1);
       console.log('✓ hf version\\n  version: 1.33.0');`,
    );
    write(
      'huggingface-cli',
      'console.error("Warning: `huggingface-cli` is deprecated and no longer works."); process.exit(1);',
    );
    assert.deepEqual(await look(['hf', 'huggingface-cli']), [
      { program: 'hf', path: path.join(folder, 'hf'), version: '1.33.0' },
      { program: 'huggingface-cli', path: path.join(folder, 'huggingface-cli'), version: 'none' },
    ]);
    assert.deepEqual(await look([]), []);
  });

  it('tell no version where they fail, print without end, or never end', async function () {
    if (process.platform === 'win32') return;
    write('hf', 'process.exit(3);');
    write(
      'huggingface-cli',
      'const flood = () => process.stdout.write("version: 1.0.0 ".repeat(10000), flood); flood();',
    );
    const versions = async (timeoutMs?: number) =>
      (await look(['hf', 'huggingface-cli'], { timeoutMs })).map(({ version }) => version);
    assert.deepEqual(await versions(), [undefined, undefined]);
    write('hf', 'setInterval(() => {}, 1000);');
    assert.deepEqual(await versions(300), [undefined, undefined]);
  });

  it('are given up when nobody waits any more', async function () {
    if (process.platform === 'win32') return;
    write('hf', 'setInterval(() => {}, 1000);');
    const controller = new AbortController();
    const looking = look(['hf'], { signal: controller.signal });
    controller.abort(new Error('closed'));
    await assert.rejects(looking, /closed/);
  });

  it('are understood in every form of their answer', () => {
    assert.equal(readVersion(true, 'huggingface_hub version: 0.36.2\n'), '0.36.2');
    assert.equal(
      readVersion(
        true,
        "⚠️  Warning: 'huggingface-cli version' is deprecated.\nhuggingface_hub version: 0.36.2\n",
      ),
      '0.36.2',
    );
    assert.equal(readVersion(true, '✓ hf version\n  version: 2.0.0.rc1\n'), '2.0.0.rc1');
    assert.equal(readVersion(true, '1.0.1\n'), '1.0.1');
    assert.equal(readVersion(true, 'hello'), undefined);
    assert.equal(readVersion(false, 'huggingface_hub version: 0.36.2'), undefined);
  });

  it('get an environment without what concerns other Hubs', () => {
    const environment = clientEnvironment(
      {
        PATH: '/bin',
        hf_token: 'x',
        HUGGING_FACE_HUB_TOKEN: 'x',
        PYTHONHOME: '/x',
      },
      'linux',
    );
    assert.equal(environment.PATH, '/bin');
    assert.deepEqual(
      Object.keys(environment).filter((name) => /token|pythonhome/i.test(name)),
      [],
    );
  });
});
