import { AccessToken } from '../../../src/core/accessToken.ts';
import type { RegistryHost } from '../../../src/core/hosts/host.ts';
import type { Session } from '../../../src/editor/accounts/sessions.ts';
import type { OrganizationRow } from '../../../src/editor/rows.ts';

/** A session of an account whose host cannot be asked anything. */
export function sessionWithout(accountId = 'account'): Session {
  const unreachable = () => {
    throw new Error('This test asks no server.');
  };
  const host: RegistryHost = {
    id: 'none',
    organizations: unreachable,
    registries: unreachable,
    registry: unreachable,
    versions: unreachable,
    teams: unreachable,
    createRegistry: unreachable,
    describeRegistry: unreachable,
    deleteRegistry: unreachable,
    deleteVersion: unreachable,
    hub: unreachable,
  };
  return {
    accountId,
    label: accountId,
    scopes: new Set(),
    may: () => false,
    token: new AccessToken('none', []),
    host,
  };
}

export function organizationRow(session: Session, slug: string): OrganizationRow {
  return { kind: 'organization', session, organization: { slug, name: slug, webUrl: undefined } };
}
