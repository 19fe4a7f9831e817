import { isAlias, parseAllDocuments, stringify, visit } from 'yaml';

const SCOPES: readonly unknown[] = ['read_packages', 'write_packages', 'delete_packages'];
const LIST_MATCHERS = ['in', 'not_in'];
const SCALAR_MATCHERS = ['equals', 'not_equals'];

/** What is wrong with a policy: https://buildkite.com/docs/package-registries/security/oidc */
interface BrokenPolicy {
  readonly error: string;
}

/** A policy comes as YAML or as a list of statements, and is kept as YAML. */
export function policyIn(value: unknown): { readonly policy: string } | BrokenPolicy {
  try {
    const statements = typeof value === 'string' ? parsed(value) : value;
    if (!Array.isArray(statements)) throw new Error('must be a list of statements');
    statements.forEach(checkStatement);
    return { policy: typeof value === 'string' ? value : stringify(value) };
  } catch (error) {
    return { error: `OIDC policy ${(error as Error).message}` };
  }
}

/** Scalars, maps and lists only. */
function parsed(text: string): unknown {
  const [document, ...more] = parseAllDocuments(text);
  if (document === undefined || more.length > 0) throw new Error('must be one YAML document');
  if (document.errors.length > 0) throw new Error('is not valid YAML');
  visit(document, {
    Node(_key, node) {
      if (isAlias(node) || node.anchor !== undefined) throw new Error('must not have anchors or aliases');
      if (node.tag !== undefined) throw new Error('must not have tags');
    },
  });
  return document.toJS();
}

/** The examples of the REST API leave the scopes out; where they are there, they must be some of those that there are. */
function checkStatement(statement: unknown): void {
  const { iss, scopes, claims } = map(statement, 'must be a list of statements');
  if (typeof iss !== 'string') throw new Error('must have an issuer in every statement');
  if (scopes !== undefined && !(Array.isArray(scopes) && scopes.every((scope) => SCOPES.includes(scope)))) {
    throw new Error(`may grant the scopes ${SCOPES.join(', ')} only`);
  }
  for (const rule of Object.values(map(claims, 'must have claims in every statement'))) {
    if (!isScalar(rule)) checkRule(map(rule, 'must have matchers in every claim rule'));
  }
}

function checkRule(rule: Readonly<Record<string, unknown>>): void {
  for (const [matcher, argument] of Object.entries(rule)) {
    const isList = Array.isArray(argument) && argument.every(isScalar);
    const fits = LIST_MATCHERS.includes(matcher)
      ? isList
      : SCALAR_MATCHERS.includes(matcher)
        ? isScalar(argument)
        : matcher === 'matches' && [argument].flat().every((glob) => typeof glob === 'string');
    if (!fits) throw new Error(`must not have the matcher ${matcher} with that argument`);
  }
}

function map(value: unknown, otherwise: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(otherwise);
  return value as Readonly<Record<string, unknown>>;
}

function isScalar(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
