import assert from 'node:assert/strict';
import { type Advice, clientAdvice, missingAdvice } from '../../../src/core/instructions/clientAdvice.ts';

type Verdict = Advice['verdict'];

/** Measured with the real releases: program, version, publish, install, what the sentence about publishing names. */
const TABLE: readonly (readonly ['hf' | 'huggingface-cli', string | undefined, Verdict, Verdict, RegExp])[] =
  [
    ['huggingface-cli', '0.16.4', 'cannot', 'cannot', /too old.*"huggingface_hub<1"/],
    ['huggingface-cli', '0.17.0', 'may fail', 'works', /Unknown repo_type/],
    ['huggingface-cli', '0.29.3', 'may fail', 'works', /Unknown repo_type/],
    ['huggingface-cli', '0.36.2', 'may fail', 'works', /Unknown repo_type.*pip install.*use hf/],
    ['huggingface-cli', '1.0.0', 'cannot', 'cannot', /Choose hf/],
    ['huggingface-cli', 'none', 'cannot', 'cannot', /Choose hf/],
    ['huggingface-cli', undefined, 'may fail', 'may fail', /did not tell its version.*"huggingface_hub<1"/],
    ['hf', '0.34.4', 'may fail', 'works', /Unknown repo_type/],
    ['hf', '1.0.1', 'may fail', 'works', /Unknown repo_type/],
    ['hf', '1.1.7', 'may fail', 'works', /Unknown repo_type/],
    ['hf', '1.2.0', 'works', 'works', /works with this command/],
    ['hf', '1.19.0', 'works', 'works', /works with this command/],
    ['hf', '1.20.0', 'works', 'works', /HF_HUB_DISABLE_XET=1/],
    ['hf', '1.33.0', 'works', 'works', /HF_HUB_DISABLE_XET=1/],
    ['hf', '2.4.0', 'works', 'works', /HF_HUB_DISABLE_XET=1/],
    ['hf', '10.0.0rc1', 'works', 'works', /HF_HUB_DISABLE_XET=1/],
    ['hf', 'nightly', 'may fail', 'may fail', /did not tell its version/],
  ];

describe('Advice on the installed client', () => {
  for (const [program, version, publish, install, says] of TABLE) {
    it(`${program} ${version ?? 'of no version'}: publish ${publish}, install ${install}`, () => {
      const advice = clientAdvice(program, version, 'publish');
      assert.equal(advice.verdict, publish);
      assert.match(advice.sentence, says);
      assert.equal(clientAdvice(program, version, 'install').verdict, install);
    });
  }

  it('names what to install, or the one that is there', () => {
    assert.match(missingAdvice('hf', false).sentence, /pip install --upgrade huggingface_hub/);
    assert.match(
      missingAdvice('huggingface-cli', false).sentence,
      /pip install --upgrade "huggingface_hub<1"/,
    );
    assert.match(missingAdvice('huggingface-cli', true).sentence, /choose hf/);
    assert.equal(missingAdvice('hf', true).verdict, 'may fail');
    assert.equal(missingAdvice('huggingface-cli', true).verdict, 'cannot');
  });
});
