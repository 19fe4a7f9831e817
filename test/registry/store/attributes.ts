import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { git } from './git.ts';

/** Control files by their path in the repository: `.gitattributes`, `data/.gitattributes`. */
export type ControlFiles = ReadonlyMap<string, Buffer>;

/** Which of the paths `.gitattributes` files hand to the LFS filter. Git itself judges. */
export async function lfsTracked(
  attributes: ControlFiles,
  paths: readonly string[],
): Promise<ReadonlySet<string>> {
  if (attributes.size === 0 || paths.length === 0) return new Set();
  const output = await inScratchTree(attributes, (gitDirectory, environment) =>
    git(gitDirectory, ['check-attr', '-z', '--stdin', 'filter'], paths.join('\0') + '\0', environment),
  );
  const fields = output.toString('utf8').split('\0');
  const tracked = new Set<string>();
  for (let index = 0; index + 2 < fields.length; index += 3) {
    if (fields[index + 2] === 'lfs') tracked.add(fields[index]!);
  }
  return tracked;
}

/** Which of the paths a root `.gitignore` leaves out. */
export async function ignored(gitIgnore: Buffer, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (gitIgnore.length === 0 || paths.length === 0) return new Set();
  const output = await inScratchTree(
    new Map([['.gitignore', gitIgnore]]),
    async (gitDirectory, environment) => {
      const args = ['check-ignore', '-z', '--stdin', '--no-index'];
      try {
        return await git(gitDirectory, args, paths.join('\0') + '\0', environment);
      } catch (error) {
        // Git's way to say that no path is ignored.
        if ((error as { exitCode?: number }).exitCode === 1) return { stdout: Buffer.alloc(0) };
        throw error;
      }
    },
  );
  return new Set(output.toString('utf8').split('\0').filter(Boolean));
}

/** A line of `.gitattributes` that hands exactly that path to LFS. */
export function trackingLine(file: string): string {
  const pattern = file.replace(/[\\*?[\]]/g, (character) => `\\${character}`).replace(/\s/g, '[[:space:]]');
  return `/${pattern} filter=lfs diff=lfs merge=lfs -text\n`;
}

async function inScratchTree(
  files: ControlFiles,
  run: (gitDirectory: string, environment: NodeJS.ProcessEnv) => PromiseLike<{ readonly stdout: Uint8Array }>,
): Promise<Buffer> {
  const folder = path.join(os.tmpdir(), `local-registry-${randomUUID()}`);
  try {
    const tree = path.join(folder, 'tree');
    await fs.promises.mkdir(tree, { recursive: true });
    for (const [name, content] of files) {
      const file = path.join(tree, ...name.split('/'));
      await fs.promises.mkdir(path.dirname(file), { recursive: true });
      await fs.promises.writeFile(file, content);
    }
    // All Git needs to take a folder for a repository.
    const gitDirectory = path.join(folder, 'git');
    await fs.promises.mkdir(path.join(gitDirectory, 'objects'), { recursive: true });
    await fs.promises.mkdir(path.join(gitDirectory, 'refs'));
    await fs.promises.writeFile(path.join(gitDirectory, 'HEAD'), 'ref: refs/heads/main\n');
    const { stdout } = await run(gitDirectory, { GIT_WORK_TREE: tree });
    return Buffer.from(stdout);
  } finally {
    await fs.promises.rm(folder, { recursive: true, force: true });
  }
}
