import assert from 'node:assert/strict';
import fc from 'fast-check';
import { commitMessage, unknownNames } from '../../../src/core/publish/commitMessage.ts';

const PARTS = {
  subject: 'Train the {sha} model',
  sha: 'a'.repeat(40),
  shortSha: 'a'.repeat(7),
  branch: 'main',
  model: 'acme/small',
  registry: 'acme/models',
};

describe('The template of commit messages', () => {
  it('is filled in once, so that a subject is no template', () => {
    assert.equal(
      commitMessage('{model}: {subject} ({shortSha} of {branch})\n\nTo {registry}, {sha}', PARTS),
      `acme/small: Train the {sha} model (aaaaaaa of main)\n\nTo acme/models, ${PARTS.sha}`,
    );
  });

  it('stands for the subject where nothing comes of it', () => {
    assert.equal(commitMessage('', PARTS), undefined);
    assert.equal(commitMessage(' {branch} ', { ...PARTS, branch: '' }), undefined);
  });

  it('names what there is not', () => {
    assert.deepEqual(unknownNames('{subject} {verison} {} {toString} {verison}'), [
      'verison',
      '',
      'toString',
    ]);
    assert.deepEqual(unknownNames('{subject} { "json": 1'), []);
  });

  it('leaves other texts as they are', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('{') && text.trim() !== '');
        assert.equal(commitMessage(text, PARTS), text.trim());
      }),
    );
  });
});
