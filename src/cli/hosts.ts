import * as l10n from '@vscode/l10n';
import { AccessToken } from '../core/accessToken.ts';
import { Failure } from '../core/failure.ts';
import { isBuildkite } from '../core/hosts/buildkite/plan.ts';
import { buildkiteServices } from '../core/hosts/buildkite/service.ts';
import type { RegistryHost, RegistryKey } from '../core/hosts/host.ts';
import { hubServices } from '../core/hosts/hub/service.ts';
import type { RegistryService, ServiceKind, ServiceSurroundings } from '../core/hosts/service.ts';
import { apiBeside, organizationAt, registryAt } from './buildkiteRegistry.ts';
import type { HubAccess } from './hubAccess.ts';

/** The service that an address belongs to, with the person's token. */
export interface HostAt {
  readonly host: RegistryHost;
  /** The registry that the address names; undefined where it names a whole service. */
  readonly registry: RegistryKey | undefined;
  /** The organization that the address names; undefined where it names none. */
  readonly organization: string | undefined;
  /** What a token needs to list anything, as a sentence; undefined where each may. */
  readonly needs: string | undefined;
}

/**
 * A kind of service that the terminal can ask for lists: undefined where the address is none of its own.
 *
 * @param api What `--api` names.
 */
type HostKind = (access: HubAccess, api: URL | undefined) => HostAt | undefined;

/** Asked in this order: any address may be a hub. */
const KINDS: readonly HostKind[] = [buildkiteAt, hubAt];

/** The service at the address of a hub. Throws a `Failure` where it needs an address that is not known. */
export function hostAt(access: HubAccess, api: URL | undefined): HostAt {
  for (const kind of KINDS) {
    const found = kind(access, api);
    if (found !== undefined) return found;
  }
  throw new RangeError('Any address may be a hub.');
}

function buildkiteAt(access: HubAccess, api: URL | undefined): HostAt | undefined {
  const { endpoint } = access;
  const registry = registryAt(endpoint);
  if (registry === undefined && api === undefined && !isBuildkite(endpoint)) return undefined;
  const apiUrl = api ?? apiBeside(endpoint);
  if (apiUrl === undefined) {
    throw new Failure(
      'refused',
      l10n.t(
        'Registries like {0} are listed by a REST API, and its address is not known. Name it with --api, such as https://api.buildkite.com/v2.',
        endpoint.href,
      ),
    );
  }
  // No page is opened from a terminal.
  const settings = { apiUrl: apiUrl.href, packagesUrl: endpoint.origin, webUrl: apiUrl.origin };
  return {
    host: opened(buildkiteServices, settings, access),
    registry,
    organization: registry?.organization ?? organizationAt(endpoint),
    needs: l10n.t(
      'Listing takes an API access token with the scopes read_organizations, read_registries and read_packages; a token of a registry reads files alone.',
    ),
  };
}

function hubAt(access: HubAccess): HostAt {
  const { endpoint } = access;
  const hubs = [{ address: endpoint.href, name: endpoint.host }];
  return {
    host: opened(hubServices, { hubs }, access),
    registry: undefined,
    organization: undefined,
    needs: undefined,
  };
}

function opened(
  kind: ServiceKind,
  settings: Readonly<Record<string, unknown>>,
  { token, http }: HubAccess,
): RegistryHost {
  const surroundings: ServiceSurroundings = {
    setting: (name) => settings[name],
    // Nobody signs in here with the login of another program.
    findProgram: () => Promise.resolve(undefined),
    environment: {},
    platform: process.platform,
  };
  const [service] = kind(surroundings);
  if (service === undefined) throw new RangeError('The settings name a service.');
  return service.open(tokenOf(service, token), new Set(), http);
}

/** The token, for all addresses of the service: a person named it by one of them. */
function tokenOf({ endpoints }: RegistryService, token: AccessToken): AccessToken {
  const value = token.reveal();
  return value === '' ? token : new AccessToken(value, [...endpoints]);
}
