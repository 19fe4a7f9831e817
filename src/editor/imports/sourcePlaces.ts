import { AccessToken } from '../../core/accessToken.ts';
import { parseEndpoint } from '../../core/endpoint.ts';
import type { HttpClient } from '../../core/http/client.ts';
import { searchModels } from '../../core/hub/modelSearch.ts';
import type { RegistryService } from '../../core/hosts/service.ts';
import { usableSessions } from '../accounts/usableSessions.ts';
import type { RegistryPlace } from '../places.ts';
import type { Services } from '../services.ts';
import { registryName } from '../wording.ts';

/** A model that a hub lists. */
export interface FoundModel {
  readonly model: string;
  readonly isGated: boolean;
}

/** A hub or a registry that a model may come from, and the token that reads it. */
export interface SourcePlace {
  /** What people call it. */
  readonly name: string;
  /** What `HF_ENDPOINT` would hold. */
  readonly endpoint: URL;
  /** Of nobody, where no account of it is signed in. */
  readonly token: AccessToken;
  /** Some of its models whose names hold `text`; undefined where it lists none. Throws a `Failure`. */
  find(text: string, signal: AbortSignal): Promise<readonly FoundModel[] | undefined>;
}

/** Authorizes nothing. */
const NOBODY = new AccessToken('', []);

/** The hubs that the settings name, each with its own account where one is signed in. */
export function hubPlaces(
  services: Pick<Services, 'registryServices' | 'sessions' | 'http'>,
): readonly SourcePlace[] {
  return services.registryServices.all
    .filter(({ anonymous }) => anonymous === true)
    .map((service) => hubPlace(service, services));
}

function hubPlace(
  service: RegistryService,
  { sessions, http }: Pick<Services, 'sessions' | 'http'>,
): SourcePlace {
  const session = usableSessions(sessions).find((one) => one.service.id === service.id);
  return placeAt(service.name, service.endpoints[0], session?.token ?? NOBODY, http);
}

function placeAt(name: string, endpoint: URL, token: AccessToken, http: HttpClient): SourcePlace {
  return {
    name,
    endpoint,
    token,
    find: async (text, signal) => {
      const found = await searchModels({ endpoint, token, http }, text, signal);
      return found?.map(({ id, isGated }) => ({ model: id, isGated }));
    },
  };
}

/** A registry of an account. */
export function registrySource({ session, registry }: RegistryPlace): SourcePlace {
  const { endpoint, token } = session.host.hub(registry);
  return {
    name: registryName(registry),
    endpoint,
    token,
    find: async (text, signal) => {
      const wanted = text === '' ? {} : { name: text };
      const { items } = await session.host.listing.models(registry, wanted, signal);
      return items.map(({ model, access }) => ({ model, isGated: access === 'gated' }));
    },
  };
}

/** The place at an address that was written down; without an account of it where none is signed in. */
export function rememberedSource(
  services: Pick<Services, 'registryServices' | 'sessions' | 'http'>,
  address: string,
): SourcePlace | undefined {
  const endpoint = parseEndpoint(address);
  if (endpoint === undefined) return undefined;
  const isThere = (other: URL): boolean =>
    other.href.replace(/\/+$/, '') === endpoint.href.replace(/\/+$/, '');
  const hub = hubPlaces(services).find((place) => isThere(place.endpoint));
  if (hub !== undefined) return hub;
  const [organization = '', slug = ''] = endpoint.pathname.split('/').slice(-3);
  const session = usableSessions(services.sessions).find(({ host }) =>
    isThere(host.hub({ organization, slug }).endpoint),
  );
  return placeAt(endpoint.host, endpoint, session?.token ?? NOBODY, services.http);
}
