import { AccessToken } from '../../core/accessToken.ts';
import { parseEndpoint } from '../../core/endpoint.ts';
import type { HttpClient } from '../../core/http/client.ts';
import { searchModels } from '../../core/hub/modelSearch.ts';
import type { RegistryService } from '../../core/hosts/service.ts';
import { sessionOf, type Session } from '../accounts/sessions.ts';
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
  /** Of the account that is signed in there now, and of nobody where none is: who is refused may sign in, and go on. */
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
  const accounts = () => usableSessions(sessions).filter((one) => one.service.id === service.id);
  return placeAt(service.name, service.endpoints[0], accounts, http);
}

/** @param accounts Those that are signed in there at the time. One of them may be that of nobody, who reads less. */
function placeAt(
  name: string,
  endpoint: URL,
  accounts: () => readonly Pick<Session, 'token'>[],
  http: HttpClient,
): SourcePlace {
  const place: SourcePlace = {
    name,
    endpoint,
    get token() {
      const tokens = accounts().map(({ token }) => token);
      return tokens.find((token) => token.authorizationFor(endpoint) !== undefined) ?? NOBODY;
    },
    find: async (text, signal) => {
      const found = await searchModels({ endpoint, token: place.token, http }, text, signal);
      return found?.map(({ id, isGated }) => ({ model: id, isGated }));
    },
  };
  return place;
}

/** A registry of an account. */
export function registrySource(
  { sessions }: Pick<Services, 'sessions'>,
  { session, registry }: RegistryPlace,
): SourcePlace {
  const account = () => sessionOf(usableSessions(sessions), session.accountId);
  return {
    name: registryName(registry),
    endpoint: session.host.hub(registry).endpoint,
    get token() {
      return account()?.token ?? NOBODY;
    },
    find: async (text, signal) => {
      const wanted = text === '' ? {} : { name: text };
      const { host } = account() ?? session;
      const { items } = await host.listing.models(registry, wanted, signal);
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
  const hub = hubPlaces(services).find((place) => isSameAddress(place.endpoint, endpoint));
  if (hub !== undefined) return hub;
  const accounts = () => usableSessions(services.sessions).filter((session) => reaches(session, endpoint));
  return placeAt(endpoint.host, endpoint, accounts, services.http);
}

/** Whether an address is that of a registry of the account's service. */
function reaches({ host }: Session, endpoint: URL): boolean {
  const [organization, slug] = endpoint.pathname.split('/').slice(-3);
  // That of a hub, which the settings may name no more, holds no names.
  if (!organization || !slug) return false;
  return isSameAddress(host.hub({ organization, slug }).endpoint, endpoint);
}

function isSameAddress(one: URL, other: URL): boolean {
  return one.href.replace(/\/+$/, '') === other.href.replace(/\/+$/, '');
}
