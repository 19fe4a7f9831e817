import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import {
  assignCmd,
  quoteCmd,
  quotePosix,
  quotePowerShell,
  quotePowerShellArgument,
  quotePython,
} from '../../../src/core/shells/quoting.ts';
import { quoteInPipeline } from '../../../src/core/hosts/buildkite/buildInstructions.ts';
import { visibleLine } from '../../../src/core/visibleText.ts';
import {
  interpolated,
  programArguments,
  readCmd,
  readPowerShellString,
  startedByPowerShell,
} from './grammars.ts';
import { anyText } from '../../setup/anyText.ts';

const HOSTILE = [
  ...Array.from(' \'"\\`$!%^&|;<>(){}[]*?~#=:-+@,.aé日🤗‘’‛“”'),
  ...['%PATH%', '%PATH:a=b%', '%PATH:~1%', '$HOME', '$(id)', '!!', '\\\\"', '&&', 'é'],
];

/** Any text that is seen, and no half of a surrogate pair. Biased to what shells care about. */
const anyValue = fc.oneof(
  anyText().map(visibleLine),
  fc.array(fc.constantFrom(...HOSTILE)).map((parts) => parts.join('')),
);

const PRINT = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';

/** What a program receives when `command` is typed at that shell. */
const SHELLS = [
  { program: 'sh', quote: quotePosix, feed: ['-c'] },
  { program: 'dash', quote: quotePosix, feed: ['-c'] },
  { program: 'bash', quote: quotePosix, feed: ['-c'] },
  // Interactive: history expansion is on.
  { program: 'bash', quote: quotePosix, feed: ['--noediting', '--norc', '-i'] },
  { program: 'zsh', quote: quotePosix, feed: ['-f', '-c'] },
  { program: 'zsh', quote: quotePosix, feed: ['-f', '-o', 'rcquotes', '-c'] },
  { program: 'fish', quote: quotePosix, feed: ['--no-config', '-c'] },
].filter(({ program }) => isHere(program));

describe('Quoting for shells', () => {
  it('has a POSIX shell to test with', () => {
    assert.ok(SHELLS.some(({ quote }) => quote === quotePosix));
  });

  for (const { program, quote, feed } of SHELLS) {
    it(`hands any value through ${[program, ...feed].join(' ')}`, () => {
      fc.assert(
        fc.property(fc.array(anyValue, { maxLength: 60, minLength: 1 }), (values) => {
          const command = [process.execPath, '-e', PRINT, '--', ...values].map(quote).join(' ');
          assert.deepEqual(received(program, feed, command), values);
        }),
        { numRuns: 15, examples: [[["\\'; id; '", '\\\\', '^a^b^', '']]] },
      );
    });
  }

  it('leaves ordinary words of a command as they are', () => {
    for (const word of ['hf', '--revision', './phi-3.5_mini', 'https://packages.example/acme/models', '.']) {
      assert.equal(quotePosix(word), word);
      assert.equal(quoteCmd(word), word);
    }
    for (const word of ['hf', 'huggingface-cli', '--local-dir', 'acme/phi']) {
      assert.equal(quotePowerShellArgument(word), word);
    }
  });

  it('writes a PowerShell string that means the value, typographic quotes included', () => {
    assert.equal(quotePowerShell('it’s $HOME'), "'it’’s $HOME'");
    fc.assert(
      fc.property(anyValue, (value) => assert.equal(readPowerShellString(quotePowerShell(value)), value)),
    );
  });

  it('hands any value from PowerShell to a program', () => {
    assert.equal(quotePowerShellArgument('say "hi" C:\\my dir\\'), String.raw`'"say \"hi\" C:\my dir\\"'`);
    fc.assert(
      fc.property(fc.array(anyValue), (values) => {
        const words = values.map((value) => readPowerShellWord(quotePowerShellArgument(value)));
        assert.deepEqual(programArguments(startedByPowerShell(words)), values);
      }),
    );
  });

  it('hands any value of one line from cmd to a program', () => {
    assert.equal(quoteCmd('R&D 50'), '"R&D 50"');
    assert.equal(quoteCmd('%PATH%'), '^"^%PATH^%^"');
    assert.equal(quoteCmd('say "hi" & go'), String.raw`^"say \^"hi\^" ^& go^"`);
    fc.assert(
      fc.property(fc.array(anyValue), (values) => {
        const [command = '', ...more] = readCmd(values.map(quoteCmd).join(' '));
        assert.deepEqual(more, []);
        assert.deepEqual(programArguments(command), values);
      }),
    );
  });

  it('sets any value of one line in cmd', () => {
    assert.equal(assignCmd('HF_TOKEN', '<your-token>'), '"HF_TOKEN=<your-token>"');
    fc.assert(
      fc.property(anyValue, (value) => {
        const [first = '', second] = readCmd(`set ${assignCmd('NAME', value)} & next`);
        // `set` takes what stands between the first quote and the last one.
        assert.equal(/^set "(.*)" *$/su.exec(first)?.[1], `NAME=${value}`);
        assert.equal(second?.trim(), 'next');
      }),
    );
  });

  it('hands any value through the interpolation of a pipeline, and then through sh', () => {
    assert.equal(quoteInPipeline('$HOME \\$x'), "'$$HOME '\\\\'$$x'");
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 60, minLength: 1 }), (values) => {
        const command = [process.execPath, '-e', PRINT, '--', ...values].map(quoteInPipeline).join(' ');
        assert.deepEqual(received('sh', ['-c'], interpolated(command)), values);
      }),
      { numRuns: 15, examples: [[['\\$HOME', '\\\\$HOME', '$', '\\', "'$(id)", '$$', "\\'$x"]]] },
    );
  });

  it('writes a string of Python that means the value', function () {
    const python = ['python3', 'python'].find((program) => spawnSync(program, ['-c', '']).status === 0);
    if (python === undefined) {
      process.stderr.write('\n*** NOT TESTED: there is no Python here.\n\n');
      return;
    }
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 60, minLength: 1 }), (values) => {
        const program = `import json, sys\nsys.stdout.write(json.dumps([${values.map(quotePython).join(', ')}]))\n`;
        const output = execFileSync(python, ['-'], {
          input: program,
          encoding: 'utf8',
          env: { PYTHONUTF8: '1' },
        });
        assert.deepEqual(JSON.parse(output), values);
      }),
      { numRuns: 10 },
    );
  });
});

function isHere(program: string): boolean {
  return spawnSync(program, ['-c', 'exit 0']).status === 0;
}

function received(program: string, feed: readonly string[], command: string): unknown {
  const once = feed.at(-1) === '-c';
  const output = execFileSync(program, once ? [...feed, command] : feed, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', HOME: '/nonexistent' },
    input: once ? '' : `${command}\n`,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return JSON.parse(output);
}

function readPowerShellWord(word: string): string {
  return word.startsWith("'") ? readPowerShellString(word) : word;
}
