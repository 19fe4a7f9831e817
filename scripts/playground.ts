import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { program } from 'commander';
import { z } from 'zod';
import { cacheDirectory } from '../test/setup/cache.ts';
import { projectFolder, runProjectScript } from '../test/setup/project.ts';
import { openStage, prepareStage } from '../test/setup/stage.ts';
import { vscodeVersions } from '../test/setup/vscode.ts';

const portsSchema = z.object({ registry: z.number(), vscode: z.number() });

/** The ports of last time where they are free, so that the browser's sign-in stays good; other ones elsewhere. */
async function ports(folder: string): Promise<z.infer<typeof portsSchema>> {
  const file = join(folder, 'ports.json');
  const last = await readFile(file, 'utf8').then(
    (text) => portsSchema.parse(JSON.parse(text)),
    () => ({ registry: 0, vscode: 0 }),
  );
  const chosen = { registry: await freePort(last.registry), vscode: await freePort(last.vscode) };
  await writeFile(file, JSON.stringify(chosen));
  return chosen;
}

/** `wanted` if it is free, else one that is. */
function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      if (wanted === 0) reject(error);
      else resolve(freePort(0));
    });
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

program
  .description(
    'A real VS Code in your browser, with the packaged extension, a local registry and a sample model.',
  )
  .option('--folder <folder>', 'where everything is kept; a cache folder when absent')
  .parse();
const options = program.opts<{ folder?: string }>();
const folder = options.folder === undefined ? await cacheDirectory('playground') : resolve(options.folder);
await mkdir(folder, { recursive: true });

console.log('Packaging the extension…');
await runProjectScript('scripts/package.mjs');

console.log('Starting the local registry and VS Code…');

const version = vscodeVersions[0];
await prepareStage({ folder, vsix: join(projectFolder, 'dist', 'model-registries.vsix'), version });
const stage = await openStage({
  folder,
  version,
  ports: await ports(folder),
  connectionToken: randomBytes(16).toString('hex'),
});

const { registry, url, workspace } = stage;
console.log(`
ready

  Open this in your browser:  ${url}
  Token to paste:             ${registry.token}
  One that may only read:     ${registry.readOnlyToken}

  1. Choose Model Registries in the activity bar, then Sign in to Buildkite, and paste the token.
  2. Open organizations, registries, models and versions down to their files, such as Acme, models, acme/sentiment-small.
  3. In the Explorer, right-click the folder language-detection and choose Publish Model Snapshot…
  4. On the new version, choose Install & Publish Commands.

  The model is a Git repository: ${workspace.model}
  Everything is kept in ${folder}; delete it to begin anew.
  Ctrl-C stops everything.
`);

let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping) process.exit(1);
    stopping = true;
    console.log('Stopping…');
    void stage.stop().then(() => process.exit(0));
  });
}
