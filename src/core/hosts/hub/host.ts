import type { AccessToken } from '../../accessToken.ts';
import type { HttpClient } from '../../http/client.ts';
import type { RegistryHost } from '../host.ts';
import { HUGGING_FACE, type HubDescriptor } from './descriptors.ts';
import type { HubServer } from './access.ts';
import { hubListing } from './listing.ts';
import { namespaceOf } from './namespaces.ts';
import { HubRequests } from './requests.ts';
import { mayDo } from './scopes.ts';
import { namespacesOf, type Whoami } from './whoami.ts';

interface HubHostOptions {
  readonly descriptor: HubDescriptor;
  readonly server: HubServer;
  readonly whoami: Whoami;
  /** Bound to the origin of the address; of nobody, where it authorizes nothing there. */
  readonly token: AccessToken;
  /** What the token may do. */
  readonly scopes: ReadonlySet<string>;
  readonly http: HttpClient;
}

/** A Hub with one account's token, or with nobody's. */
export function createHubHost({
  descriptor,
  server,
  whoami,
  token,
  scopes,
  http,
}: HubHostOptions): RegistryHost {
  const { address: endpoint, createFirst, newModels, revision, revisions, modelIdSegments } = descriptor;
  // Artifactory and Harness are such, and hash what they get later.
  const { lateEtag = revisions === 'release' } = descriptor;
  const isSignedIn = token.authorizationFor(endpoint) !== undefined;
  const requests = new HubRequests({ endpoint, token, http });
  return {
    listing: hubListing({
      descriptor,
      requests,
      server,
      async namespaces(signal) {
        const answer = isSignedIn ? await whoami.known(token, http, signal) : undefined;
        return answer ? namespacesOf(answer) : [];
      },
    }),
    hub(registry) {
      const namespace = namespaceOf(descriptor, registry);
      return {
        ...{ endpoint, token, createFirst, revision, revisions, modelIdSegments },
        traits: { xet: endpoint.href === HUGGING_FACE.href, lateEtag },
        ...(newModels && { newModels }),
        ...(namespace !== undefined && { namespace }),
      };
    },
    may: (action) => isSignedIn && mayDo(action, scopes),
  };
}
