import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { projectFolder } from '../setup/project.ts';
import { until } from '../setup/until.ts';

/** What a checkout has besides the sources. */
const NOT_SOURCES = ['.git', '.test-output', 'dist', 'node_modules'];

describe('npm start', function () {
  this.timeout(3 * 60_000);

  let folder: string;
  /** A checkout of its own: `npm start` packages the extension anew, and the other tests use what was packaged for them. */
  let project: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'model-registries-playground-'));
    project = join(folder, 'project');
    await cp(projectFolder, project, {
      recursive: true,
      filter: (path) => !NOT_SOURCES.includes(relative(projectFolder, path)),
    });
    await symlink(join(projectFolder, 'node_modules'), join(project, 'node_modules'), 'junction');
  });
  after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

  it('reaches "ready" without a question, opens only with its secret, and ends at Ctrl-C', async () => {
    const child = spawn(process.execPath, ['scripts/start.mjs', '--folder', join(folder, 'kept')], {
      cwd: project,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    try {
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
      await until(
        () => output.includes('Ctrl-C stops everything') || child.exitCode !== null,
        'npm start says how to end it',
        120_000,
      );
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
    }
  });
});
