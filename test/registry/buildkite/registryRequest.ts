import type { RegistryChanges, RegistryDetails } from '../state.ts';
import { policyIn } from './oidcPolicyRules.ts';

/** Ecosystems of Buildkite Package Registries; `huggingface` is assumed. */
const ecosystems: readonly string[] = [
  'alpine',
  'container',
  'debian',
  'files',
  'helm',
  'huggingface',
  'java',
  'javascript',
  'nuget',
  'python',
  'redhat',
  'ruby',
  'terraform',
];

/** A request's body that breaks the rules. */
export interface Invalid {
  readonly errors: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** The body of a creation. `teams` are the UUIDs that may be named, and some must be where `needsTeam`. */
export function creation(
  body: unknown,
  teams: readonly string[],
  needsTeam: boolean,
): RegistryDetails | Invalid {
  const errors: string[] = [];
  const fields = fieldsOf(body);
  const changes = changesIn(fields, errors);
  const { ecosystem, team_ids: teamIds } = fields;
  if (fields.name === undefined) errors.push("Name can't be blank");
  if (typeof ecosystem !== 'string' || ecosystem === '') errors.push("Ecosystem can't be blank");
  else if (!ecosystems.includes(ecosystem)) errors.push('Ecosystem is not included in the list');
  if (needsTeam && (teamIds === undefined || (Array.isArray(teamIds) && teamIds.length === 0))) {
    errors.push("Team ids can't be blank");
  }
  const known = (id: unknown): id is string => typeof id === 'string' && teams.includes(id);
  if (teamIds !== undefined && !(Array.isArray(teamIds) && teamIds.every(known))) {
    errors.push('Team ids must be UUIDs of teams of the organization');
  }
  if (errors.length > 0) return { errors };
  return {
    ...changes,
    name: fields.name as string,
    ecosystem: ecosystem as string,
    teamIds: (teamIds ?? []) as readonly string[],
  };
}

/** The body of an update; ecosystem and teams cannot change and are ignored. */
export function update(body: unknown): RegistryChanges | Invalid {
  const errors: string[] = [];
  const changes = changesIn(fieldsOf(body), errors);
  return errors.length > 0 ? { errors } : changes;
}

function fieldsOf(body: unknown): Fields {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Fields) : {};
}

function changesIn(fields: Fields, errors: string[]): RegistryChanges {
  const text = (name: string): string | null | undefined => {
    const value = fields[name];
    if (value === undefined || value === null || typeof value === 'string') return value;
    errors.push(`${name} must be a string`);
    return undefined;
  };
  const name = text('name');
  if (name === null || name?.trim() === '') errors.push("Name can't be blank");
  const color = text('color');
  if (typeof color === 'string' && !/^#[0-9a-f]{6}$/i.test(color)) errors.push('Color is invalid');
  const changes = {
    name,
    description: text('description'),
    emoji: text('emoji'),
    color,
    oidcPolicy: policy(fields.oidc_policy, errors),
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

function policy(value: unknown, errors: string[]): string | null | undefined {
  if (value === undefined || value === null) return value;
  const read = policyIn(value);
  if ('policy' in read) return read.policy;
  errors.push(read.error);
  return undefined;
}
