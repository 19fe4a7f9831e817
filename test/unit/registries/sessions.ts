import { AccessToken } from '../../../src/core/accessToken.ts';
import { buildkiteServices } from '../../../src/core/hosts/buildkite/service.ts';
import type { RegistryHost } from '../../../src/core/hosts/host.ts';
import type { RegistryService } from '../../../src/core/hosts/service.ts';
import type { Session } from '../../../src/editor/accounts/sessions.ts';
import type { OrganizationRow } from '../../../src/editor/rows.ts';

const [nowhere] = buildkiteServices({
  setting: () => 'https://registries.example',
  findProgram: () => Promise.resolve(undefined),
  environment: {},
  platform: process.platform,
}) as [RegistryService];

/** A session of an account whose host cannot be asked anything. */
export function sessionWithout(accountId = 'account'): Session {
  const unreachable = () => {
    throw new Error('This test asks no server.');
  };
  const host: RegistryHost = {
    listing: {
      organizations: unreachable,
      registries: unreachable,
      registry: unreachable,
      models: unreachable,
      versions: unreachable,
    },
    hub: unreachable,
    may: () => false,
  };
  return {
    accountId,
    service: nowhere,
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
