import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, open, rm, truncate, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noise } from '../../clients/folder.ts';
import { FileHashThread } from '../../../src/core/download/hashThread.ts';
import type { GitObjectId, Sha256 } from '../../../src/core/objectIds.ts';

const CONTENT = noise(3 * 1024 * 1024 + 7, 9);
const LFS = { kind: 'lfs', sha256: '' as Sha256, pointer: undefined } as const;

describe('the hash of a file that grows', () => {
  let folder: string;
  let file: FileHandle;
  let thread: FileHashThread;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hashes-'));
    file = await open(join(folder, 'file'), 'wx+');
    thread = new FileHashThread();
  });
  afterEach(async () => {
    await thread.close();
    await file.close();
    await rm(folder, { recursive: true });
  });
  const sha256 = createHash('sha256').update(CONTENT).digest('hex');

  it('is that of its content, however it was reached', async () => {
    const hash = thread.begin(file.fd, { id: LFS, size: CONTENT.length });
    for (const [start, end] of [
      [0, 1000],
      [1000, 2_500_000],
      [2_500_000, CONTENT.length],
    ] as const) {
      await file.write(CONTENT.subarray(start, end), 0, end - start, start);
      hash.reaches(end);
    }
    assert.equal(await hash.digest(), sha256);
    await hash.end();
  });

  it('is Git’s of what is no LFS file, beside another one', async () => {
    await file.write(CONTENT);
    const gitSha1 = createHash('sha1').update(`blob ${CONTENT.length}\0`).update(CONTENT).digest('hex');
    const ofBlob = thread.begin(file.fd, {
      id: { kind: 'blob', gitSha1: '' as GitObjectId },
      size: CONTENT.length,
    });
    const ofLfs = thread.begin(file.fd, { id: LFS, size: CONTENT.length });
    ofBlob.reaches(CONTENT.length);
    ofLfs.reaches(CONTENT.length);
    assert.deepEqual(await Promise.all([ofBlob.digest(), ofLfs.digest()]), [gitSha1, sha256]);
    await Promise.all([ofBlob.end(), ofLfs.end()]);
  });

  it('fails where the file was cut meanwhile, as a disk does', async () => {
    await file.write(CONTENT);
    await truncate(join(folder, 'file'), 1000);
    const hash = thread.begin(file.fd, { id: LFS, size: CONTENT.length });
    hash.reaches(CONTENT.length);
    await assert.rejects(hash.digest(), { code: 'EIO' });
    await hash.end();
  });

  it('is given up when it is ended', async () => {
    const hash = thread.begin(file.fd, { id: LFS, size: CONTENT.length });
    await file.write(CONTENT);
    hash.reaches(CONTENT.length);
    const ended = hash.end();
    await assert.rejects(hash.digest(), /given up|ended/);
    await ended;
  });
});
