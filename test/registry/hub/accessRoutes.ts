import { hasScope } from '../access.ts';
import type { Token } from '../state.ts';
import { repositoryOf, type HubCall } from './call.ts';
import { HubRefusal } from './refusal.ts';

export async function whoAmI({ exchange, caller }: HubCall): Promise<void> {
  if (caller.kind !== 'user') throw new HubRefusal(401, 'Invalid username or password.');
  const { user, token } = caller;
  const organizations = exchange.state
    .organizations()
    .filter(({ slug }) => token.organizations?.includes(slug) ?? true)
    .filter(({ slug }) => token.hub?.organizations === undefined || slug in token.hub.organizations);
  await exchange.answerJson(200, {
    type: 'user',
    id: user.id,
    name: user.email.split('@')[0],
    fullname: user.name,
    email: user.email,
    emailVerified: true,
    isPro: false,
    orgs: organizations.map(({ id, slug, name }) => ({
      type: 'org',
      id,
      name: slug,
      fullname: name,
      ...(token.hub && { roleInOrg: token.hub.organizations?.[slug] ?? 'admin' }),
    })),
    auth: authOf(token),
  });
}

/** A browser's login tells when it ends, and of no access token. */
function authOf(token: Token): object {
  const role = token.hub?.role;
  if (role?.kind === 'oauth') {
    return { type: 'app_token_as_user', expiresAt: role.expiresAt ?? new Date(Date.now() + 8 * 3_600_000) };
  }
  const accessToken = {
    displayName: token.description,
    role: role?.kind ?? (hasScope(token, 'write_packages') ? 'write' : 'read'),
    createdAt: token.createdAt,
  };
  if (role?.kind !== 'fineGrained') return { type: 'access_token', accessToken };
  const scoped = role.writes.map((name) => ({
    entity: { _id: '0'.repeat(24), name, type: name.includes('/') ? 'model' : 'org' },
    permissions: ['repo.content.read', 'repo.write'],
  }));
  const fineGrained = { scoped, global: [], canReadGatedRepos: role.readsGated === true };
  return { type: 'access_token', accessToken: { ...accessToken, fineGrained } };
}

/** That the caller may use the model in the route's way: whoever may not was refused before. */
export async function authCheck(call: HubCall): Promise<void> {
  repositoryOf(call);
  await call.exchange.answer(200, { 'content-type': 'text/plain; charset=utf-8' }, 'OK');
}
