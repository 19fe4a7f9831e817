import assert from 'node:assert/strict';
import fc from 'fast-check';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import { contentIdOf } from '../../../src/core/snapshot/hfCache/contentId.ts';
import { isUntouched, parseDownloadMetadata } from '../../../src/core/snapshot/hfCache/downloadMetadata.ts';
import { cacheLocation } from '../../../src/core/snapshot/hfCache/location.ts';
import { branchOf } from '../../../src/core/snapshot/hfCache/refs.ts';
import { parseTreeListing } from '../../../src/core/snapshot/hfCache/treeListing.ts';
import { COMMIT, listingOf, pointerId, sha256 } from './caches.ts';

const hex = (digits: number) =>
  fc
    .array(
      fc.nat(15).map((digit) => digit.toString(16)),
      { minLength: digits, maxLength: digits },
    )
    .map((all) => all.join(''));
/** A part of a model id, by the Hub's rules. */
const part = fc
  .stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,30}$/)
  .filter((name) => !/--|\.\.|[-.]$|\.git$/.test(name));

describe('a place in the Hugging Face cache', () => {
  it('is read from its path', () => {
    fc.assert(
      fc.property(part, part, hex(40), (namespace, name, commit) => {
        const storage = `/home/ada/.cache/huggingface/hub/models--${namespace}--${name}`;
        assert.deepEqual(cacheLocation(`${storage}/snapshots/${commit}/`, 'linux'), {
          cache: '/home/ada/.cache/huggingface/hub',
          storage,
          model: `${namespace}/${name}`,
          commit,
          inside: '',
        });
        assert.equal(cacheLocation(storage, 'linux')?.inside, '');
        assert.equal(cacheLocation(`${storage}/snapshots/${commit}/onnx`, 'linux')?.inside, 'onnx');
        assert.equal(cacheLocation(`${storage}/snapshots/${commit}/a/b`, 'linux')?.inside, 'a/b');
      }),
    );
  });

  it('is read from Windows paths, with either slash', () => {
    for (const path of [
      `C:\\Users\\Ada\\.cache\\huggingface\\hub\\models--acme--tiny\\snapshots\\${COMMIT}`,
      `C:/Users/Ada/.cache/huggingface/hub/models--acme--tiny/snapshots/${COMMIT}/`,
    ]) {
      assert.deepEqual(cacheLocation(path, 'win32'), {
        cache: 'C:\\Users\\Ada\\.cache\\huggingface\\hub',
        storage: 'C:\\Users\\Ada\\.cache\\huggingface\\hub\\models--acme--tiny',
        model: 'acme/tiny',
        commit: COMMIT,
        inside: '',
      });
    }
    const share = `\\\\server\\share\\hub\\models--acme--tiny\\snapshots\\${COMMIT}`;
    assert.equal(cacheLocation(share, 'win32')?.cache, '\\\\server\\share\\hub');
    assert.equal(cacheLocation(share, 'win32')?.commit, COMMIT);
  });

  it('is nothing that only looks like one', () => {
    const hub = '/home/ada/.cache/huggingface/hub';
    for (const path of [
      `${hub}/datasets--acme--tiny/snapshots/${COMMIT}`,
      `${hub}/models--acme--tiny/blobs`,
      `${hub}/models--acme--tiny/snapshots/main`,
      `${hub}/models--acme--tiny/snapshots/${COMMIT.toUpperCase()}`,
      `${hub}/models--acme--tiny--more/snapshots/${COMMIT}`,
      `${hub}/models--/snapshots/${COMMIT}`,
      `${hub}/snapshots/${COMMIT}`,
      `models--acme--tiny/snapshots/${COMMIT}`,
      '/',
      '',
    ]) {
      assert.equal(cacheLocation(path, 'linux'), undefined, path);
    }
  });

  it('never throws for a path', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('linux', 'win32', 'darwin'), (path, platform) => {
        cacheLocation(path, platform);
        cacheLocation(`/models--${path}/snapshots`, platform);
      }),
    );
  });
});

describe('the listing of a commit', () => {
  const weights = Buffer.from('weights');

  it('tells every file, by whatever name', () => {
    const path = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom('__proto__', 'constructor', 'a/ü 尺.bin'),
    );
    fc.assert(
      fc.property(fc.dictionary(path, fc.boolean(), { noNullPrototype: true }), (kinds) => {
        const entries = Object.entries(kinds);
        const text = `{"format_version":1,"files":{${entries
          .map(([name, lfs]) => {
            const [file] = Object.values(listingOf({ file: { content: weights, lfs } }).files);
            return `${JSON.stringify(name)}:${JSON.stringify(file)}`;
          })
          .join(',')}}}`;
        const listing = parseTreeListing(text);
        assert.deepEqual([...listing!.keys()].sort(), entries.map(([name]) => name).sort());
        for (const [name, lfs] of entries) {
          const listed = listing!.get(name)!;
          assert.equal(listed.size, weights.length);
          assert.equal(listed.id?.kind, lfs ? 'lfs' : 'blob');
        }
      }),
    );
    assert.deepEqual(
      parseTreeListing(JSON.stringify(listingOf({ w: { content: weights, lfs: true } })))?.get('w'),
      { size: 7, id: { kind: 'lfs', sha256: sha256(weights), pointer: pointerId(weights) } },
    );
    assert(
      parseTreeListing('{"format_version":1,"files":{"__proto__":{"size":1,"blob_id":"x"}}}')?.has(
        '__proto__',
      ),
    );
  });

  it('is none where a part of it is not as it should be', () => {
    for (const file of [{ size: -1, blob_id: 'x' }, { size: 1.5, blob_id: 'x' }, { size: 1 }, null, 'x']) {
      assert.equal(parseTreeListing(JSON.stringify({ format_version: 1, files: { file } })), undefined);
    }
    for (const text of ['', '[]', 'null', '{"format_version":1}', '{"format_version":1,"files":[]}']) {
      assert.equal(parseTreeListing(text), undefined, text);
    }
    fc.assert(fc.property(fc.json(), (text) => void parseTreeListing(text)));
  });

  it('leaves open what a server names otherwise than Git and LFS', () => {
    const listing = parseTreeListing('{"format_version":1,"files":{"a":{"size":3,"blob_id":"md5:1"}}}');
    assert.deepEqual(listing?.get('a'), { size: 3, id: undefined });
  });
});

describe('the name of a content', () => {
  it('is a SHA-256 or a Git object id, and nothing else', () => {
    fc.assert(
      fc.property(hex(64), hex(40), fc.string(), (sha, git, text) => {
        assert.deepEqual(contentIdOf(sha), { kind: 'lfs', sha256: sha });
        assert.deepEqual(contentIdOf(git), { kind: 'blob', gitSha1: git });
        assert.equal(contentIdOf(`${git}${sha}`), undefined);
        assert.equal(contentIdOf(`${git}-2`), undefined);
        assert.equal(contentIdOf(text), undefined);
      }),
    );
  });
});

describe('the note beside a downloaded file', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(hex(40), hex(64), fc.double({ min: 0, max: 4e9, noNaN: true }), (commit, etag, seconds) => {
        const noted = parseDownloadMetadata(`${commit}\n${etag}\n${seconds}\n`);
        assert.deepEqual(noted, { commit, etag, notedAt: seconds * 1000 });
        assert(isUntouched(noted, seconds * 1000));
        assert(!isUntouched(noted, seconds * 1000 + 1001));
      }),
    );
  });

  it('is none where it is not whole', () => {
    for (const text of [
      '',
      COMMIT,
      `${COMMIT}\n\n1`,
      `${COMMIT}\netag\n`,
      `${COMMIT}\netag\nsoon`,
      `main\netag\n1`,
    ]) {
      assert.equal(parseDownloadMetadata(text), undefined, text);
    }
    fc.assert(fc.property(fc.string(), (text) => void parseDownloadMetadata(text)));
  });
});

describe('the branch of a snapshot', () => {
  it('is one that names its commit, main before others', () => {
    const branch = (...refs: [name: string, commit: string][]) =>
      branchOf(new Map(refs.map(([name, commit]) => [name, asGitObjectId(commit)!])), asGitObjectId(COMMIT)!);
    assert.equal(branch(['a', COMMIT], ['main', COMMIT]), 'main');
    assert.equal(branch(['main', '0'.repeat(40)], ['v2', COMMIT], ['v1', COMMIT]), 'v1');
    assert.equal(branch(['refs/pr/3', COMMIT], ['c0ffee0', COMMIT]), undefined);
  });
});
