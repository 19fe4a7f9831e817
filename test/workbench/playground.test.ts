import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { projectFolder } from '../setup/project.ts';

describe('npm start', function () {
  this.timeout(3 * 60_000);

  it('reaches "ready" without a question, opens only with its secret, and ends at Ctrl-C', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'model-registries-playground-'));
    const child = spawn(process.execPath, ['scripts/start.mjs', '--folder', folder], {
      cwd: projectFolder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    try {
      const output = await outputUntil(child, 'Ctrl-C stops everything');
      assert.match(output, /^ready$/m);
      assert.match(output, /bkua_\w+/, 'names a token to paste');
      const address = /http:\/\/127\.0\.0\.1:\S+/.exec(output)?.[0] ?? '';
      assert.equal((await fetch(address, { redirect: 'manual' })).status, 302);
      assert.equal((await fetch(new URL('/', address))).status, 403);

      child.kill('SIGINT');
      const [code] = (await ended) as [number | null];
      assert.equal(code, 0);
      await assert.rejects(fetch(address));
    } finally {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});

/** What the child printed up to and with `text`. Its output goes on being read. */
function outputUntil(child: ChildProcessByStdio<null, Readable, null>, text: string): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (output.includes(text)) resolve(output);
    });
    child.once('exit', (code) => reject(new Error(`It ended with code ${String(code)}:\n${output}`)));
  });
}
