import assert from 'node:assert/strict';
import { emojiOf, learnEmojiNames } from '../../../src/editor/registries/emoji.ts';

describe('the emoji of a registry', () => {
  before(() => learnEmojiNames([':hugging_face:']));

  it('is known by its name or as itself', () => {
    assert.equal(emojiOf(':hugging_face:'), '🤗');
    assert.equal(emojiOf(':+1:'), '👍');
    assert.equal(emojiOf(':rainbow-flag:'), '🏳️‍🌈');
    assert.equal(emojiOf('🚀'), '🚀');
  });

  it('is a picture also where the character alone would be a letter', () => {
    assert.equal(emojiOf(':tm:'), '™️');
  });

  it('is none where an organization made it itself, or where it is no emoji', () => {
    for (const text of [
      undefined,
      '',
      ':our-own-logo:',
      ':constructor:',
      '::',
      'rocket',
      '$(alert)',
      '🚀🚀',
      ':rocket: :rocket:',
    ]) {
      assert.equal(emojiOf(text), undefined, text);
    }
  });
});
