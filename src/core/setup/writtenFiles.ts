import { chmod, copyFile, constants, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../snapshot/files/replaceFile.ts';
import { hasCode, isGone } from '../snapshot/files/systemErrors.ts';
import type { WrittenFile } from './plans.ts';
import { changedSince } from './settingUp.ts';

/**
 * Puts files into `top`, each whole or not at all.
 *
 * @param scratch absolute path of a folder on the same file system, for what is on its way.
 * @returns takes them away again, as far as nobody has changed them meanwhile.
 * @throws Failure `conflict` where there is something else than was planned for; then none of them is there.
 */
export async function putFiles(
  top: string,
  files: readonly WrittenFile[],
  scratch: string,
): Promise<() => Promise<void>> {
  const done: WrittenFile[] = [];
  const undo = async (): Promise<void> => {
    for (const file of done.splice(0).reverse()) await takeBack(top, file, scratch);
  };
  try {
    for (const file of files) {
      await put(top, file, scratch);
      done.push(file);
    }
  } catch (error) {
    await undo();
    throw error;
  }
  return undo;
}

async function put(top: string, { path, content, before }: WrittenFile, scratch: string): Promise<void> {
  const target = join(top, path);
  const part = join(scratch, path);
  await writeFile(part, content);
  if (before === undefined) {
    await copyFile(part, target, constants.COPYFILE_EXCL).catch((error: unknown) => {
      throw hasCode(error, 'EEXIST') ? changedSince(path) : error;
    });
    return;
  }
  const now = await contentOf(target);
  if (now?.equals(before) !== true) throw changedSince(path);
  await chmod(part, (await stat(target)).mode & 0o777);
  await replaceFile(part, target);
}

async function takeBack(top: string, { path, content, before }: WrittenFile, scratch: string): Promise<void> {
  const target = join(top, path);
  if ((await contentOf(target))?.equals(content) !== true) return;
  if (before === undefined) {
    await rm(target, { force: true });
    return;
  }
  const part = join(scratch, path);
  await writeFile(part, before);
  await chmod(part, (await stat(target)).mode & 0o777);
  await replaceFile(part, target);
}

async function contentOf(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
