import assert from 'node:assert/strict';
import type { FolderHead } from '../../../src/core/localModels/head.ts';
import type { CommitName, GitObjectId } from '../../../src/core/objectIds.ts';
import { headState } from '../../../src/editor/localModels/headState.ts';
import type { WorkspaceModel } from '../../../src/editor/localModels/localModel.ts';
import type { Publication } from '../../../src/editor/localModels/publications.ts';
import type { OngoingPublish } from '../../../src/editor/publishService.ts';

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
    assert.equal(headState(model, [publicationOf(HEAD)], undefined, someone), 'published');
    assert.equal(headState(model, [publicationOf(EARLIER)], undefined, someone), 'notPublished');
  });

  it('is unknown while nobody is signed in, unless it was published from here', () => {
    assert.equal(headState(model, [], undefined, []), 'unknown');
    assert.equal(headState(model, [publicationOf(HEAD)], undefined, []), 'published');
  });

  it('is being published while its commit is, and not while an earlier one is', () => {
    const publish = (commit: GitObjectId) => ({ plan: { snapshot: { commit } } }) as OngoingPublish;
    assert.equal(headState(model, [], publish(HEAD), someone), 'publishing');
    assert.equal(headState(model, [publicationOf(EARLIER)], publish(HEAD), []), 'publishing');
    assert.equal(headState(model, [], publish(EARLIER), someone), 'notPublished');
    assert.equal(headState(model, [publicationOf(HEAD)], publish(HEAD), someone), 'published');
  });

  it('is none before the first commit', () => {
    assert.equal(headState(modelAt({ kind: 'none' }), [], undefined, someone), 'noCommit');
  });
});
