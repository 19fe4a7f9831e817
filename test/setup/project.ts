import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** Absolute path of the project: the extension under development. */
export const projectFolder = fileURLToPath(new URL('../..', import.meta.url));

/** Runs one of the project's own scripts, such as `esbuild.mjs`. What it prints is shown only where it fails. */
export async function runProjectScript(script: string): Promise<void> {
  const { failed, all } = await execa(process.execPath, [script], {
    cwd: projectFolder,
    all: true,
    reject: false,
  });
  if (failed) throw new Error(`${script} failed:\n${all}`);
}
