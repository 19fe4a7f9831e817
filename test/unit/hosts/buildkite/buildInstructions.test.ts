import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { parse, parseDocument } from 'yaml';
import {
  buildInstructions,
  oidcPolicy,
  pipelineStep,
} from '../../../../src/core/hosts/buildkite/buildInstructions.ts';
import type { BuildTarget } from '../../../../src/core/hosts/service.ts';
import type { Written } from '../../../../src/core/shells/commandText.ts';
import { interpolated } from '../../shells/grammars.ts';

const TARGET: BuildTarget = {
  endpoint: 'https://packages.buildkite.com/acme/models/huggingface',
  organization: 'acme',
  registry: 'models',
  model: 'acme/phi',
  pipeline: 'publish-model',
  buildBranch: 'main',
};

const AUDIENCE = 'https://packages.buildkite.com/acme/models';

interface Step {
  readonly key: string;
  readonly command: string;
  readonly branches?: string;
  readonly retry: unknown;
}

/** What was written; there has to be something. */
function textOf(written: Written): string {
  assert(written.kind === 'written');
  return written.text;
}

/** The step as the agent has it once the pipeline is uploaded. */
function uploaded(target: BuildTarget, client: Parameters<typeof pipelineStep>[1] = 'hf'): Step {
  const { steps } = parse(textOf(pipelineStep(target, client))) as { readonly steps: readonly Step[] };
  assert.equal(steps.length, 1);
  const [step] = steps;
  assert(step);
  return {
    ...step,
    command: interpolated(step.command),
    ...(step.branches === undefined ? {} : { branches: interpolated(step.branches) }),
  };
}

describe('The pipeline step', () => {
  it('asks for a token of the registry right before the upload', () => {
    const { command, key, branches } = uploaded(TARGET);
    assert.equal(key, 'publish-model');
    assert.equal(branches, 'main');
    assert.deepEqual(command.split('\n'), [
      'set -euo pipefail',
      `export HF_ENDPOINT=${TARGET.endpoint}`,
      'export HF_HUB_DISABLE_XET=1',
      `HF_TOKEN="$(buildkite-agent oidc request-token --audience ${AUDIENCE} --lifetime 300)"`,
      'export HF_TOKEN',
      'hf upload acme/phi . --commit-message "Build ${BUILDKITE_BUILD_NUMBER} of ${BUILDKITE_PIPELINE_SLUG}, commit ${BUILDKITE_COMMIT}"',
      '',
    ]);
  });

  it('is for a client that an agent can have', () => {
    assert.equal(buildInstructions.clientFor('python'), 'hf');
    assert.equal(buildInstructions.clientFor('curl'), 'hf');
    assert.match(
      uploaded(TARGET, 'model-registries').command,
      /^model-registries publish \. --hub https:\S+ --model acme\/phi --message "Build/m,
    );
  });

  it('names what has to be replaced', () => {
    const [step, policy] = buildInstructions.snippets(
      { ...TARGET, model: undefined, pipeline: undefined },
      'hf',
    );
    assert.match(step?.text ?? '', /'<namespace>\/<model>'/);
    assert.ok(step?.explanation.some((sentence) => sentence.includes('<namespace>/<model>')));
    assert.match(policy?.text ?? '', /<pipeline>/);
    assert.ok(policy?.explanation.some((sentence) => sentence.includes('<pipeline>')));
  });

  describe('run by an agent', () => {
    let folder = '';

    before(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'pipeline-'));
      const write = (name: string, source: string) => {
        writeFileSync(path.join(folder, name), `#!${process.execPath}\n${source}\n`);
        chmodSync(path.join(folder, name), 0o755);
      };
      const print = (values: string) =>
        `require('node:fs').writeFileSync(require('node:path').join(__dirname, 'received'), JSON.stringify(${values}));`;
      write(
        'buildkite-agent',
        `process.stdout.write(process.argv.slice(2).join(' ') === ${JSON.stringify(
          `oidc request-token --audience ${AUDIENCE} --lifetime 300`,
        )} && !process.env.REFUSE ? 'the.oidc.token\\n' : (process.exitCode = 1, ''));`,
      );
      write('hf', print('[process.env.HF_TOKEN, process.env.HF_ENDPOINT, ...process.argv.slice(2)]'));
    });
    after(() => rmSync(folder, { recursive: true }));
    beforeEach(function () {
      if (spawnSync('bash', ['-c', 'exit 0']).status !== 0) this.skip();
      rmSync(path.join(folder, 'received'), { force: true });
    });

    const environment = () => ({
      PATH: `${folder}${path.delimiter}${process.env.PATH ?? ''}`,
      LC_ALL: 'C.UTF-8',
      HOME: folder,
      BUILDKITE_BUILD_NUMBER: '42',
      BUILDKITE_PIPELINE_SLUG: 'publish-model',
      BUILDKITE_COMMIT: 'abc',
    });
    const received = () => JSON.parse(readFileSync(path.join(folder, 'received'), 'utf8')) as string[];

    it('gives the client its token, and the number of the build', () => {
      execFileSync('bash', ['-e', '-c', uploaded(TARGET).command], { env: environment() });
      assert.deepEqual(received(), [
        'the.oidc.token',
        TARGET.endpoint,
        'upload',
        'acme/phi',
        '.',
        '--commit-message',
        'Build 42 of publish-model, commit abc',
      ]);
    });

    it('uploads nothing where the agent gets no token', () => {
      const { status } = spawnSync('bash', ['-e', '-c', uploaded(TARGET).command], {
        env: { ...environment(), REFUSE: '1' },
      });
      assert.notEqual(status, 0);
      assert.throws(received, /ENOENT/);
    });

    it('gives the client exactly the values, through YAML, interpolation and bash', () => {
      const hostile = [
        `my "model"'s $HOME; \`id\` & 100% \\ é 🤗 second! $$ \${X:-y} $(id)`,
        '\\$HOME \\\\$HOME \\\\\\$HOME',
        "'$x'",
        ' leading   blanks  ',
        '# comment: - yes',
      ];
      const value = fc.oneof(
        fc.constantFrom(...hostile),
        fc
          .array(fc.constantFrom(...Array.from(' \'"\\`$!%^&|;<>(){}[]*?~#:-é日🤗')))
          .map((parts) => parts.join('')),
      );
      fc.assert(
        fc.property(value, value, (message, localFolder) => {
          const { command } = uploaded({ ...TARGET, message, localFolder: `./${localFolder}` });
          execFileSync('bash', ['-e', '-c', command], { env: environment() });
          assert.deepEqual(received().slice(2), [
            'upload',
            'acme/phi',
            `./${localFolder}`,
            `--commit-message=${message}`,
          ]);
        }),
        { numRuns: 40, examples: hostile.map((one) => [one, one] as [string, string]) },
      );
    });
  });
});

describe('The OIDC policy', () => {
  it('lets builds of one pipeline and branch read and write packages, and no others', () => {
    assert.deepEqual(parse(textOf(oidcPolicy(TARGET))), [
      {
        iss: 'https://agent.buildkite.com',
        scopes: ['read_packages', 'write_packages'],
        claims: {
          organization_slug: 'acme',
          pipeline_slug: { in: ['publish-model'] },
          build_branch: { equals: 'main' },
        },
      },
    ]);
  });

  it('matches a pattern of branches as one', () => {
    const claims = (buildBranch: string | undefined) =>
      (parse(textOf(oidcPolicy({ ...TARGET, buildBranch }))) as [{ claims: Record<string, unknown> }])[0]
        .claims;
    assert.deepEqual(claims('release/*').build_branch, { matches: ['release/*'] });
    assert.equal('build_branch' in claims(undefined), false);
  });

  it('is plain YAML whatever the names are: no tags, no anchors, and strings stay strings', () => {
    for (const name of [
      'yes',
      '1e3',
      '0o7',
      '12:34',
      '*a',
      '&a',
      '!a',
      'a: b',
      '- a',
      '# a',
      '2024-01-01',
      '~',
      '',
      '"',
      "it's",
    ]) {
      const text = textOf(oidcPolicy({ ...TARGET, pipeline: name, organization: name }));
      for (const version of ['1.1', '1.2'] as const) {
        const document = parseDocument(text, { version });
        assert.deepEqual(document.errors, []);
        const [statement] = document.toJS() as [
          { claims: { organization_slug: unknown; pipeline_slug: unknown } },
        ];
        assert.equal(statement.claims.organization_slug, name);
        assert.deepEqual(statement.claims.pipeline_slug, { in: [name] });
      }
      assert.doesNotMatch(text, /^\s*[\w]+: [&!*]/m);
    }
  });
});
