import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { inProse } from '../../../src/core/instructions/prose.ts';
import { type SharedVersion, teammateText } from '../../../src/core/instructions/teammate.ts';
import { anyText } from '../../setup/anyText.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const VERSION: SharedVersion = {
  endpoint: 'https://packages.buildkite.com/acme/models/huggingface',
  registry: 'acme/models',
  model: 'acme/phi-3',
  commit: COMMIT,
  message: "Fix the tokenizer's vocabulary (#12)\n\nMore.",
  size: '2.3 GB',
  page: new URL('https://buildkite.com/organizations/acme/packages/registries/models/1?x=1'),
  uses: [
    {
      kind: 'transformers',
      modelClass: 'AutoModelForCausalLM',
      preprocessor: 'AutoTokenizer',
      ownCode: false,
    },
  ],
  wayToToken: 'Create one at https://buildkite.com/user/api-access-tokens/new',
};

const written = (version: Partial<SharedVersion>): string => {
  const text = teammateText({ ...VERSION, ...version });
  assert.equal(text.kind, 'written', JSON.stringify(text));
  return text.text;
};

const HOSTILE = [
  '`touch obeyed`',
  '$(touch obeyed)',
  '; touch obeyed; | touch obeyed & touch obeyed',
  "' ; touch obeyed ; '",
  '> obeyed',
  '[click](https://evil.example)',
  '![](https://evil.example/pixel.png)',
  '<img src=https://evil.example>',
  '<!channel> @here @everyone',
  '**bold** __bold__ ~~gone~~',
  'https://evil.example',
  '\\n```\ntouch obeyed',
];

const strange = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE, ...Array.from('`$;|&<>()[]{}!*_~#@\'"\\/ \n')), anyText()))
  .map((parts) => parts.join(''));

/** What Markdown makes of it, besides code as it is: tags by their names. */
function obeyedByMarkdown(text: string): readonly string[] {
  const tokens = new MarkdownIt({ html: true, linkify: true }).parse(text, {});
  return tokens
    .flatMap((token) => [token, ...(token.children ?? [])])
    .filter(
      ({ type }) =>
        !/^(?:inline|text|softbreak|fence|(?:paragraph|bullet_list|list_item)_(?:open|close))$/.test(type),
    )
    .map(({ type, attrs, content }) => `${type} ${JSON.stringify(attrs)} ${content}`);
}

describe('A text for a teammate', () => {
  it('says what it is, where, how it is installed and loaded, and where a token comes from', () => {
    const text = written({});
    for (const line of [
      '- Model: acme/phi-3',
      '- Registry: acme/models',
      `- Version: ${COMMIT}`,
      '- Message: Fix the tokenizer’s vocabulary （＃12）',
      '- Size: 2.3 GB',
      '- Address: https://buildkite.com/organizations/acme/packages/registries/models/1',
      `hf download acme/phi-3 --revision ${COMMIT} --local-dir ./phi-3`,
      `    hf download acme/phi-3 --revision '${COMMIT}' --local-dir './phi-3'`,
      'model = AutoModelForCausalLM.from_pretrained(folder)',
      `In place of “your-token” put a token that may read it. ${VERSION.wayToToken}`,
    ]) {
      assert.ok(text.split('\n').includes(line), `${line}\n\nis not in\n\n${text}`);
    }
    assert.equal(text.split("'<your-token>'").length, 3);
  });

  it('leaves out what is not known, and loads by the library that loads any', () => {
    const text = written({ commit: undefined, message: ' ', size: undefined, page: undefined, uses: [] });
    assert.doesNotMatch(text, /Version|Message|Size|--revision|undefined/);
    assert.match(
      text,
      /^- Address: https:\/\/packages\.buildkite\.com\/acme\/models\/huggingface\/acme\/phi-3$/m,
    );
    assert.match(text, /snapshot_download/);
    const file = { path: 'a.gguf', parts: 'a.gguf' };
    assert.doesNotMatch(written({ uses: [{ kind: 'llama.cpp', file, others: [] }] }), /gguf/);
  });

  it('is Markdown in which nothing of a stranger is more than text', () => {
    const ours = obeyedByMarkdown(written({})).length;
    // The two pages, which are meant to be links.
    assert.equal(ours, obeyedByMarkdown(written({ message: 'Plain' })).length);
    fc.assert(
      fc.property(strange, strange, (message, registry) => {
        const found = obeyedByMarkdown(written({ message, registry }));
        assert.equal(found.length, ours, found.join('\n'));
      }),
      { examples: HOSTILE.map((text) => [text, text]) },
    );
  });

  it('runs nothing of a stranger in a shell that all of it is pasted into', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'teammate-'));
    try {
      const messages = [...HOSTILE, ...fc.sample(strange, { numRuns: 40, seed: 1 })];
      for (const shell of ['sh', 'bash', 'zsh', 'fish']) {
        if (spawnSync(shell, ['-c', 'exit 0']).status !== 0) continue;
        // Line by line, as a prompt takes them.
        const prose = messages.map((message) => written({ message }).split('\n').slice(0, 6).join('\n'));
        spawnSync(shell, [], {
          cwd: folder,
          input: prose.join('\n'),
          env: { PATH: '/usr/bin:/bin', HOME: folder },
        });
        assert.deepEqual(
          readdirSync(folder).filter((name) => name.includes('obeyed')),
          [],
          shell,
        );
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is not made of names that would end a block of code or are not seen, and it is said of which', () => {
    for (const model of ['acme/`id`', 'acme/\\', 'acme/phi\u0003', 'acme/phi\n```\nid', '-x/y']) {
      const text = teammateText({ ...VERSION, model });
      assert.equal(text.kind, 'unwritable');
      assert.match(text.sentence, /acme|-x\/y/);
    }
  });

  it('cuts a message that is long', () => {
    assert.equal(inProse('a'.repeat(200)), `${'a'.repeat(100)}…`);
    assert.equal(inProse('\nsnake_case is _kept_\nsecond'), 'snake_case is ＿kept＿');
  });
});
