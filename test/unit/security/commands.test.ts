import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CLIENT_IDS } from '../../../src/core/instructions/clients.ts';
import { modelUses } from '../../../src/core/instructions/modelUses.ts';
import { buildInstructions } from '../../../src/core/hosts/buildkite/buildInstructions.ts';
import { publishSteps } from '../../../src/core/instructions/fromHub.ts';
import { type Snippet, snippets } from '../../../src/core/instructions/snippets.ts';
import { codeSnippets } from '../../../src/core/instructions/useInCode.ts';
import { commandForAnyShell } from '../../../src/core/shells/anyShell.ts';
import { SHELL_IDS, shell } from '../../../src/core/shells/shells.ts';
import { programArguments, readCmd } from '../shells/grammars.ts';

/** What a terminal obeys, or a person does not see. Line breaks are ours. */
const UNSEEN = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u200B\u2060\uFEFF]/u;

/** Runs COMMAND when it is pasted: the first character ends the line that is typed, the second runs the next. */
const OBEYED = 'q\u0003\rCOMMAND\r#.gguf';

const pieces = fc.constantFrom(
  ...Array.from('a/.-"\'\\ $`%&|<>()^!;\u0003\r\n\t\u001b\u007f\u0085\u009b\u202e\u2028\u200b'),
);
const value = fc.array(pieces, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));
const values = fc.record({
  model: value,
  revision: value,
  localFolder: value,
  branch: value,
  message: value,
  installFolder: value,
  path: value,
  pipeline: value,
  buildBranch: value,
});

type Values = typeof values extends fc.Arbitrary<infer T> ? T : never;

const ENDPOINT = 'https://packages.buildkite.com/acme/models';

/** Whatever can be copied, for these values, every client and every shell. */
function everySnippet({ path, ...target }: Values): readonly Snippet[] {
  const named = { ...target, endpoint: `${ENDPOINT}/huggingface` };
  return CLIENT_IDS.flatMap((client) =>
    SHELL_IDS.flatMap((id) => {
      const choice = { client, shell: id, variables: 'inCommand' } as const;
      const uses = modelUses([`${path}.gguf`, 'config.json', 'model_index.json'], '{"model_type":"x"}');
      const pipeline = { ...named, organization: 'acme', registry: 'models' };
      return [
        ...snippets(named, choice),
        ...publishSteps({ ...named, source: { ...target, endpoint: 'https://huggingface.co' } }, choice),
        ...codeSnippets(named, uses, choice),
        ...buildInstructions.snippets(pipeline, client),
      ];
    }),
  );
}

describe('Commands that are pasted', () => {
  it('are not made of a file name that a terminal would obey, and it is said of which', () => {
    for (const id of SHELL_IDS) {
      const [llama] = codeSnippets(
        { endpoint: ENDPOINT, model: 'acme/phi' },
        modelUses([OBEYED], undefined),
        { client: 'hf', shell: id, variables: 'inCommand' },
      );
      assert.equal(llama?.text, undefined);
      assert.match(llama?.explanation[0] ?? '', /“q␃␍COMMAND␍#\.gguf” holds characters that are not seen/);
    }
  });

  it('hold no character that is not seen, whatever the values, the client and the shell', () => {
    fc.assert(
      fc.property(values, (hostile) => {
        for (const { text, explanation } of everySnippet(hostile)) {
          if (text === undefined) assert.ok((explanation[0] ?? '').length > 0);
          else assert.doesNotMatch(text, UNSEEN);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are there for names that people give', () => {
    const hostile = 'Größe (1) it’s 日本 🤗';
    const usual: Values = {
      model: 'acme/phi-3',
      revision: 'trial/one',
      localFolder: hostile,
      branch: 'main',
      message: hostile,
      installFolder: hostile,
      path: hostile,
      pipeline: 'publish',
      buildBranch: 'main',
    };
    for (const { id, text, explanation } of everySnippet(usual)) {
      assert.ok(text !== undefined, `${id}: ${explanation[0]}`);
    }
  });

  it('give a batch file, for which cmd reads them twice, exactly the values or are not made', () => {
    const injection = 'a" & echo INJECTED & "b';
    for (const message of [injection, '%CMDCMDLINE:~-1% & echo INJECTED', '100%']) {
      const words = ['model-registries', 'publish', `--message=${message}`] as const;
      for (const id of ['cmd', 'powershell'] as const) {
        const written = shell(id).write({ environment: [], words: [...words] });
        assert.deepEqual(written, { kind: 'unwritable', value: `--message=${message}`, reason: 'readTwice' });
      }
    }
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (words) => {
        const written = shell('cmd').write({ environment: [], words: ['model-registries', ...words] });
        if (written.kind === 'unwritable') return;
        const [once = '', ...others] = readCmd(written.text);
        // What npm's batch file makes of it: https://github.com/npm/cmd-shim
        const [twice = '', ...more] = readCmd(`"node.exe" "cli.js" ${once.slice(once.indexOf(' ') + 1)}`);
        assert.deepEqual([...others, ...more], []);
        assert.deepEqual(programArguments(twice).slice(2), words);
      }),
      { numRuns: 1000 },
    );
  });

  it('stand in a sentence for Windows only where PowerShell and cmd read them alike', () => {
    const usual = 'C:\\Users\\Jürgen Groß\\.cache\\huggingface';
    assert.equal(
      commandForAnyShell(['hf', 'download', 'acme/phi', '--cache-dir', usual], 'win32'),
      `hf download acme/phi --cache-dir "${usual}"`,
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (words) => {
        const text = commandForAnyShell(['hf', ...words], 'win32');
        if (text === undefined) return;
        assert.doesNotMatch(text, /[$`%&|<>()^!;'“”‘’]/);
        const [once = '', ...others] = readCmd(text);
        assert.deepEqual(others, []);
        assert.deepEqual(programArguments(once), ['hf', ...words]);
      }),
      { numRuns: 1000 },
    );
  });
});
