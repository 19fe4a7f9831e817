import { createHash } from 'node:crypto';
import type { Roots } from '../routing.ts';
import type { RegistryToken } from '../registryTokens.ts';
import { slugOf } from '../state.ts';
import type { Organization, Package, Registry, Token, User } from '../state.ts';

/** What the real service calls a Hugging Face package is documented nowhere. */
export type PackageNames =
  /** `name` is `namespace/name`, `version` the commit's SHA. */
  | 'model'
  /** `name` is `namespace/name-<SHA>`, and there is no `version`. */
  | 'modelAndSha';

export function graphqlId(type: string, id: string): string {
  return Buffer.from(`${type}---${id}`).toString('base64');
}

export function accessTokenBody(token: Token, user: User): unknown {
  return {
    uuid: token.uuid,
    scopes: token.scopes,
    description: token.description,
    created_at: spelledOut(token.createdAt),
    expires_at: token.expiresAt === undefined ? null : spelledOut(token.expiresAt),
    user: { email: user.email, name: user.name },
  };
}

/** `2025-07-16 06:07:42 UTC`, which only the access token's dates look like. */
function spelledOut(isoDate: string): string {
  return new Date(isoDate)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}

export function userBody(user: User, roots: Roots): unknown {
  return {
    id: user.id,
    graphql_id: graphqlId('User', user.id),
    name: user.name,
    email: user.email,
    avatar_url: `${roots.web}/avatars/${user.id}`,
    created_at: user.createdAt,
  };
}

export function organizationBody(organization: Organization, roots: Roots): unknown {
  const url = `${roots.api}/organizations/${organization.slug}`;
  return {
    id: organization.id,
    graphql_id: graphqlId('Organization', organization.id),
    url,
    web_url: `${roots.web}/${organization.slug}`,
    name: organization.name,
    slug: organization.slug,
    pipelines_url: `${url}/pipelines`,
    agents_url: `${url}/agents`,
    emojis_url: `${url}/emojis`,
    created_at: organization.createdAt,
  };
}

/** Everybody is in the first. */
export function teamNames({ teams = [] }: Organization): readonly string[] {
  return ['Everyone', ...teams];
}

/** UUID of a team. */
export function teamId(organization: Organization, name: string): string {
  const hash = createHash('sha256').update(`team ${organization.id} ${name}`).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

export function teamBody(organization: Organization, name: string): unknown {
  const id = teamId(organization, name);
  return {
    id,
    graphql_id: graphqlId('Team', id),
    name,
    slug: slugOf(name),
    description: '',
    privacy: 'visible',
    default: name === 'Everyone',
    created_at: organization.createdAt,
    created_by: null,
  };
}

/** Buildkite's own emoji among those that seeded registries have: https://github.com/buildkite/emojis */
export function emojiBodies(roots: Roots): unknown {
  return [
    { name: 'hugging_face', aliases: ['huggingface'] },
    { name: 'python' },
    { name: 'docker' },
    { name: 'buildkite' },
  ].map((emoji) => ({ ...emoji, url: `${roots.web}/emojis/${emoji.name}.png` }));
}

function registryUrls(registry: Registry, roots: Roots): { url: string; web_url: string } {
  const { organization, slug } = registry;
  return {
    url: `${roots.api}/packages/organizations/${organization}/registries/${slug}`,
    web_url: `${roots.web}/organizations/${organization}/packages/registries/${slug}`,
  };
}

export function registryBody(registry: Registry, roots: Roots): unknown {
  return {
    id: registry.id,
    graphql_id: graphqlId('Registry', registry.id),
    slug: registry.slug,
    ...registryUrls(registry, roots),
    name: registry.name,
    ecosystem: registry.ecosystem,
    type: 'source',
    description: registry.description,
    emoji: registry.emoji,
    color: registry.color,
    public: registry.public,
    oidc_policy: registry.oidcPolicy,
    team_ids: registry.teamIds,
  };
}

/** The name a package is shown and filtered by. */
export function packageName(each: Package, registry: Registry, names: PackageNames): string {
  return registry.ecosystem === 'huggingface' && names === 'modelAndSha'
    ? `${each.name}-${each.version}`
    : each.name;
}

function packageUrls(each: Package, registry: Registry, roots: Roots): { url: string; web_url: string } {
  const { url, web_url } = registryUrls(registry, roots);
  return { url: `${url}/packages/${each.id}`, web_url: `${web_url}/packages/${each.id}` };
}

/** A package as one of a list. */
export function packageItemBody(
  each: Package,
  registry: Registry,
  names: PackageNames,
  roots: Roots,
): unknown {
  const name = packageName(each, registry, names);
  return {
    id: each.id,
    ...packageUrls(each, registry, roots),
    name,
    created_at: each.createdAt,
    ...(name === each.name && { version: each.version }),
    digests: each.digests,
  };
}

/** A package by itself: with its organization and registry, and as documented without date and version. */
export function packageBody(
  each: Package,
  registry: Registry,
  organization: Organization,
  names: PackageNames,
  roots: Roots,
): unknown {
  return {
    id: each.id,
    ...packageUrls(each, registry, roots),
    name: packageName(each, registry, names),
    digests: each.digests,
    ...whereBodies(organization, registry, roots),
  };
}

/** Of a registry token; its secret is told once, by the answer to its creation. */
export function registryTokenBody(
  token: RegistryToken,
  registry: Registry,
  organization: Organization,
  creator: User | undefined,
  roots: Roots,
): object {
  return {
    id: token.id,
    graphql_id: graphqlId('RegistryToken', token.id),
    description: token.description,
    url: `${registryUrls(registry, roots).url}/tokens/${token.id}`,
    created_at: token.createdAt,
    created_by: creator && userBody(creator, roots),
    ...whereBodies(organization, registry, roots),
  };
}

/** The organization and the registry that something is in, in their short forms. */
function whereBodies(organization: Organization, registry: Registry, roots: Roots): object {
  return {
    organization: {
      id: organization.id,
      slug: organization.slug,
      url: `${roots.api}/organizations/${organization.slug}`,
      web_url: `${roots.web}/${organization.slug}`,
    },
    registry: {
      id: registry.id,
      graphql_id: graphqlId('Registry', registry.id),
      slug: registry.slug,
      ...registryUrls(registry, roots),
    },
  };
}
