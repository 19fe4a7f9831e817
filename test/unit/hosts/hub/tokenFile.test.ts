import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { nameIn, tokenFileLender } from '../../../../src/core/hosts/hub/tokenFile.ts';
import { failing } from '../buildkite/hosts.ts';
import { serviceAt } from './hubs.ts';

const SIGNAL = new AbortController().signal;
const TOKEN = 'hf_abcdefghijklmnopqrstuvwxyz';

describe('the login of the command line hf', () => {
  let home: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'token-file-'));
  });

  afterEach(() => rm(home, { recursive: true, force: true }));

  const lender = (environment: Record<string, string> = {}) =>
    tokenFileLender({ environment, platform: process.platform }, home);
  const logins = async (environment: Record<string, string> = {}) =>
    (await lender(environment).logins(SIGNAL)).map(({ name }) => name);

  async function write(path: string, text: string): Promise<string> {
    const file = join(home, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  }

  it('is in the file of the variables, the nearest first', async () => {
    assert.deepEqual(await logins(), []);
    const places: readonly (readonly [string, Record<string, string>])[] = [
      ['.cache/huggingface/token', {}],
      ['xdg/huggingface/token', { XDG_CACHE_HOME: join(home, 'xdg') }],
      ['hf home/token', { XDG_CACHE_HOME: join(home, 'xdg'), HF_HOME: '~/hf home' }],
      ['elsewhere/it', { HF_HOME: '~/hf home', ROOT: join(home, 'elsewhere'), HF_TOKEN_PATH: '$ROOT/it' }],
    ];
    for (const [path, environment] of places) {
      assert.deepEqual(await logins(environment), [], path);
      await write(path, `${path.replace(/\W/g, '')}\r\n`);
      assert.deepEqual(await logins(environment), ['hf'], path);
      assert.equal(await lender(environment).token('hf', SIGNAL), path.replace(/\W/g, ''));
    }
    assert.deepEqual(await logins({ HF_TOKEN_PATH: 'elsewhere/it' }), [], 'a relative path');
  });

  it('is called as its token is in the list beside it', async () => {
    await write('.cache/huggingface/token', ` ${TOKEN}\n`);
    const stored = `[work]\nhf_token = hf_other\n\n[private laptop]\nHF_TOKEN: ${TOKEN}\nexpires_at = 1\n`;
    await write('.cache/huggingface/stored_tokens', stored);
    assert.deepEqual(await lender().logins(SIGNAL), [{ name: 'private laptop', selected: true }]);
    assert.equal(await lender().token('private laptop', SIGNAL), TOKEN);
    assert.equal(lender().nameOf('private laptop'), 'hf, private laptop');
    await assert.rejects(lender().token('work', SIGNAL), failing('auth', /hf auth login/));
  });

  it('is read anew each time, and told where it is gone', async () => {
    const file = await write('.cache/huggingface/token', 'first');
    const one = lender();
    assert.equal(await one.token('hf', SIGNAL), 'first');
    await writeFile(file, 'second');
    await one.renew('hf', SIGNAL);
    assert.equal(await one.token('hf', SIGNAL), 'second');
    await rm(file);
    await assert.rejects(one.token('hf', SIGNAL), failing('auth'));
    await assert.rejects(one.renew('hf', SIGNAL), failing('auth'));
  });

  it('is not there where the file holds none, is too large, or no file at all', async () => {
    const file = await write('.cache/huggingface/token', '\n \n');
    assert.deepEqual(await logins(), []);
    await writeFile(file, 'two words');
    assert.deepEqual(await logins(), []);
    await writeFile(file, 'x'.repeat(300 * 1024));
    assert.deepEqual(await logins(), []);
    await rm(file);
    await mkdir(file);
    assert.deepEqual(await logins(), []);
  });

  it('waits for no pipe, and takes no file that may not be read', async function () {
    if (process.platform === 'win32') this.skip();
    const file = join(home, 'pipe');
    execFileSync('mkfifo', [file]);
    assert.deepEqual(await logins({ HF_TOKEN_PATH: file }), []);
    const link = join(home, 'link');
    await symlink(await write('real', TOKEN), link);
    assert.deepEqual(await logins({ HF_TOKEN_PATH: link }), ['hf'], 'dot files are links at times');
    if (process.getuid?.() === 0) return;
    await chmod(link, 0);
    assert.deepEqual(await logins({ HF_TOKEN_PATH: link }), []);
  });

  it('is for the Hub alone: not offered elsewhere, nor to those whose clients work with another server', async () => {
    await write('.cache/huggingface/token', TOKEN);
    assert.deepEqual(await logins({ HF_ENDPOINT: 'https://huggingface.co/' }), ['hf']);
    assert.deepEqual(await logins({ HF_ENDPOINT: 'https://models.example.com' }), []);
    const lendersAt = (address: string) => serviceAt(address).signIn.lenders.map(({ id }) => id);
    assert.deepEqual(lendersAt('https://huggingface.co'), ['hf']);
    for (const other of ['https://huggingface.co/x', 'https://hub.example', 'https://huggingface.co:444'])
      assert.deepEqual(lendersAt(other), [], other);
  });

  it('never bears the name of a secret, whatever the list holds', () => {
    const line = fc.constantFrom(
      ...['[a]', '[hf_x]', `[${TOKEN}]`, '[]', '[DEFAULT]', '=', '; hf_token = x', `hf_token = ${TOKEN}`],
      ...[`HF_TOKEN:${TOKEN}`, 'hf_token = other', '[b\u202e]', ' [c] '],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 12 }), (lines) => {
        const name = nameIn(lines.join('\n'), TOKEN) ?? '';
        assert.ok(!name.includes('hf_') && !/\p{C}/u.test(name), name);
      }),
    );
  });
});
