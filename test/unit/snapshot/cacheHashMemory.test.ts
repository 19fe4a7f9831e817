import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { asGitObjectId, asSha256 } from '../../../src/core/objectIds.ts';
import { contentHashes } from '../../../src/core/snapshot/files/contentHashes.ts';
import {
  blobKey,
  createHashMemory,
  fileKey,
  hashLine,
  isSettled,
  parseHashLine,
} from '../../../src/core/snapshot/hashMemory.ts';
import type { ContentHashes, HashMemory } from '../../../src/core/snapshot/hashMemory.ts';
import { gitSha1, sha256 } from './caches.ts';
import { scratch, silent } from './repositories.ts';

const files = scratch();

/** The content's hashes and the key of its blob. */
function known(content: string): { key: ReturnType<typeof blobKey>; hashes: Required<ContentHashes> } {
  const hashes = { sha256: asSha256(sha256(content))!, gitSha1: asGitObjectId(gitSha1(content))! };
  return { key: blobKey(hashes.gitSha1), hashes };
}

function memoryIn(folder: string, mostEntries?: number) {
  const warnings: string[] = [];
  const log = { ...silent, warn: (message: string) => void warnings.push(message) };
  return { memory: createHashMemory({ folder, log, mostEntries }), warnings };
}

describe('hashes that were computed earlier', () => {
  let folder: string;

  beforeEach(() => {
    folder = join(files.folder(), 'made', 'when needed');
  });

  function fileText(): string {
    return readFileSync(join(folder, readdirSync(folder)[0]!), 'latin1');
  }

  it('are there for the next process', async () => {
    const { key, hashes } = known('content');
    const { memory, warnings } = memoryIn(folder);
    assert.equal(await memory.sha256Of(key), undefined);
    await memory.remember(key, hashes);
    assert.equal(await memory.sha256Of(key), hashes.sha256);
    const next = memoryIn(folder).memory;
    assert.equal(await next.sha256Of(key), hashes.sha256);
    assert.equal(await next.gitSha1Of(key), hashes.gitSha1);
    assert.deepEqual(warnings, []);
  });

  it('are kept by several processes that know nothing of each other', async () => {
    const memories = Array.from({ length: 5 }, () => memoryIn(folder).memory);
    await Promise.all(memories.map((memory) => memory.sha256Of(known('nothing').key)));
    await Promise.all(
      memories.flatMap((memory, process) =>
        Array.from({ length: 40 }, (_, index) => {
          const { key, hashes } = known(`${process} ${index}`);
          return memory.remember(key, hashes);
        }),
      ),
    );
    const next = memoryIn(folder).memory;
    for (let process = 0; process < 5; process++) {
      for (let index = 0; index < 40; index++) {
        const { key, hashes } = known(`${process} ${index}`);
        assert.equal(await next.sha256Of(key), hashes.sha256);
      }
    }
  });

  it('are forgotten, the oldest first, before they grow too many', async () => {
    const { memory } = memoryIn(folder, 10);
    for (let index = 0; index < 100; index++) {
      const { key, hashes } = known(String(index));
      await memory.remember(key, hashes);
      // Asked for and told again, it stays among the newest.
      await memory.remember(known('0').key, known('0').hashes);
      assert(fileText().split('\n').length <= 17);
    }
    for (const { memory: one } of [{ memory }, memoryIn(folder, 10)]) {
      assert.equal(await one.sha256Of(known('0').key), known('0').hashes.sha256);
      assert.equal(await one.sha256Of(known('99').key), known('99').hashes.sha256);
      assert.equal(await one.sha256Of(known('50').key), undefined);
    }
    assert.equal(readdirSync(folder).length, 1);
  });

  it('take in what others kept when they are written anew', async () => {
    const mine = memoryIn(folder, 10).memory;
    const theirs = memoryIn(folder, 10).memory;
    await mine.sha256Of(known('nothing').key);
    await theirs.remember(known('theirs').key, known('theirs').hashes);
    for (let turn = 0; turn < 20; turn++) await mine.remember(known('mine').key, known('mine').hashes);
    const next = memoryIn(folder, 10).memory;
    assert.equal(await next.sha256Of(known('theirs').key), known('theirs').hashes.sha256);
    assert.equal(await next.sha256Of(known('mine').key), known('mine').hashes.sha256);
  });

  it('survive damage, with a warning, and the damage goes away', async () => {
    const { memory } = memoryIn(folder);
    const { key, hashes } = known('whole');
    await memory.remember(key, hashes);
    const file = join(folder, readdirSync(folder)[0]!);
    appendFileSync(file, 'git:0123');
    appendFileSync(file, hashLine(known('next').key, known('next').hashes));
    const damaged = memoryIn(folder);
    assert.equal(await damaged.memory.sha256Of(key), hashes.sha256);
    assert.equal(await damaged.memory.sha256Of(known('next').key), undefined);
    assert.equal(damaged.warnings.length, 1);
    await damaged.memory.remember(known('later').key, known('later').hashes);
    const repaired = memoryIn(folder);
    assert.equal(await repaired.memory.sha256Of(known('later').key), known('later').hashes.sha256);
    assert.equal(await repaired.memory.sha256Of(key), hashes.sha256);
    assert.deepEqual(repaired.warnings, []);
  });

  it('are computed again where their file is none of ours, or larger than can be', async () => {
    const { memory } = memoryIn(folder);
    await memory.remember(known('a').key, known('a').hashes);
    const file = join(folder, readdirSync(folder)[0]!);
    writeFileSync(file, Buffer.alloc(100_000, 0xff));
    const other = memoryIn(folder, 10);
    assert.equal(await other.memory.sha256Of(known('a').key), undefined);
    assert.equal(other.warnings.length, 1);
    await other.memory.remember(known('b').key, known('b').hashes);
    assert.equal(fileText(), hashLine(known('b').key, known('b').hashes));
  });

  it('never fail where they cannot be kept', async () => {
    mkdirSync(join(folder, '..'), { recursive: true });
    writeFileSync(folder, 'a file where the folder should be');
    const { memory, warnings } = memoryIn(folder);
    const { key, hashes } = known('content');
    await memory.remember(key, hashes);
    await memory.remember(known('other').key, known('other').hashes);
    assert.equal(await memory.sha256Of(key), hashes.sha256);
    assert(warnings.length > 0 && warnings.length <= 2, warnings.join('\n'));
  });

  it('are of one line each, which only a whole line is', () => {
    const digits = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const times = fc.tuple(digits, digits, digits, digits, digits);
    fc.assert(
      fc.property(
        times,
        fc.string(),
        fc.boolean(),
        fc.nat(400),
        ([dev, ino, size, mtimeNs, ctimeNs], text, both, cut) => {
          const { hashes } = known(text);
          const key = fileKey({ dev, ino, size, mtimeNs, ctimeNs } as Parameters<typeof fileKey>[0]);
          const kept = both ? hashes : { sha256: hashes.sha256 };
          const line = hashLine(key, kept);
          assert.deepEqual(parseHashLine(line.trimEnd()), [key, kept]);
          const torn = line.slice(0, cut % (line.length - 1)) + line.trimEnd();
          if (cut % (line.length - 1) > 0) assert.equal(parseHashLine(torn), undefined);
          assert.equal(parseHashLine(text), undefined);
        },
      ),
    );
  });
});

describe('the hashes of a file', () => {
  const signal = new AbortController().signal;
  const large = 'x'.repeat(100_000);
  /** Long after any file of a test was written. */
  const later = () => Date.now() + 60_000;

  function counting(memory: HashMemory): { hashes: HashMemory; kept: string[] } {
    const kept: string[] = [];
    const hashes = {
      ...memory,
      remember: (key: Parameters<HashMemory['remember']>[0], value: ContentHashes) => {
        kept.push(key);
        return memory.remember(key, value);
      },
    };
    return { hashes, kept };
  }

  it('are computed once, and again after a write', async () => {
    const file = join(files.folder(), 'model.bin');
    writeFileSync(file, large);
    const { hashes, kept } = counting(memoryIn(join(files.folder(), 'memory')).memory);
    const first = await contentHashes(file, { hashes, signal, now: later });
    assert.deepEqual(first, { sha256: sha256(large), gitSha1: gitSha1(large) });
    assert.equal(kept.length, 2);
    assert.deepEqual(await contentHashes(file, { hashes, signal, now: later }), first);
    assert.equal(kept.length, 2);
    writeFileSync(file, large.replace('x', 'y'));
    const second = await contentHashes(file, { hashes, signal, now: later });
    assert.equal(second.sha256, sha256(large.replace('x', 'y')));
  });

  it('are not trusted to the times of a file that was just written', async () => {
    const file = join(files.folder(), 'model.bin');
    writeFileSync(file, large);
    const { hashes, kept } = counting(memoryIn(join(files.folder(), 'memory')).memory);
    await contentHashes(file, { hashes, signal, now: () => statSync(file).ctimeMs + 100 });
    assert.deepEqual(kept, [blobKey(asGitObjectId(gitSha1(large))!)]);
    const stats = statSync(file, { bigint: true });
    assert.equal(isSettled(stats, Number(stats.ctimeMs) + 1999), false);
    assert.equal(isSettled(stats, Number(stats.ctimeMs) + 3000), true);
  });

  it('are not trusted where a write may have overtaken the reading, however long that takes', async () => {
    const file = join(files.folder(), 'model.bin');
    writeFileSync(file, large);
    const { hashes, kept } = counting(memoryIn(join(files.folder(), 'memory')).memory);
    // Every look at the signal takes five seconds: the first comes before the file is opened.
    let now = statSync(file).ctimeMs - 4000;
    const slow = Object.assign(new AbortController().signal, { throwIfAborted: () => void (now += 5000) });
    const { sha256: read } = await contentHashes(file, { hashes, signal: slow, now: () => now });
    assert.equal(read, sha256(large));
    assert(now > statSync(file).ctimeMs + 5000);
    assert.deepEqual(kept, [blobKey(asGitObjectId(gitSha1(large))!)]);
  });

  it('of a small file do not fill the memory', async () => {
    const file = join(files.folder(), 'config.json');
    writeFileSync(file, '{}');
    const { hashes, kept } = counting(memoryIn(join(files.folder(), 'memory')).memory);
    assert.equal((await contentHashes(file, { hashes, signal, now: later })).gitSha1, gitSha1('{}'));
    assert.deepEqual(kept, []);
  });

  it('stop where nobody waits for them any more', async () => {
    const file = join(files.folder(), 'model.bin');
    writeFileSync(file, large);
    await assert.rejects(
      contentHashes(file, { hashes: undefined, signal: AbortSignal.abort(new Error('enough')) }),
      /enough/,
    );
  });
});
