import assert from 'node:assert/strict';
import { modelUses } from '../../../src/core/instructions/modelUses.ts';
import { codeSnippets } from '../../../src/core/instructions/useInCode.ts';

const config = (value: object) => JSON.stringify(value);
const [TARGET, CHOICE] = [
  {
    endpoint: 'https://packages.buildkite.com/acme/models/huggingface',
    model: 'acme/phi',
    revision: 'abc123',
  },
  { client: 'hf', shell: 'posix', variables: 'inCommand' },
] as const;

describe('What loads a model', () => {
  it('is the class of transformers that its architecture names', () => {
    for (const [architecture, more, expected] of [
      ['LlamaForCausalLM', {}, 'AutoModelForCausalLM'],
      ['GPT2LMHeadModel', {}, 'AutoModelForCausalLM'],
      ['BertForSequenceClassification', {}, 'AutoModelForSequenceClassification'],
      ['T5ForConditionalGeneration', { model_type: 't5' }, 'AutoModelForSeq2SeqLM'],
      ['WhisperForConditionalGeneration', { model_type: 'whisper' }, 'AutoModelForSpeechSeq2Seq'],
      ['LlavaForConditionalGeneration', { vision_config: {} }, 'AutoModelForImageTextToText'],
      ['CLIPModel', {}, 'AutoModel'],
    ] as const) {
      const [use] = modelUses(['config.json'], config({ architectures: [architecture], ...more }));
      assert.equal(use?.kind === 'transformers' && use.modelClass, expected, architecture);
    }
  });

  it('is known where Python wrote numbers that are none of JSON, and where a byte order mark comes first', () => {
    const text =
      '\ufeff{"model_type":"nemotron_h","a":[0.0, Infinity, -Infinity],"b":NaN,"c":"\\"NaN, Infinity","architectures":["NemotronHForCausalLM"]}';
    const [use] = modelUses(['config.json'], text);
    assert.equal(use?.kind === 'transformers' && use.modelClass, 'AutoModelForCausalLM');
    assert.deepEqual(modelUses(['config.json'], '{"model_type":"x","a":Infinity'), []);
  });

  it('brings a tokenizer or a processor where its files say so, and says whether it runs its own code', () => {
    const use = (paths: readonly string[], more = {}) =>
      modelUses(['config.json', ...paths], config({ model_type: 'llama', ...more }))[0];
    const expected = {
      kind: 'transformers',
      modelClass: 'AutoModel',
      preprocessor: undefined,
      ownCode: false,
    };
    assert.deepEqual(use([]), expected);
    assert.deepEqual(use(['tokenizer.json']), { ...expected, preprocessor: 'AutoTokenizer' });
    assert.deepEqual(
      use(['tokenizer.json', 'preprocessor_config.json'], { auto_map: { AutoModel: 'x.Y' } }),
      {
        ...expected,
        preprocessor: 'AutoProcessor',
        ownCode: true,
      },
    );
  });

  it('is diffusers, or llama.cpp with the first part of each model', () => {
    assert.deepEqual(modelUses(['model_index.json', 'unet/config.json'], undefined), [{ kind: 'diffusers' }]);
    const part = (number: number) => `big/model-0000${number}-of-00002.gguf`;
    assert.deepEqual(modelUses(['small.Q4.gguf', part(2), part(1), 'mmproj-f16.gguf'], undefined), [
      {
        kind: 'llama.cpp',
        file: { path: part(1), parts: 'big/model-*-of-00002.gguf' },
        others: [{ path: 'small.Q4.gguf', parts: 'small.Q4.gguf' }],
      },
    ]);
  });

  it('stays open where the files do not tell, or are not what they should be', () => {
    for (const text of [
      undefined,
      '',
      '[]',
      '{}',
      '{"architectures":[]}',
      '{"architectures":[1]}',
      'null',
      '\u0000',
    ]) {
      assert.deepEqual(modelUses(['config.json', 'README.md'], text), [], text);
    }
  });
});

describe('Code that uses a model', () => {
  it('is there for huggingface_hub always, and holds no token', () => {
    const [snippet, ...others] = codeSnippets(TARGET, [], CHOICE);
    assert.deepEqual(others, []);
    assert.match(snippet?.text ?? '', /snapshot_download\(\n {4}"acme\/phi",\n {4}revision="abc123",/);
    assert.match(snippet?.text ?? '', /os\.environ\.get\("HF_TOKEN"\) or getpass/);
  });

  it('downloads the parts of a split model, and starts llama.cpp with the first', () => {
    const [snippet] = codeSnippets(
      TARGET,
      modelUses(['m-00001-of-00002.gguf', 'm-00002-of-00002.gguf', 'other.gguf'], undefined),
      { ...CHOICE, variables: 'inTerminal' },
    );
    assert.equal(
      snippet?.text,
      "hf download acme/phi '--include=m-*-of-00002.gguf' --revision=abc123 --local-dir ./phi\n".replace(
        '--revision=abc123',
        "'--revision=abc123'",
      ) + 'llama-cli --model ./phi/m-00001-of-00002.gguf\n',
    );
    assert.ok(snippet.explanation.some((sentence) => sentence.includes('other.gguf')));
  });

  it('warns of a model that brings code of its own, and does not run it', () => {
    const [snippet] = codeSnippets(
      TARGET,
      modelUses(['config.json'], config({ model_type: 'x', auto_map: {} })),
      CHOICE,
    );
    assert.doesNotMatch(snippet?.text ?? '', /trust_remote_code/);
    assert.ok(snippet?.explanation.some((sentence) => sentence.includes('trust_remote_code=True')));
  });
});
