import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { commitEntries, pointerTo, scratch, storeObject, withSnapshot } from '../snapshot/repositories.ts';
import { startPublishing } from './publishing.ts';
import type { Publishing } from './publishing.ts';

const ATTRIBUTES = '*.lfs filter=lfs diff=lfs merge=lfs -text\n';
/** From this size the registry makes LFS objects of plain files. */
const THRESHOLD = 4_000;

/**
 * Milliseconds before Mocha gives up on a test, fast-check on the search for a smaller counterexample, and both on one repository: so
 * that what failed is told, and not only that time was up.
 */
const TEST_MS = 120_000;
const SEARCH_MS = 90_000;
const REPOSITORY_MS = 60_000;

type Content =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary'; readonly seed: number; readonly size: number }
  | { readonly kind: 'lfs'; readonly seed: number; readonly size: number };

type Change =
  | { readonly kind: 'write'; readonly path: string; readonly content: Content; readonly executable: boolean }
  | { readonly kind: 'delete' | 'rename' | 'chmod'; readonly pick: number; readonly path: string };

interface Entry {
  readonly content: Buffer;
  readonly mode: '100644' | '100755';
}

const bytesOf = (content: Exclude<Content, { kind: 'text' }>): Buffer => {
  const blocks = Array.from({ length: Math.ceil(content.size / 64) }, (_, index) =>
    createHash('sha512').update(`${content.seed} ${index}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, content.size);
};

const name = fc.oneof(
  fc.constantFrom(
    'a',
    'A',
    'model',
    'README.md',
    '.hidden',
    '-dash',
    'name with spaces',
    'a"quote',
    "it's",
    '%20',
  ),
  fc.constantFrom('é', 'e\u0301', '名前', '🙂', '\\back', 'tab\there', '#hash?', 'con', 'trailing.'),
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    // Git takes no other names; a registry takes no line ends.
    // eslint-disable-next-line no-control-regex
    .filter((text) => !/[/\\\x00-\x1f\x7f\u200c-\u200f\u202a-\u202e\u2066-\u206f\ufeff]/.test(text))
    .filter((text) => !/^\.{1,2}$|^\.git|git~|~\d/i.test(text) && text.trim() === text),
);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const content: fc.Arbitrary<Content> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text: fc.string({ unit: 'grapheme', maxLength: 200 }) }),
  fc.record({
    kind: fc.constant('binary' as const),
    seed: fc.nat(),
    size: fc.oneof(fc.nat(300), fc.integer({ min: THRESHOLD - 1, max: 3 * THRESHOLD })),
  }),
  fc.record({
    kind: fc.constant('lfs' as const),
    seed: fc.nat(3),
    size: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 30_000 })),
  }),
);
const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('write' as const), path, content, executable: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('delete' as const, 'rename' as const, 'chmod' as const),
      pick: fc.nat(),
      path,
    }),
  },
);

/** The files after some changes; what would take the place of a folder, or the other way round, is left out. */
function changedBy(
  files: ReadonlyMap<string, Entry>,
  changes: readonly Change[],
  store: (bytes: Buffer) => void,
): Map<string, Entry> {
  const now = new Map(files);
  const put = (at: string, entry: Entry): void => {
    const clashes = [...now.keys()].some((other) => other.startsWith(`${at}/`) || at.startsWith(`${other}/`));
    if (!clashes && at !== '.gitattributes') now.set(at, entry);
  };
  for (const each of changes) {
    if (each.kind === 'write') {
      const mode = each.executable ? '100755' : '100644';
      if (each.content.kind === 'text') {
        put(each.path, { content: Buffer.from(each.content.text), mode });
      } else {
        const bytes = bytesOf(each.content);
        if (each.content.kind === 'lfs') {
          store(bytes);
          put(`${each.path}.lfs`, { content: Buffer.from(pointerTo(bytes)), mode });
        } else put(each.path, { content: bytes, mode });
      }
      continue;
    }
    const known = [...now].filter(([at]) => at !== '.gitattributes');
    const picked = known[each.pick % Math.max(1, known.length)];
    if (picked === undefined) continue;
    const [from, entry] = picked;
    if (each.kind === 'chmod')
      now.set(from, { ...entry, mode: entry.mode === '100644' ? '100755' : '100644' });
    else now.delete(from);
    if (each.kind === 'rename') put(from.endsWith('.lfs') ? `${each.path}.lfs` : each.path, entry);
  }
  return now;
}

/** Paths and contents of a commit, as `git archive` shows them. */
function archived(gitDirectory: string, commit: string): Map<string, Buffer> {
  const tar = execFileSync('git', ['--git-dir', gitDirectory, 'archive', '--format=tar', commit], {
    maxBuffer: 2 ** 28,
    // Attributes of the machine or the commit must not change what is archived.
    env: { ...process.env, GIT_ATTR_NOSYSTEM: '1' },
  });
  return new Map(untar(tar));
}

/** Files of a tar as Git writes it: ustar with pax headers for long and non-ASCII names. */
function* untar(tar: Buffer): Generator<[string, Buffer]> {
  let longName: string | undefined;
  const text = (at: number, length: number): string => {
    const field = tar.subarray(at, at + length);
    const end = field.indexOf(0);
    return field.toString('utf8', 0, end < 0 ? length : end);
  };
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const size = parseInt(text(at + 124, 12), 8);
    const kind = text(at + 156, 1);
    const body = tar.subarray(at + 512, at + 512 + size);
    const prefix = text(at + 345, 155);
    if (kind === 'x') longName = paxPath(body);
    else if (kind === '0') {
      yield [longName ?? (prefix === '' ? '' : `${prefix}/`) + text(at, 100), body];
    }
    if (kind !== 'x') longName = undefined;
    at += 512 + 512 * Math.ceil(size / 512);
  }
}

function paxPath(body: Buffer): string | undefined {
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(0x20, at);
    const length = Number(body.toString('latin1', at, space));
    const record = body.toString('utf8', space + 1, at + length - 1);
    if (record.startsWith('path=')) return record.slice(5);
    at += length;
  }
  return undefined;
}

describe('publishing random repositories, commit after commit', () => {
  const folders = scratch();
  let publishing: Publishing;
  before(async () => {
    publishing = await startPublishing({
      lfsThresholdBytes: THRESHOLD,
      multipartThresholdBytes: 10_000,
      partBytes: 4_000,
      treePageSize: 5,
    });
  });
  after(() => publishing.stop());

  it('shows by `git clone` what `git archive HEAD` shows', async function () {
    this.timeout(TEST_MS);
    let models = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        async (commits) => {
          const model = `acme/random-${models++}`;
          const { registry } = publishing;
          const gitDirectory = registry.gitDirectory(registry.organization, registry.registry, model);
          const repository = folders.repository();
          const store = (bytes: Buffer) => void storeObject(join(repository.path, '.git/lfs'), bytes);
          const attributes: Entry = { content: Buffer.from(ATTRIBUTES), mode: '100644' };
          let files = new Map([['.gitattributes', attributes]]);
          for (const changes of commits) {
            files = changedBy(files, changes, store);
            const entries = [...files].map(([at, entry]) => ({ path: at, ...entry }));
            const head = commitEntries(repository, entries);
            const outcome = await withSnapshot(repository.path, (snapshot) =>
              publishing.publish(snapshot, model),
            );
            if (outcome.kind !== 'published') assert.fail(JSON.stringify(outcome));
            assert.ok(outcome.verified);
            const clone = join(folders.folder(), 'clone');
            execFileSync('git', ['clone', '--quiet', '--no-checkout', gitDirectory, clone]);
            const own = archived(join(repository.path, '.git'), head);
            const shown = archived(join(clone, '.git'), 'HEAD');
            assert.deepEqual([...own.keys()].sort(), [...files.keys()].sort());
            assert.deepEqual([...shown.keys()].sort(), [...own.keys()].sort());
            for (const [at, bytes] of own) {
              if (outcome.serverEdited.includes(at)) continue;
              assert.ok(smudged(shown.get(at)!, bytes, gitDirectory).equals(bytes), JSON.stringify(at));
            }
          }
        },
      ),
      {
        numRuns: 7,
        plugins: [
          fc.timeout(REPOSITORY_MS),
          fc.interruptAfterTimeLimit(SEARCH_MS, { failOnInterrupt: true }),
        ],
      },
    );
  });
});

/** Where the registry keeps a plain file as an LFS object: its content, as a clone with Git LFS would hold it. */
function smudged(shown: Buffer, own: Buffer, gitDirectory: string): Buffer {
  const pointer = /^version https:\/\/git-lfs[^\n]*\noid sha256:([0-9a-f]{64})\n/.exec(
    shown.toString('latin1'),
  );
  const oid = pointer?.[1];
  if (oid === undefined || shown.equals(own)) return shown;
  const objects = join(gitDirectory, '../../../lfs/objects');
  return readFileSync(join(objects, oid.slice(0, 2), oid.slice(2, 4), oid));
}
