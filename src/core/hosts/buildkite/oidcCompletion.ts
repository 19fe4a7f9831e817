import * as l10n from '@vscode/l10n';
import type { PolicyCompletion } from '../policies.ts';
import { MATCHER_KINDS, type Matcher } from './oidcMatchers.ts';
import { AGENT_ISSUER, type Claim, claimsOf, ISSUERS, POLICY_SCOPES } from './oidcTokens.ts';

/** What can be written at a place, before the person's text is taken into account. */
type Offer = Pick<PolicyCompletion, 'kind' | 'label' | 'insert' | 'detail'>;

/** A line of YAML as far as it matters for where one is. */
interface PolicyLine {
  /** Columns of the `-` of its lists. */
  readonly dashes: readonly number[];
  /** Column of what stands after them. */
  readonly column: number;
  /** Undefined where it has none. */
  readonly key: string | undefined;
  readonly value: string;
}

const STATEMENT = `- iss: ${AGENT_ISSUER}
  scopes:
    - read_packages
    - write_packages
  claims:
    organization_slug: 
    pipeline_slug: `;

/** Takes half-written text, which no parser of YAML does: it goes by lines and their indentation. */
export function policyCompletions(text: string, offset: number): readonly PolicyCompletion[] {
  const before = text.slice(0, offset).split('\n');
  const typed = before.at(-1) ?? '';
  if (/(^|\s)#/.test(typed)) return [];
  const word = /[^\s:[\],{}"'-]?[^\s[\],{}"']*$/.exec(typed)?.[0] ?? '';
  const lines = before.slice(0, -1).map(lineOf);
  const after = text.slice(offset).split('\n').slice(1).map(lineOf);
  const span = { start: offset - word.length, end: offset };
  return offers(lineOf(typed), typed, lines, after).map((offer) => ({ ...offer, ...span }));
}

function offers(
  current: PolicyLine,
  typed: string,
  lines: readonly PolicyLine[],
  after: readonly PolicyLine[],
): readonly Offer[] {
  const path = pathOf(current, lines);
  const [top] = path;
  const statement = [...statementOf(lines, current), ...restOfStatement(after)];
  if (current.key !== undefined && /:\s/.test(typed)) {
    return current.key === 'iss' && path.length === 0 ? issuers() : [];
  }
  if (top === undefined) {
    return current.dashes.length === 0 && current.column === 0
      ? [statementOffer()]
      : statementKeys(statement);
  }
  if (top === 'scopes') return scopes(typed, statement, current);
  if (top !== 'claims') return [];
  if (path.length === 1 && current.dashes.length === 0) return claims(statement);
  return path.length === 2 && current.dashes.length === 0 ? matchers() : [];
}

/** The keys that the line stands below, from that of the statement down. */
function pathOf(current: PolicyLine, lines: readonly PolicyLine[]): readonly string[] {
  const path: string[] = [];
  let column = current.dashes[0] ?? current.column;
  let mayShare = current.dashes.length > 0;
  // What begins a statement has its dash at the margin.
  if (column === 0) return [];
  for (const line of lines.toReversed()) {
    if (line.key === undefined) continue;
    const isAbove = line.column < column || (mayShare && line.column === column && line.value === '');
    if (!isAbove) continue;
    path.unshift(line.key);
    column = line.column;
    mayShare = false;
    if (line.dashes.length > 0) break;
  }
  // A key of the statement itself stands below none of its own.
  return path.length === 1 && lines.length > 0 && isStatementLevel(current, lines) ? [] : path;
}

function isStatementLevel(current: PolicyLine, lines: readonly PolicyLine[]): boolean {
  const first = lines.findLast(({ dashes, key }) => dashes[0] === 0 && key !== undefined);
  return first !== undefined && current.dashes.length === 0 && current.column <= first.column;
}

/** The lines of the statement that the current line is in, so far. */
function statementOf(lines: readonly PolicyLine[], current: PolicyLine): readonly PolicyLine[] {
  if (current.dashes[0] === 0) return [current];
  const begins = lines.findLastIndex(({ dashes }) => dashes[0] === 0);
  return [...lines.slice(Math.max(0, begins)), current];
}

function restOfStatement(after: readonly PolicyLine[]): readonly PolicyLine[] {
  const ends = after.findIndex(({ dashes }) => dashes[0] === 0);
  return ends < 0 ? after : after.slice(0, ends);
}

function statementOffer(): Offer {
  return {
    kind: 'statement',
    label: '- iss:',
    insert: STATEMENT,
    detail: l10n.t('lets builds of a pipeline read and write'),
  };
}

function statementKeys(statement: readonly PolicyLine[]): readonly Offer[] {
  const keys = [
    ['iss', 'iss: ', l10n.t('whose tokens')],
    ['scopes', 'scopes:\n  - ', l10n.t('what they may do')],
    ['claims', 'claims:\n  ', l10n.t('which of them')],
  ] as const;
  return keys
    .filter(([key]) => !statement.some((line) => line.key === key))
    .map(([label, insert, detail]) => ({ kind: 'key', label, insert, detail }));
}

function issuers(): readonly Offer[] {
  return ISSUERS.map(({ value, name }) => ({ kind: 'value', label: value, insert: value, detail: name }));
}

function scopes(typed: string, statement: readonly PolicyLine[], current: PolicyLine): readonly Offer[] {
  const isListed = current.dashes.length > 0;
  return POLICY_SCOPES.filter(
    (scope) => !statement.some((line) => line !== current && line.dashes.length > 0 && line.value === scope),
  ).map((scope) => ({
    kind: 'value',
    label: scope,
    insert: isListed || typed.trim() !== '' ? scope : `- ${scope}`,
    detail: undefined,
  }));
}

function claims(statement: readonly PolicyLine[]): readonly Offer[] {
  const issuer = statement.find(({ key }) => key === 'iss')?.value;
  const used = new Set(statement.map(({ key }) => key));
  return (claimsOf(issuer) ?? [])
    .filter(({ name }) => !used.has(name))
    .map((claim) => ({
      kind: 'key',
      label: claim.name,
      insert: `${claim.name}: `,
      detail: claimDetail(claim),
    }));
}

function claimDetail({ presence, example }: Claim): string {
  switch (presence) {
    case 'always':
      return l10n.t('such as {0}', example);
    case 'sometimes':
      return l10n.t('not in every token; such as {0}', example);
    case 'asked':
      return l10n.t('only with --claim; such as {0}', example);
  }
}

const LISTS: readonly Matcher['kind'][] = ['in', 'not_in', 'matches'];

function matchers(): readonly Offer[] {
  const details: Readonly<Record<Matcher['kind'], string>> = {
    equals: l10n.t('exactly this value'),
    not_equals: l10n.t('any but this value'),
    in: l10n.t('one of these values'),
    not_in: l10n.t('none of these values'),
    matches: l10n.t('one of these, with * and ?'),
  };
  return MATCHER_KINDS.map((kind) => ({
    kind: 'key',
    label: kind,
    insert: LISTS.includes(kind) ? `${kind}:\n  - ` : `${kind}: `,
    detail: details[kind],
  }));
}

function lineOf(text: string): PolicyLine {
  const content = text.replace(/(^|\s)#.*$/, '');
  const dashes: number[] = [];
  let column = content.length - content.trimStart().length;
  while (/^-(\s|$)/.test(content.slice(column))) {
    dashes.push(column);
    const rest = content.slice(column + 1);
    column += 1 + rest.length - rest.trimStart().length;
  }
  const words = content.slice(column).trim();
  const { key, value } = /^(?<key>[\w:]+):(?:\s+(?<value>.*))?$/.exec(words)?.groups ?? {};
  return { dashes, column, key, value: unquoted(key === undefined ? words : (value ?? '')) };
}

function unquoted(value: string): string {
  return /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;
}
