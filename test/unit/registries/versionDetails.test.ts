import assert from 'node:assert/strict';
import { asGitObjectId } from '../../../src/core/objectIds.ts';
import type { ModelVersion, Registry } from '../../../src/core/hosts/host.ts';
import type { Row, VersionRow } from '../../../src/editor/rows.ts';
import { ListedVersions, isHead } from '../../../src/editor/registries/versionDetails.ts';
import { subjectLine } from '../../../src/editor/subjectLine.ts';
import { sessionWithout } from './sessions.ts';

const id = (digit: string) => asGitObjectId(digit.repeat(40))!;

describe('what a version tells besides the registry’s list', () => {
  it('is that it is HEAD, by its own commit or by the one it says it was published as', () => {
    const heads = new Set([id('a'), id('b')]);
    assert(isHead(id('a'), undefined, heads));
    assert(isHead(id('c'), `Add weights\n\nGit-Commit: ${id('b')}\n`, heads));
    assert(!isHead(id('c'), `Add weights\n\nGit-Commit: ${id('c')}\n`, heads));
    assert(!isHead(id('c'), `Like Git-Commit: ${id('b')} says`, heads));
    assert(!isHead(undefined, undefined, heads));
    assert(!isHead(id('a'), undefined, new Set()));
  });

  it('is the first line of its message, as plain text of a bounded length', () => {
    assert.equal(subjectLine('\n  Add weights \r\n\nbody'), 'Add weights');
    assert.equal(subjectLine('a\u202Eb\u0007c\u200B'), 'abc');
    assert.equal(subjectLine('x'.repeat(10_000))?.length, 200);
    assert.equal(subjectLine(' \n'), undefined);
    assert.equal(subjectLine(undefined), undefined);
  });

  it('is its size and its formats, once no page and no size is missing', () => {
    const session = sessionWithout();
    const registry: Registry = {
      id: 'r',
      organization: 'acme',
      slug: 'models',
      name: 'models',
      ecosystem: 'huggingface',
      holdsModels: true,
      description: undefined,
      emoji: undefined,
      public: undefined,
      webUrl: undefined,
    };
    const version: ModelVersion = {
      id: 'v',
      registry,
      model: 'acme/m',
      commit: id('a'),
      createdAt: undefined,
      webUrl: undefined,
    };
    const row: VersionRow = { kind: 'version', session, version };
    const remote = (path: string, size: number | undefined) => ({
      path,
      size,
      gitSha1: undefined,
      sha256: undefined,
    });
    const file = (path: string, size: number | undefined): Row => ({
      kind: 'file',
      session,
      version,
      lfs: false,
      ...remote(path, size),
    });
    const folder: Row = {
      kind: 'folder',
      session,
      version,
      path: 'deep',
      files: [remote('deep/a.gguf', 10), remote('deep/er/b.safetensors', 20)],
    };
    const listed = new ListedVersions();
    assert.equal(listed.learn(row, [folder, { kind: 'more', parent: row, shown: 1, read: 2 }]), false);
    assert.equal(listed.learn(row, [folder, file('c', undefined)]), false);
    assert.equal(listed.of(row), undefined);
    assert.equal(listed.learn(row, [folder, file('c', 3)]), true);
    assert.deepEqual(listed.of(row), { size: 33, formats: ['safetensors', 'GGUF'] });
    assert.equal(listed.learn(row, [folder, file('c', 3)]), false);
  });
});
