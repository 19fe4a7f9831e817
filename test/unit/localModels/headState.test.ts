import assert from 'node:assert/strict';
import type { FolderHead } from '../../../src/core/localModels/head.ts';
import type { CommitName, GitObjectId } from '../../../src/core/objectIds.ts';
import { headState } from '../../../src/editor/localModels/headState.ts';
import type { WorkspaceModel } from '../../../src/editor/localModels/localModel.ts';
import type { Publication } from '../../../src/editor/localModels/publications.ts';

const HEAD = 'a'.repeat(40) as GitObjectId;
const EARLIER = 'b'.repeat(40) as GitObjectId;
const someone = ['account'];

function modelAt(head: FolderHead): WorkspaceModel {
  return { origin: 'workspace', folder: '/work/repo', name: 'repo', place: '', head };
}

const repository = '/work/repo';
const model = modelAt({
  kind: 'repository',
  repository,
  folder: '',
  commit: HEAD,
  branch: 'main',
  gitFolder: `${repository}/.git`,
});

const publicationOf = (commit: GitObjectId): Publication => ({
  accountId: 'account',
  organization: 'acme',
  registry: 'models',
  model: 'acme/bert',
  version: 'c'.repeat(40) as CommitName,
  commit,
  publishedAt: undefined,
});

describe('HEAD of a model', () => {
  it('is published, or not, as far as an account can see', () => {
    assert.equal(headState(model, [publicationOf(HEAD)], someone), 'published');
    assert.equal(headState(model, [publicationOf(EARLIER)], someone), 'notPublished');
  });

  it('is unknown while nobody is signed in, unless it was published from here', () => {
    assert.equal(headState(model, [], []), 'unknown');
    assert.equal(headState(model, [publicationOf(HEAD)], []), 'published');
  });

  it('is none before the first commit', () => {
    assert.equal(headState(modelAt({ kind: 'none' }), [], someone), 'noCommit');
  });
});
