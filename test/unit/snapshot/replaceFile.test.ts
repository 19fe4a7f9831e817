import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../../src/core/failure.ts';
import { replaceFile, replaceWith, whileInUse } from '../../../src/core/snapshot/files/replaceFile.ts';

describe('replacing a file in one step', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'replace-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Renames, but only after as many refusals as Windows gives while somebody has the file open. */
  function renameAfter(refusals: readonly string[], from: string, to: string) {
    const left = [...refusals];
    return async (): Promise<void> => {
      const code = left.shift();
      if (code === undefined) return rename(from, to);
      const message = `${code}: operation not permitted, rename '${from}' -> '${to}'`;
      throw Object.assign(new Error(message), { errno: -1, syscall: 'rename', code, path: from, dest: to });
    };
  }

  const paths = async (): Promise<[from: string, to: string]> => {
    const [from, to] = [join(folder, 'x.incomplete'), join(folder, 'model.safetensors')];
    await writeFile(from, 'new');
    await writeFile(to, 'old');
    return [from, to];
  };
  const PATIENCE = { platform: 'win32', pausesMs: [1, 1, 1] } as const;

  it('waits on Windows until whoever has the file open lets go of it', async () => {
    const [from, to] = await paths();
    await whileInUse(to, renameAfter(['EPERM', 'EACCES', 'EBUSY'], from, to), PATIENCE);
    assert.equal(await readFile(to, 'utf8'), 'new');
    assert.deepEqual(await readdir(folder), ['model.safetensors']);
  });

  it('says in the end that another program has the file open, by the name that a person knows', async () => {
    const [from, to] = await paths();
    const refused = whileInUse(to, renameAfter(Array<string>(4).fill('EBUSY'), from, to), PATIENCE);
    await assert.rejects(refused, (error) => {
      assert.ok(error instanceof Failure && error.kind === 'disk');
      assert.match(error.message, /another program has it open/);
      assert.ok(error.message.includes(to) && !error.message.includes(from), error.message);
      return true;
    });
    assert.equal(await readFile(to, 'utf8'), 'old');
  });

  for (const [where, refusal, platform] of [
    ['what has nothing to do with other programs', 'ENOSPC', 'win32'],
    ['what is for good elsewhere', 'EACCES', 'linux'],
    ['what is for good elsewhere', 'EPERM', 'darwin'],
  ] as const) {
    it(`does not try again after ${refusal} on ${platform}: ${where}`, async () => {
      const [from, to] = await paths();
      const refused = whileInUse(to, renameAfter([refusal], from, to), { ...PATIENCE, platform });
      await assert.rejects(refused, { code: refusal });
    });
  }

  it('replaces a link itself, and leaves alone what it leads to', async () => {
    const [from, to] = await paths();
    const link = join(folder, 'link');
    await symlink(to, link);
    await replaceFile(from, link);
    assert.deepEqual(await Promise.all([link, to].map((path) => readFile(path, 'utf8'))), ['new', 'old']);
  });

  it('leaves nothing behind where the content cannot be made, or a folder is in the way', async () => {
    const to = join(folder, 'taken');
    await mkdir(join(to, 'inside'), { recursive: true });
    await assert.rejects(replaceWith(to, (temporary) => writeFile(temporary, 'text')));
    const fails = async (temporary: string): Promise<void> => {
      await writeFile(temporary, 'half');
      throw new Error('no more room');
    };
    await assert.rejects(replaceWith(join(folder, 'other'), fails), /no more room/);
    assert.deepEqual(await readdir(folder), ['taken']);
  });
});
