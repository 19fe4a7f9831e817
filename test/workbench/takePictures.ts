/** Takes the pictures of the README anew: walks through what they show, and copies what was taken to media/screenshots. */
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { aptInstall } from '../setup/apt.ts';
import { projectFolder } from '../setup/project.ts';

/** Words in the names of the tests that take them. */
const WALKS =
  'a person sees (the|a Hub)|publishes a model|reads the instructions|a person reads a model page';

const taken = join(projectFolder, '.test-output', 'screenshots', 'pictures');

await aptInstall('fonts-noto-color-emoji');
await rm(taken, { recursive: true, force: true });
await execa(process.execPath, ['scripts/test.mjs', 'workbench', '--pictures', '--grep', WALKS], {
  cwd: projectFolder,
  stdio: 'inherit',
});
const folder = join(projectFolder, 'media', 'screenshots');
await mkdir(folder, { recursive: true });
for (const file of await readdir(taken)) await copyFile(join(taken, file), join(folder, file));
