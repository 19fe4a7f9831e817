import * as l10n from '@vscode/l10n';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parse,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import type { PolicyProblem, TextSpan } from '../policies.ts';
import { holds, type Matcher, MATCHER_KINDS, type PolicyScalar } from './oidcMatchers.ts';
import {
  AGENT_ISSUER,
  AGENT_TAG_BEGINNING,
  CIRCLECI_ISSUER_BEGINNING,
  claimsOf,
  ISSUERS,
  OWNER_CLAIMS,
  POLICY_SCOPES,
} from './oidcTokens.ts';

/** What a token's claim has to satisfy. */
export interface ClaimRule {
  readonly claim: string;
  readonly matchers: readonly Matcher[];
}

/** Whose tokens may do what. */
export interface PolicyStatement {
  readonly issuer: string;
  /** undefined where none are named: what that grants is not documented. */
  readonly scopes: readonly string[] | undefined;
  readonly rules: readonly ClaimRule[];
}

interface ParsedPolicy {
  /** In their order, of which the first that fits a token counts; only of use where no problem is an error. */
  readonly statements: readonly PolicyStatement[];
  /** In the order of the text. */
  readonly problems: readonly PolicyProblem[];
}

/** UTF-16 units of a policy, at most. Those of people have some hundred. */
const LONGEST = 200_000;

/** Reads a policy: https://buildkite.com/docs/package-registries/security/oidc#define-an-oidc-policy-for-a-registry */
export function parseOidcPolicy(text: string): ParsedPolicy {
  const whole = { start: 0, end: text.length };
  const unreadable = (message: string): ParsedPolicy => ({
    statements: [],
    problems: [{ severity: 'error', message, ...whole }],
  });
  if (text.length > LONGEST) return unreadable(l10n.t('No policy is that long.'));
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  } catch (error) {
    // Lists within lists, until the stack ends.
    if (!(error instanceof RangeError)) throw error;
    return unreadable(l10n.t('It is nested too deep.'));
  }
  return new PolicyReader(document).read();
}

/** Whether it holds nothing but comments. */
export function isEmptyPolicy(text: string): boolean {
  return text.split(/\r\n?|\n/).every((line) => /^\s*(#.*)?$/.test(line));
}

/** One reading of one text. */
class PolicyReader {
  readonly #document: Document.Parsed;
  readonly #problems: PolicyProblem[] = [];

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  read(): ParsedPolicy {
    const { contents, errors } = this.#document;
    for (const { message, pos } of errors) {
      this.#say('error', spanOf(pos), l10n.t('This is no YAML: {0}', message));
    }
    if (errors.length === 0) this.#refuseComplexYaml();
    const statements = errors.length === 0 ? this.#statements(contents) : [];
    return { statements, problems: this.#problems.toSorted((one, other) => one.start - other.start) };
  }

  #refuseComplexYaml(): void {
    visit(this.#document, {
      Node: (_key, node) => {
        const span = spanOf(node.range);
        if (isAlias(node) || node.anchor !== undefined) {
          this.#say('error', span, l10n.t('A policy takes no anchors and aliases. Write it out.'));
        } else if (node.tag !== undefined) {
          this.#say('error', span, l10n.t('A policy takes no tags.'));
        }
      },
    });
  }

  #statements(contents: Node | null): readonly PolicyStatement[] {
    if (contents === null || (isScalar(contents) && contents.value === null)) return [];
    if (!isSeq(contents)) {
      this.#say(
        'error',
        spanOf(contents.range),
        l10n.t('A policy is a list of statements. Begin each of them with “- iss:”.'),
      );
      return [];
    }
    const span = spanOf(contents.range);
    if (contents.items.length === 0) this.#say('warning', span, l10n.t('No statement lets nobody in.'));
    return contents.items.flatMap((item) => this.#statement(item as Node, span));
  }

  #statement(node: Node | null, parent: TextSpan): readonly PolicyStatement[] {
    const span = spanOf(node?.range, parent);
    if (!isMap(node)) {
      this.#say('error', span, l10n.t('A statement has the keys {0}.', 'iss, scopes, claims'));
      return [];
    }
    const fields = this.#fields(node, ['iss', 'scopes', 'claims']);
    const head = node.items[0] ? this.#keySpan(node.items[0]) : span;
    const issuer = this.#issuer(fields.get('iss'), head);
    const scopes = this.#scopes(fields.get('scopes'), head);
    const rules = this.#claims(fields.get('claims'), issuer, head);
    return issuer === undefined ? [] : [{ issuer, scopes, rules }];
  }

  /** The pairs of a map by their keys; others than `known` are refused. */
  #fields(map: YAMLMap, known: readonly string[]): ReadonlyMap<string, Pair> {
    const fields = new Map<string, Pair>();
    for (const pair of map.items) {
      const key = keyOf(pair);
      if (known.includes(key)) fields.set(key, pair);
      else
        this.#say(
          'error',
          this.#keySpan(pair),
          l10n.t('“{0}” is not known here, only {1}.', key, known.join(', ')),
        );
    }
    return fields;
  }

  #issuer(pair: Pair | undefined, statement: TextSpan): string | undefined {
    if (!pair) {
      this.#say(
        'error',
        statement,
        l10n.t('The statement does not say whose tokens it is for: {0} is missing.', 'iss'),
      );
      return undefined;
    }
    const span = this.#valueSpan(pair);
    const value = isScalar(pair.value) ? pair.value.value : undefined;
    if (typeof value !== 'string' || !/^https:\/\/[^\s/?#]+/.test(value)) {
      this.#say('error', span, l10n.t('An issuer is an address, such as {0}.', AGENT_ISSUER));
      return undefined;
    }
    const isCircle = value.startsWith(CIRCLECI_ISSUER_BEGINNING);
    if (isCircle && /^\$|^$/.test(value.slice(CIRCLECI_ISSUER_BEGINNING.length))) {
      this.#say('warning', span, l10n.t('The name of your organization at CircleCI stands at the end.'));
    } else if (!isCircle && !ISSUERS.some((known) => known.value === value)) {
      const near = ISSUERS.find((known) => known.value === value.toLowerCase().replace(/\/+$/, ''))?.value;
      this.#say(
        'warning',
        span,
        near === undefined
          ? l10n.t(
              'Tokens of this issuer are not taken, unless Buildkite’s support allowed it. Those of {0} are.',
              ISSUERS.map(({ name }) => name).join(', '),
            )
          : l10n.t('The issuer is compared as it stands. It is called {0}.', near),
      );
    }
    return value;
  }

  #scopes(pair: Pair | undefined, statement: TextSpan): readonly string[] | undefined {
    const all = POLICY_SCOPES.join(', ');
    if (!pair) {
      this.#say('warning', statement, l10n.t('Say what the tokens may do, under “scopes”: {0}.', all));
      return undefined;
    }
    const span = this.#valueSpan(pair);
    if (!isSeq(pair.value)) {
      this.#say('error', span, l10n.t('The scopes are a list of these: {0}.', all));
      return undefined;
    }
    if (pair.value.items.length === 0)
      this.#say('warning', span, l10n.t('Without a scope a token may do nothing.'));
    return pair.value.items.flatMap((item) => {
      const node = item as Node | null;
      const scope: unknown = isScalar(node) ? node.value : undefined;
      if (POLICY_SCOPES.some((known) => known === scope)) return [scope as string];
      this.#say('error', spanOf(node?.range, span), l10n.t('The only scopes are {0}.', all));
      return [];
    });
  }

  #claims(pair: Pair | undefined, issuer: string | undefined, statement: TextSpan): readonly ClaimRule[] {
    if (!pair) {
      this.#say(
        'error',
        statement,
        l10n.t('The statement does not say which tokens it is for: {0} is missing.', 'claims'),
      );
      return [];
    }
    if (!isMap(pair.value)) {
      this.#say(
        'error',
        this.#valueSpan(pair),
        l10n.t('The claims are rules by the names of claims, such as “pipeline_slug: train”.'),
      );
      return [];
    }
    const rules = pair.value.items.map((rule) => this.#rule(rule, issuer));
    const owners = issuer === undefined ? undefined : OWNER_CLAIMS[issuer];
    if (owners && !rules.some(({ claim }) => owners.includes(claim))) {
      const message = l10n.t(
        'This lets in everybody’s builds, and not only yours: add a rule for {0}.',
        owners[0] ?? '',
      );
      this.#say('warning', this.#keySpan(pair), message);
    }
    return rules;
  }

  #rule(pair: Pair, issuer: string | undefined): ClaimRule {
    const claim = keyOf(pair);
    this.#lookAtClaim(claim, issuer, this.#keySpan(pair));
    const matchers = this.#matchers(pair, claim, issuer);
    const candidates = candidatesOf(matchers);
    if (candidates && !candidates.some((value) => matchers.every((matcher) => holds(matcher, value)))) {
      this.#say(
        'warning',
        this.#keySpan(pair),
        l10n.t('Nothing satisfies all of this: the statement fits no token.'),
      );
    }
    return { claim, matchers };
  }

  #lookAtClaim(claim: string, issuer: string | undefined, span: TextSpan): void {
    if (issuer !== AGENT_ISSUER || claim.startsWith(AGENT_TAG_BEGINNING)) return;
    const known = claimsOf(issuer)?.find(({ name }) => name === claim);
    if (!known)
      this.#say('warning', span, l10n.t('The tokens of Buildkite’s agents have no claim “{0}”.', claim));
  }

  #matchers(pair: Pair, claim: string, issuer: string | undefined): readonly Matcher[] {
    const span = this.#valueSpan(pair);
    const value = pair.value as Node | null;
    if (value === null || isScalar(value)) {
      const scalar = this.#scalar(value, claim, issuer, span);
      return scalar === undefined ? [] : [{ kind: 'equals', value: scalar }];
    }
    if (!isMap(value) || value.items.length === 0) {
      this.#say(
        'error',
        span,
        l10n.t(
          'A rule is one value, or has these matchers: {0}. For several values, write them below “in:”.',
          MATCHER_KINDS.join(', '),
        ),
      );
      return [];
    }
    return [...this.#fields(value, MATCHER_KINDS)].flatMap(([kind, matcher]) =>
      this.#matcher(kind as Matcher['kind'], matcher, claim, issuer),
    );
  }

  #matcher(kind: Matcher['kind'], pair: Pair, claim: string, issuer: string | undefined): readonly Matcher[] {
    const span = this.#valueSpan(pair);
    const node = pair.value as Node | null;
    const isList = isSeq(node);
    if (kind === 'matches') return this.#matches(isList ? (node.items as (Node | null)[]) : [node], span);
    const wantsList = kind === 'in' || kind === 'not_in';
    if (wantsList !== isList || (!isList && node !== null && !isScalar(node))) {
      this.#say(
        'error',
        span,
        wantsList
          ? l10n.t('“{0}” takes a list of values.', kind)
          : l10n.t('“{0}” takes one value. For several there are “in” and “not_in”.', kind),
      );
      return [];
    }
    const nodes = isList ? (node.items as (Node | null)[]) : [node];
    const values = nodes.flatMap(
      (each) => this.#scalar(each, claim, issuer, spanOf(each?.range, span)) ?? [],
    );
    if (wantsList) {
      if (nodes.length === 0) this.#say('warning', span, l10n.t('The list is empty.'));
      return [{ kind, values: nodes.length === values.length ? values : [] }];
    }
    const [value = null] = values;
    return [{ kind, value }];
  }

  #matches(nodes: readonly (Node | null)[], span: TextSpan): readonly Matcher[] {
    const globs = nodes.flatMap((node) => {
      if (isScalar(node) && typeof node.value === 'string') return [node.value];
      this.#say(
        'error',
        spanOf(node?.range, span),
        l10n.t('“matches” takes texts, in which * and ? stand for others. Quote what is text.'),
      );
      return [];
    });
    return [{ kind: 'matches', globs }];
  }

  /** A value that a claim is compared with exactly; undefined where it is none. */
  #scalar(
    node: Node | null,
    claim: string,
    issuer: string | undefined,
    span: TextSpan,
  ): PolicyScalar | undefined {
    if (node === null) return this.#nothing(span);
    if (!isScalar(node)) {
      this.#say('error', span, l10n.t('A value is a text, a number, true, false or null.'));
      return undefined;
    }
    const { value } = node;
    if (value === null && node.source === '') return this.#nothing(span);
    if (
      value === null ||
      typeof value === 'boolean' ||
      typeof value === 'number' ||
      typeof value === 'string'
    ) {
      this.#lookAtValue(node as Scalar<PolicyScalar>, claim, issuer, span);
      return value;
    }
    this.#say('error', span, l10n.t('A value is a text, a number, true, false or null.'));
    return undefined;
  }

  #nothing(span: TextSpan): null {
    this.#say('warning', span, l10n.t('There is no value, which fits only claims that are null.'));
    return null;
  }

  #lookAtValue(node: Scalar<PolicyScalar>, claim: string, issuer: string | undefined, span: TextSpan): void {
    const { value, source = '', type } = node;
    const known = claimsOf(issuer)?.find(({ name }) => name === claim);
    if (typeof value === 'string' && /[*?]/.test(value)) {
      this.#say('warning', span, l10n.t('Only “matches” knows * and ?. Here they stand for themselves.'));
    } else if (known?.type === 'number' && typeof value === 'string') {
      this.#say(
        'warning',
        span,
        l10n.t('“{0}” is a number, which no text equals. Take the quotes away.', claim),
      );
    } else if (known?.type === 'text' && (typeof value === 'number' || typeof value === 'boolean')) {
      this.#say('warning', span, l10n.t('“{0}” is a text, which no other value equals. Quote it.', claim));
    } else if (type === 'PLAIN' && isAmbiguous(source, value)) {
      this.#say('warning', span, l10n.t('Not every reader of YAML takes this for the same. Quote it.'));
    }
  }

  #keySpan({ key }: Pair): TextSpan {
    return spanOf((key as Node).range);
  }

  /** Of a value that is not there, its key. */
  #valueSpan(pair: Pair): TextSpan {
    const span = spanOf((pair.value as Node | null)?.range, this.#keySpan(pair));
    return span.start === span.end ? this.#keySpan(pair) : span;
  }

  #say(severity: PolicyProblem['severity'], { start, end }: TextSpan, message: string): void {
    this.#problems.push({ severity, message, start, end });
  }
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : '';
}

function spanOf(
  range: readonly number[] | null | undefined,
  otherwise: TextSpan = { start: 0, end: 0 },
): TextSpan {
  const [start, end] = range ?? [];
  return start === undefined || end === undefined ? otherwise : { start, end };
}

/** The values that a claim can have at all, where a matcher names them. */
function candidatesOf(matchers: readonly Matcher[]): readonly PolicyScalar[] | undefined {
  for (const matcher of matchers) {
    if (matcher.kind === 'equals') return [matcher.value];
    if (matcher.kind === 'in') return matcher.values;
  }
  return undefined;
}

/** Whether YAML 1.1, which many readers follow still, takes an unquoted value for something else than YAML 1.2. */
function isAmbiguous(source: string, value: PolicyScalar): boolean {
  try {
    return parse(source, { version: '1.1', logLevel: 'silent' }) !== value;
  } catch {
    return false;
  }
}
