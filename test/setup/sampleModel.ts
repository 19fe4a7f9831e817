/**
 * A real model to publish: the language-detection model of npm's `@vscode/vscode-languagedetection` (MIT, Microsoft),
 * committed into a Git repository of its own with the weights as a Git LFS object. Needs git, not git-lfs.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { noGitConfiguration } from './noGitConfiguration.ts';

export interface SampleWorkspace {
  /** The folder to open in the editor. */
  readonly folder: string;
  /** The Git repository inside it; its HEAD is the model, the same commit on every machine. */
  readonly model: string;
}

const modelName = 'language-detection';

const weights = 'group1-shard1of1.bin';

/** Makes the sample workspace in `folder`, or leaves alone what was made there before. */
export async function makeSampleWorkspace(folder: string): Promise<SampleWorkspace> {
  if (!existsSync(folder)) {
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(join(partial, modelName), { recursive: true });
    await commitModel(join(partial, modelName));
    await rename(partial, folder);
  }
  return { folder, model: join(folder, modelName) };
}

async function commitModel(model: string): Promise<void> {
  const git = gitIn(model);
  await git(['init', '--quiet', '--initial-branch=main', '--template=']);
  await git(['config', 'core.autocrlf', 'false']);

  const source = modelFolder();
  await writeFile(join(model, '.gitattributes'), '*.bin filter=lfs diff=lfs merge=lfs -text\n');
  await writeFile(join(model, 'README.md'), readme);
  await writeFile(join(model, 'config.json'), `${JSON.stringify(config, undefined, 2)}\n`);
  await copyFile(join(source, '..', 'LICENSE'), join(model, 'LICENSE'));
  await copyFile(join(source, 'model.json'), join(model, 'model.json'));
  await git(['add', '.gitattributes', 'README.md', 'config.json', 'LICENSE', 'model.json']);

  const object = await storeObject(model, join(source, weights));
  await copyFile(join(source, weights), join(model, weights));
  // Git re-reads a file that is as new as the index. An old one keeps `git status` clean where git-lfs is not installed.
  await utimes(join(model, weights), madeAt, madeAt);
  // What git-lfs answers when it cleans the file: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${object.sha256}\nsize ${object.size}\n`;
  await writeFile(join(model, '.git', 'lfs', 'pointer'), pointer);
  await git(['-c', 'filter.lfs.clean=cat >/dev/null && cat .git/lfs/pointer', 'add', weights]);
  await rm(join(model, '.git', 'lfs', 'pointer'));

  await git(['commit', '--quiet', '--no-verify', '--message', 'Tell 54 programming languages apart']);
}

function modelFolder(): string {
  const manifest = createRequire(import.meta.url).resolve('@vscode/vscode-languagedetection/package.json');
  return join(dirname(manifest), 'model');
}

/** Puts a file into the repository's LFS object store. Size in bytes. */
async function storeObject(repository: string, file: string): Promise<{ sha256: string; size: number }> {
  const content = await readFile(file);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const folder = join(repository, '.git', 'lfs', 'objects', sha256.slice(0, 2), sha256.slice(2, 4));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, sha256), content);
  return { sha256, size: content.length };
}

const madeAt = new Date('2026-01-15T12:00:00Z');

/** Git in that folder, deaf to the person's configuration, so that the commit is the same everywhere. */
function gitIn(folder: string) {
  const own = Object.entries(process.env).filter(([name]) => !name.toUpperCase().startsWith('GIT_'));
  const date = `${madeAt.getTime() / 1000} +0000`;
  return async (args: readonly string[]): Promise<string> => {
    const { stdout } = await execa('git', args, {
      cwd: folder,
      extendEnv: false,
      env: {
        ...Object.fromEntries(own),
        ...noGitConfiguration,
        GIT_AUTHOR_NAME: 'Sample Author',
        GIT_AUTHOR_EMAIL: 'sample@example.com',
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_NAME: 'Sample Author',
        GIT_COMMITTER_EMAIL: 'sample@example.com',
        GIT_COMMITTER_DATE: date,
      },
    });
    return stdout;
  };
}

const readme = `---
license: mit
pipeline_tag: text-classification
tags:
  - programming-language-detection
  - guesslang
  - tensorflowjs
---

# Language detection

Tells which of 54 programming languages a piece of text is written in. This is the model with which VS Code detects the
language of an untitled file: [guesslang](https://github.com/yoeo/guesslang), converted to TensorFlow.js and published by
Microsoft in the npm package [@vscode/vscode-languagedetection](https://www.npmjs.com/package/@vscode/vscode-languagedetection).

| file | what it is |
| --- | --- |
| \`model.json\` | the graph and the list of weights |
| \`${weights}\` | the weights, stored with Git LFS |
| \`config.json\` | what goes in and what comes out |
`;

const config = {
  model_type: 'guesslang',
  format: 'tfjs-graph-model',
  input: { dtype: 'string', shape: [-1] },
  output: { scores: { dtype: 'float32', shape: [-1, 54] }, classes: { dtype: 'string', shape: [-1, 54] } },
  num_labels: 54,
  weights,
};
