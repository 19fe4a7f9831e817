import { hasScope } from '../access.ts';
import { repositoryOf, type HubCall } from './call.ts';
import { HubRefusal } from './refusal.ts';

export async function whoAmI({ exchange, caller }: HubCall): Promise<void> {
  if (caller.kind !== 'user') throw new HubRefusal(401, 'Invalid username or password.');
  const { user, token } = caller;
  const organizations = exchange.state
    .organizations()
    .filter(({ slug }) => token.organizations?.includes(slug) ?? true);
  await exchange.answerJson(200, {
    type: 'user',
    id: user.id,
    name: user.email.split('@')[0],
    fullname: user.name,
    email: user.email,
    emailVerified: true,
    isPro: false,
    orgs: organizations.map(({ id, slug, name }) => ({ type: 'org', id, name: slug, fullname: name })),
    auth: {
      type: 'access_token',
      accessToken: {
        displayName: token.description,
        role: hasScope(token, 'write_packages') ? 'write' : 'read',
        createdAt: token.createdAt,
      },
    },
  });
}

/** That the caller may use the model in the route's way: whoever may not was refused before. */
export async function authCheck(call: HubCall): Promise<void> {
  repositoryOf(call);
  await call.exchange.answer(200, { 'content-type': 'text/plain; charset=utf-8' }, 'OK');
}
