import assert from 'node:assert/strict';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { buildInstructions, oidcPolicy } from '../../../../src/core/hosts/buildkite/buildInstructions.ts';
import { globMatches, holds } from '../../../../src/core/hosts/buildkite/oidcMatchers.ts';
import { oidcLanguage } from '../../../../src/core/hosts/buildkite/oidcLanguage.ts';
import { parseOidcPolicy } from '../../../../src/core/hosts/buildkite/oidcPolicy.ts';
import type { BuildTarget } from '../../../../src/core/hosts/service.ts';
import { policyIn } from '../../../registry/buildkite/oidcPolicyRules.ts';

/** The documentation's own longer example, with names of ours. */
const EXAMPLE = `- iss: https://agent.buildkite.com
  scopes:
    - read_packages
    - write_packages
  claims:
    organization_slug:
      equals: acme
    pipeline_slug:
      in:
        - train
        - release
    build_branch:
      matches:
        - main
        - feature/*
      not_equals: feature/not-this-one

- iss: https://token.actions.githubusercontent.com
  scopes:
    - delete_packages
  claims:
    repository:
      matches: acme/*
    actor:
      in:
        - deploy-bot
`;

const statement = (
  claims: string,
  scopes = '[read_packages, write_packages]',
  iss = 'https://agent.buildkite.com',
) => `- iss: ${iss}\n  scopes: ${scopes}\n  claims: ${claims}\n`;

describe('The OIDC policy of a registry, as text', () => {
  it('is read with its statements, rules and matchers', () => {
    const { statements, problems } = parseOidcPolicy(EXAMPLE);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      statements.map(({ issuer, scopes }) => [issuer, scopes]),
      [
        ['https://agent.buildkite.com', ['read_packages', 'write_packages']],
        ['https://token.actions.githubusercontent.com', ['delete_packages']],
      ],
    );
    assert.deepEqual(statements[0]?.rules, [
      { claim: 'organization_slug', matchers: [{ kind: 'equals', value: 'acme' }] },
      { claim: 'pipeline_slug', matchers: [{ kind: 'in', values: ['train', 'release'] }] },
      {
        claim: 'build_branch',
        matchers: [
          { kind: 'matches', globs: ['main', 'feature/*'] },
          { kind: 'not_equals', value: 'feature/not-this-one' },
        ],
      },
    ]);
    const json = JSON.stringify([
      { iss: 'https://agent.buildkite.com', scopes: [], claims: { organization_slug: 'x' } },
    ]);
    assert.equal(parseOidcPolicy(json).statements.length, 1);
  });

  it('has no problem where it is the one that the instructions offer', () => {
    const written = oidcPolicy({ ...TARGET, buildBranch: 'release/*' });
    assert.ok(written.kind === 'written');
    assert.deepEqual(parseOidcPolicy(written.text).problems, []);
  });

  const ORG = 'organization_slug: acme';
  for (const [text, at, severity, words] of [
    ['iss: x', 'iss: x', 'error', /list of statements/],
    ['- iss: [', '', 'error', /no YAML/],
    ['- a\n---\n- b\n', '', 'error', /no YAML/],
    [`- just text`, 'just text', 'error', /iss, scopes, claims/],
    ['[]', '[]', 'warning', /lets nobody in/],
    [statement(`{${ORG}}`).replace('iss:', 'issuer:'), 'issuer', 'error', /“issuer” is not known/],
    [`- scopes: [read_packages]\n  claims: {${ORG}}`, 'scopes', 'error', /iss is missing/],
    [`- iss: https://agent.buildkite.com\n  claims: {${ORG}}`, 'iss', 'warning', /under “scopes”/],
    ['- iss: https://agent.buildkite.com\n  scopes: [read_packages]', 'iss', 'error', /claims is missing/],
    [
      statement(`{${ORG}}`, undefined, 'agent.buildkite.com'),
      'agent.buildkite.com',
      'error',
      /is an address/,
    ],
    [
      statement(`{${ORG}}`, undefined, 'https://agent.buildkite.com/'),
      'https://agent.buildkite.com/',
      'warning',
      /It is called https/,
    ],
    [
      statement(`{${ORG}}`, undefined, 'https://ci.example'),
      'https://ci.example',
      'warning',
      /Buildkite’s support/,
    ],
    [
      statement(`{${ORG}}`, undefined, 'https://oidc.circleci.com/org/$ORG'),
      'https://oidc',
      'warning',
      /at CircleCI/,
    ],
    [statement(`{${ORG}}`, 'read_packages'), 'read_packages', 'error', /are a list/],
    [statement(`{${ORG}}`, '[write_registries]'), 'write_registries', 'error', /only scopes/],
    [statement(`{${ORG}}`, '[]'), '[]', 'warning', /may do nothing/],
    [statement('[organization_slug]'), '[organization_slug]', 'error', /rules by the names/],
    [statement('{pipeline_slug: train}'), 'claims', 'warning', /everybody’s builds.*organization_slug/],
    [
      statement('{actor: me}', undefined, 'https://token.actions.githubusercontent.com'),
      'claims',
      'warning',
      /everybody’s builds/,
    ],
    [statement(`{${ORG}, build_brunch: main}`), 'build_brunch', 'warning', /no claim “build_brunch”/],
    [statement(`{${ORG}, build_branch: [main]}`), '[main]', 'error', /below “in:”/],
    [statement(`{${ORG}, build_branch: {is: main}}`), 'is', 'error', /“is” is not known/],
    [statement(`{${ORG}, build_branch: {equals: [main]}}`), '[main]', 'error', /takes one value/],
    [statement(`{${ORG}, build_branch: {in: main}}`), 'main', 'error', /takes a list/],
    [statement(`{${ORG}, build_branch: {in: [[main]]}}`), '[main]', 'error', /a text, a number/],
    [statement(`{${ORG}, build_branch: {matches: [1]}}`), '1', 'error', /Quote what is text/],
    [statement(`{${ORG}, build_branch: feature/*}`), 'feature/*', 'warning', /Only “matches” knows/],
    [
      statement(`{${ORG}, build_branch: {equals: main, not_equals: main}}`),
      'build_branch',
      'warning',
      /fits no token/,
    ],
    [
      statement(`{${ORG}, build_branch: {in: [a, b], not_in: [b, a]}}`),
      'build_branch',
      'warning',
      /fits no token/,
    ],
    [statement(`{${ORG}, build_branch: }`), 'build_branch', 'warning', /no value/],
    [statement(`{${ORG}, build_tag: 1.10}`), '1.10', 'warning', /is a text/],
    [statement(`{${ORG}, build_number: "7"}`), '"7"', 'warning', /is a number/],
    [
      statement(`{${ORG}, agent_tag:x: yes}`.replace('agent_tag:x', '"agent_tag:x"')),
      'yes',
      'warning',
      /Quote it/,
    ],
    [statement(`{organization_slug: &a acme, pipeline_slug: *a }`), 'acme', 'error', /no anchors/],
    [statement(`{organization_slug: !!str acme}`), 'acme', 'error', /no tags/],
    [statement(`{${ORG}, ${ORG}}`), '', 'error', /no YAML/],
  ] as const) {
    it(`is said to have a problem: ${text.trim().split('\n').at(-1)} (${words.source})`, () => {
      const found = oidcLanguage.problems(text).find(({ message }) => words.test(message));
      assert.ok(found, JSON.stringify(oidcLanguage.problems(text)));
      assert.equal(found.severity, severity);
      assert.ok(text.slice(found.start).startsWith(at), text.slice(found.start, found.end));
    });
  }

  it('is taken by the local registry wherever it has no error here, and refused where its shape has one', () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const anything = fc.oneof(scalar, fc.array(scalar), fc.dictionary(fc.string(), scalar));
    const kind = fc.constantFrom('equals', 'not_equals', 'in', 'not_in', 'matches', 'is');
    const policy = fc.array(
      fc.record(
        {
          iss: fc.constantFrom('https://agent.buildkite.com', 'https://ci.example'),
          scopes: fc.array(fc.constantFrom('read_packages', 'write_packages', 'admin')),
          claims: fc.dictionary(
            fc.constantFrom('organization_slug', 'build_branch', 'other'),
            fc.oneof(scalar, fc.dictionary(kind, anything)),
          ),
        },
        { requiredKeys: ['iss', 'claims'] },
      ),
    );
    fc.assert(
      fc.property(policy, (value) => {
        const text = stringify(value, { aliasDuplicateObjects: false });
        const isTaken = 'policy' in policyIn(text);
        const errors = oidcLanguage.problems(text).filter(({ severity }) => severity === 'error');
        // An empty rule is taken there, and hardly meant.
        if (errors.length === 0 || !errors.every(({ message }) => message.includes('A rule is one value'))) {
          assert.equal(errors.length === 0, isTaken, `${text}\n${JSON.stringify(errors)}`);
        }
      }),
    );
  });

  it('is read to its end whatever it is, with every problem inside the text', () => {
    const piece = fc.constantFrom(
      '- ',
      'iss: ',
      '\n',
      '  ',
      'claims:',
      '&a ',
      '*a',
      '!!x ',
      '[',
      '{',
      '"',
      '\0',
      '\t',
      '---',
      '💥',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          for (const { start, end } of oidcLanguage.problems(text)) {
            assert.ok(start >= 0 && start <= end && end <= text.length + 1);
          }
          for (let offset = 0; offset <= text.length; offset += 1) {
            for (const { start, end } of oidcLanguage.completions(text, offset)) {
              assert.ok(start >= 0 && start <= end && end === offset);
            }
          }
        },
      ),
    );
    assert.equal(oidcLanguage.problems('['.repeat(30_000))[0]?.severity, 'error');
    assert.equal(oidcLanguage.problems('x'.repeat(300_000))[0]?.severity, 'error');
  });

  it('begins with comments alone, of which the example has no problem', () => {
    const text = oidcLanguage.beginning({ organization: 'acme', slug: 'models' });
    assert.ok(oidcLanguage.isEmpty(text));
    assert.ok(!oidcLanguage.isEmpty(EXAMPLE));
    const lines = text.split('\n').filter((line) => /^# ( |- )/.test(line));
    const example = lines.map((line) => line.slice(2)).join('\n');
    assert.deepEqual(parseOidcPolicy(example).problems, []);
    assert.equal(parseOidcPolicy(example).statements.length, 1);
  });
});

describe('What can be written in an OIDC policy', () => {
  /** @param text with `|` where the cursor is */
  const offered = (text: string) => {
    const offset = text.indexOf('|');
    return oidcLanguage.completions(text.replace('|', ''), offset).map(({ label }) => label);
  };
  const HEAD = '- iss: https://agent.buildkite.com\n';

  for (const [where, text, expected] of [
    ['a statement at the margin', '|', ['- iss:']],
    ['the keys that are missing', `${HEAD}  |`, ['scopes', 'claims']],
    ['the keys that are missing, above others', `- |\n  claims:\n    a: b\n`, ['iss', 'scopes']],
    [
      'issuers',
      '- iss: |',
      [
        'https://agent.buildkite.com',
        'https://token.actions.githubusercontent.com',
        'https://oidc.circleci.com/org/$ORG',
      ],
    ],
    [
      'scopes that are not there yet',
      `${HEAD}  scopes:\n    - read_packages\n    - |`,
      ['write_packages', 'delete_packages'],
    ],
    [
      'scopes, indented like their key',
      `${HEAD}  scopes:\n  - wr|`,
      ['read_packages', 'write_packages', 'delete_packages'],
    ],
    [
      'scopes without their dash',
      `${HEAD}  scopes:\n    |`,
      ['read_packages', 'write_packages', 'delete_packages'],
    ],
    [
      'matchers',
      `${HEAD}  claims:\n    build_branch:\n      |`,
      ['equals', 'not_equals', 'in', 'not_in', 'matches'],
    ],
    ['nothing in a value', `${HEAD}  claims:\n    build_branch: |`, []],
    ['nothing in a list of values', `${HEAD}  claims:\n    build_branch:\n      in:\n        - |`, []],
    ['nothing in a comment', `${HEAD}  # |`, []],
    ['a statement below another one', `${HEAD}  claims:\n    a: b\n|`, ['- iss:']],
  ] as const) {
    it(`is ${where}`, () => assert.deepEqual(offered(text), expected));
  }

  it('is the claims of the issuer that are not there yet', () => {
    const claims = offered(`${HEAD}  claims:\n    organization_slug: acme\n    |`);
    assert.ok(claims.includes('pipeline_slug') && claims.includes('build_branch'));
    assert.ok(!claims.includes('organization_slug') && !claims.includes('repository'));
    const github = offered('- claims:\n    re|\n  iss: https://token.actions.githubusercontent.com\n');
    assert.ok(github.includes('repository') && !github.includes('pipeline_slug'));
    assert.deepEqual(offered('- iss: https://ci.example\n  claims:\n    |'), []);
  });

  it('takes the place of the word that was begun', () => {
    const text = `${HEAD}  scopes:\n    - wri`;
    const [first] = oidcLanguage.completions(text, text.length);
    assert.ok(first);
    assert.equal(text.slice(first.start, first.end), 'wri');
  });
});

const TARGET: BuildTarget = {
  endpoint: 'https://packages.buildkite.com/acme/models/huggingface',
  organization: 'acme',
  registry: 'models',
  model: 'acme/phi',
  pipeline: 'train',
  buildBranch: 'main',
};

describe('Whether a policy lets a build publish', () => {
  const admission = (policy: string | undefined, target: Partial<BuildTarget> = {}) =>
    buildInstructions.admission(policy, { ...TARGET, ...target });
  const ORG = 'organization_slug: acme';

  for (const [name, policy, target, kind, words] of [
    ['no policy', undefined, {}, 'denied', /has no OIDC policy/],
    ['comments alone', '# later\n', {}, 'denied', /has no OIDC policy/],
    ['no statement', '[]', {}, 'denied', /no statement for builds of Buildkite/],
    ['a broken one', '- iss: [', {}, 'unknown', /cannot be read/],
    ['the long example', EXAMPLE, {}, 'allowed', /statement 1/],
    [
      'another pipeline',
      EXAMPLE,
      { pipeline: 'test' },
      'denied',
      /pipeline_slug has to be train \| release, and is test/,
    ],
    ['another branch', EXAMPLE, { buildBranch: 'dev' }, 'denied', /build_branch has to be main \| feature/],
    ['a branch that is excluded', EXAMPLE, { buildBranch: 'feature/not-this-one' }, 'denied', /build_branch/],
    [
      'another organization',
      EXAMPLE,
      { organization: 'umbrella' },
      'denied',
      /organization_slug has to be acme/,
    ],
    ['no pipeline named', EXAMPLE, { pipeline: undefined }, 'unknown', /depends on pipeline_slug/],
    ['any branch', EXAMPLE, { buildBranch: undefined }, 'unknown', /depends on build_branch/],
    [
      'branches of which one is excluded',
      EXAMPLE,
      { buildBranch: 'feature/*' },
      'unknown',
      /depends on build_branch/,
    ],
    [
      'branches of a pattern',
      statement(`{${ORG}, build_branch: {matches: "feature/*"}}`),
      { buildBranch: 'feature/a*' },
      'allowed',
      /statement 1/,
    ],
    [
      'branches of a wider pattern',
      statement(`{${ORG}, build_branch: {matches: "feature/?"}}`),
      { buildBranch: 'feature/*' },
      'unknown',
      /build_branch/,
    ],
    [
      'branches outside of a value',
      statement(`{${ORG}, build_branch: main}`),
      { buildBranch: 'feature/*' },
      'denied',
      /build_branch/,
    ],
    [
      'another step',
      statement(`{${ORG}, step_key: deploy}`),
      {},
      'denied',
      /step_key has to be deploy, and is publish-model/,
    ],
    [
      'what only runs tell',
      statement(`{${ORG}, build_source: ui}`),
      {},
      'unknown',
      /depends on build_source/,
    ],
    [
      'a claim that has to be asked for',
      statement(`{${ORG}, queue_key: gpu}`),
      {},
      'denied',
      /queue_key has to be gpu, and is not in the token/,
    ],
    [
      'reading alone',
      statement(`{${ORG}}`, '[read_packages]'),
      {},
      'denied',
      /statement 1 is the first that fits, and grants read_packages/,
    ],
    [
      'reading first',
      statement(`{${ORG}}`, '[read_packages]') + statement(`{${ORG}}`),
      {},
      'denied',
      /statement 1/,
    ],
    [
      'reading perhaps first',
      statement(`{${ORG}, build_source: ui}`, '[read_packages]') + statement(`{${ORG}}`),
      {},
      'unknown',
      /build_source/,
    ],
    [
      'enough perhaps first',
      statement(`{${ORG}, build_source: ui}`) + statement(`{${ORG}}`),
      {},
      'allowed',
      /./,
    ],
    [
      'no scopes',
      `- iss: https://agent.buildkite.com\n  claims: {${ORG}}`,
      {},
      'unknown',
      /does not say what it may do/,
    ],
    [
      'another issuer',
      statement('{repository: acme/a}', undefined, 'https://token.actions.githubusercontent.com'),
      {},
      'denied',
      /no statement for builds/,
    ],
  ] as const) {
    it(`is said of ${name}`, () => {
      const { kind: found, sentence } = admission(policy, target);
      assert.equal(found, kind, sentence);
      assert.match(sentence, words);
    });
  }

  it('is so for the policy that the instructions offer for the same build', () => {
    const branch = fc.constantFrom('main', 'release/*', 'a?', 'x y', undefined);
    const slug = fc.stringMatching(/^[a-z0-9-]{1,9}$/);
    fc.assert(
      fc.property(slug, slug, branch, (organization, pipeline, buildBranch) => {
        const target = { ...TARGET, organization, pipeline, buildBranch };
        const written = oidcPolicy(target);
        assert.ok(written.kind === 'written');
        assert.equal(admission(written.text, target).kind, 'allowed', written.text);
      }),
    );
  });

  it('compares as the documentation says', () => {
    assert.ok(!holds({ kind: 'equals', value: '7' }, 7));
    assert.ok(holds({ kind: 'matches', globs: ['a*'] }, 7), 'not applied to numbers');
    assert.ok(holds({ kind: 'not_in', values: ['a'] }, null));
    assert.ok(globMatches('release/*', 'release/'));
    assert.ok(globMatches('*', 'a/b/c'));
    assert.ok(globMatches('v?', 'v💥'));
    assert.ok(!globMatches('v?', 'v'));
    assert.ok(!globMatches('a.c', 'abc'));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.') });
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*', '?'), maxLength: 6 });
    fc.assert(
      fc.property(glob, text, (pattern, value) => {
        const body = Array.from(pattern).map(
          (one) => ({ '*': '[^]*', '?': '[^]' })[one] ?? `\\u{${one.codePointAt(0)?.toString(16)}}`,
        );
        assert.equal(globMatches(pattern, value), new RegExp(`^${body.join('')}$`, 'u').test(value));
      }),
    );
    assert.ok(!globMatches(`${'*a'.repeat(200)}b`, 'a'.repeat(5000)));
  });
});
