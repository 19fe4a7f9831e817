import * as l10n from '@vscode/l10n';
import type { Admission } from '../policies.ts';
import type { BuildTarget } from '../service.ts';
import { globMatches, holds, type Matcher, type PolicyScalar } from './oidcMatchers.ts';
import { type ClaimRule, isEmptyPolicy, parseOidcPolicy, type PolicyStatement } from './oidcPolicy.ts';
import { AGENT_CLAIMS, AGENT_ISSUER } from './oidcTokens.ts';

/** What is known of a claim before the build runs. */
type KnownClaim =
  | { readonly kind: 'value'; readonly value: PolicyScalar }
  /** Any text that the glob stands for. */
  | { readonly kind: 'pattern'; readonly glob: string }
  /** The token does not hold it. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'open' };

type Verdict = 'yes' | 'no' | 'open';

/** What publishing takes. */
const NEEDED = ['read_packages', 'write_packages'];

/**
 * Whether a registry's policy lets a build's token publish: the first statement that fits it decides, with its scopes alone.
 * https://buildkite.com/docs/package-registries/security/oidc#define-an-oidc-policy-for-a-registry-policy-structure-and-behavior
 *
 * @param policy The text; undefined where the registry has none.
 * @param stepKey Of the step that asks for the token.
 */
export function admission(policy: string | undefined, target: BuildTarget, stepKey: string): Admission {
  if (policy === undefined || isEmptyPolicy(policy)) {
    return {
      kind: 'denied',
      sentence: l10n.t('Builds cannot publish yet: the registry has no OIDC policy.'),
    };
  }
  const { statements, problems } = parseOidcPolicy(policy);
  if (problems.some(({ severity }) => severity === 'error')) {
    return {
      kind: 'unknown',
      sentence: l10n.t(
        'Whether builds can publish is not known: the OIDC policy of the registry cannot be read here.',
      ),
    };
  }
  const claims = claimsOfBuild(target, stepKey);
  /** Statements before that may fit. */
  const open: { readonly statement: PolicyStatement; readonly number: number }[] = [];
  for (const [index, statement] of statements.entries()) {
    const verdict = statementVerdict(statement, claims);
    if (verdict === 'no') continue;
    open.push({ statement, number: index + 1 });
    if (verdict === 'yes') return decided(open, claims);
  }
  return open.length === 0 ? nothingFits(statements, claims) : dependsOn(open, claims);
}

/** @param reached The statements that may be the first to fit; the last of them fits in any case. */
function decided(
  reached: readonly { readonly statement: PolicyStatement; readonly number: number }[],
  claims: ReadonlyMap<string, KnownClaim>,
): Admission {
  const verdicts = new Set(reached.map(({ statement }) => grants(statement)));
  const [only] = verdicts;
  if (verdicts.size > 1 || only === undefined) return dependsOn(reached, claims);
  const [first] = reached;
  if (only === 'yes') {
    return {
      kind: 'allowed',
      sentence: l10n.t(
        'The OIDC policy in force lets this step publish, by its statement {0}.',
        first?.number ?? 1,
      ),
    };
  }
  const scopes = first?.statement.scopes;
  if (only === 'open' || scopes === undefined) {
    return {
      kind: 'unknown',
      sentence: l10n.t(
        'Statement {0} of the OIDC policy in force fits this step, but does not say what it may do.',
        first?.number ?? 1,
      ),
    };
  }
  return {
    kind: 'denied',
    sentence: l10n.t(
      'The OIDC policy in force does not let this step publish: statement {0} is the first that fits, and grants {1}. Publishing takes {2}.',
      ...[first?.number ?? 1, scopes.join(', ') || l10n.t('nothing'), NEEDED.join(', ')],
    ),
  };
}

function grants({ scopes }: PolicyStatement): Verdict {
  if (scopes === undefined) return 'open';
  return NEEDED.every((scope) => scopes.includes(scope)) ? 'yes' : 'no';
}

function dependsOn(
  open: readonly { readonly statement: PolicyStatement; readonly number: number }[],
  claims: ReadonlyMap<string, KnownClaim>,
): Admission {
  const names = open.flatMap(({ statement }) =>
    statement.rules.filter((rule) => ruleVerdict(rule, claims) === 'open').map(({ claim }) => claim),
  );
  return {
    kind: 'unknown',
    sentence:
      names.length === 0
        ? l10n.t(
            'Whether the OIDC policy in force lets this step publish is not known: some statements name no scopes.',
          )
        : l10n.t(
            'Whether the OIDC policy in force lets this step publish depends on {0}, which this page does not know.',
            shortened([...new Set(names)].join(', ')),
          ),
  };
}

/** Says what the statement asks for that comes closest. */
function nothingFits(
  statements: readonly PolicyStatement[],
  claims: ReadonlyMap<string, KnownClaim>,
): Admission {
  const failing = statements
    .filter(({ issuer }) => issuer === AGENT_ISSUER)
    .map(({ rules }) => rules.filter((rule) => ruleVerdict(rule, claims) === 'no'))
    .sort((one, other) => one.length - other.length);
  const rule = failing[0]?.[0];
  const sentence =
    rule === undefined
      ? l10n.t(
          'The OIDC policy in force does not let this step publish: it has no statement for builds of Buildkite.',
        )
      : l10n.t(
          'The OIDC policy in force does not let this step publish: {0} has to be {1}, and is {2}.',
          ...[rule.claim, wanted(rule), found(claims.get(rule.claim))].map(shortened),
        );
  return { kind: 'denied', sentence };
}

function wanted({ matchers }: ClaimRule): string {
  return matchers
    .map((matcher) => {
      switch (matcher.kind) {
        case 'equals':
          return String(matcher.value);
        case 'not_equals':
          return l10n.t('other than {0}', String(matcher.value));
        case 'in':
          return matcher.values.map(String).join(' | ');
        case 'not_in':
          return l10n.t('none of {0}', matcher.values.map(String).join(', '));
        case 'matches':
          return matcher.globs.join(' | ');
      }
    })
    .join(', ');
}

function found(known: KnownClaim | undefined): string {
  if (known?.kind === 'value') return String(known.value);
  return known?.kind === 'pattern' ? known.glob : l10n.t('not in the token');
}

/** Characters of a value that a sentence repeats. */
const LONGEST_VALUE = 200;

/** A policy may hold anything, at any length. */
function shortened(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

/** A token that the shown step asks for holds no claim that has to be asked for. */
function claimsOfBuild(target: BuildTarget, stepKey: string): ReadonlyMap<string, KnownClaim> {
  const { organization, pipeline, buildBranch } = target;
  const claims = new Map<string, KnownClaim>(
    AGENT_CLAIMS.map(({ name, presence }) => [name, { kind: presence === 'asked' ? 'absent' : 'open' }]),
  );
  claims.set('organization_slug', { kind: 'value', value: organization });
  claims.set('step_key', { kind: 'value', value: stepKey });
  claims.set('aud', { kind: 'value', value: target.endpoint.replace(/\/huggingface$/, '') });
  if (pipeline !== undefined) claims.set('pipeline_slug', { kind: 'value', value: pipeline });
  if (buildBranch !== undefined) {
    const isPattern = /[*?]/.test(buildBranch);
    claims.set(
      'build_branch',
      isPattern ? { kind: 'pattern', glob: buildBranch } : { kind: 'value', value: buildBranch },
    );
  }
  return claims;
}

function statementVerdict(
  { issuer, rules }: PolicyStatement,
  claims: ReadonlyMap<string, KnownClaim>,
): Verdict {
  return issuer === AGENT_ISSUER ? every(rules.map((rule) => ruleVerdict(rule, claims))) : 'no';
}

/** A rule about a claim that the token does not hold is not satisfied, whatever it asks for. */
function ruleVerdict({ claim, matchers }: ClaimRule, claims: ReadonlyMap<string, KnownClaim>): Verdict {
  const known = claims.get(claim) ?? { kind: 'absent' };
  switch (known.kind) {
    case 'absent':
      return 'no';
    case 'open':
      return 'open';
    case 'value':
      return matchers.every((matcher) => holds(matcher, known.value)) ? 'yes' : 'no';
    case 'pattern':
      return every(matchers.map((matcher) => patternVerdict(matcher, known.glob)));
  }
}

/** Whether the matcher holds for all texts that the glob stands for, or for none. */
function patternVerdict(matcher: Matcher, glob: string): Verdict {
  const mayBe = (value: PolicyScalar): boolean => typeof value === 'string' && globMatches(glob, value);
  switch (matcher.kind) {
    case 'equals':
      return mayBe(matcher.value) ? 'open' : 'no';
    case 'not_equals':
      return mayBe(matcher.value) ? 'open' : 'yes';
    case 'in':
      return matcher.values.some(mayBe) ? 'open' : 'no';
    case 'not_in':
      return matcher.values.some(mayBe) ? 'open' : 'yes';
    case 'matches':
      // What takes the glob as a text takes everything that it stands for, as long as only `*` swallows its wildcards.
      return matcher.globs.some(
        (other) => other === glob || (!other.includes('?') && globMatches(other, glob)),
      )
        ? 'yes'
        : 'open';
  }
}

function every(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('no')) return 'no';
  return verdicts.includes('open') ? 'open' : 'yes';
}
