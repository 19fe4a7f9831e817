import * as l10n from '@vscode/l10n';
import type { RegistryService, ServiceSurroundings } from '../service.ts';
import { HUBS_SETTING, hubDescriptors, type HubDescriptor } from './descriptors.ts';
import { createHubHost } from './host.ts';
import { HubServer } from './access.ts';
import { signInTo } from './signIn.ts';
import { Whoami } from './whoami.ts';

/**
 * The Hugging Face Hub, and servers that speak its API, as the setting `hubs` names them; the Hub alone where it names
 * none. Throws a `refused` failure where it holds something else.
 */
export function hubServices(surroundings: ServiceSurroundings): readonly RegistryService[] {
  return hubDescriptors(surroundings).map((descriptor) => hubService(descriptor, surroundings));
}

function hubService(descriptor: HubDescriptor, surroundings: ServiceSurroundings): RegistryService {
  const { address, name } = descriptor;
  const whoami = new Whoami(address);
  const server = new HubServer();
  return {
    id: `hub:${address.href.replace(/\/+$/, '')}`,
    name,
    endpoints: [address],
    webUrl: address,
    words: {
      noOrganization: l10n.t('The token belongs to no organization'),
      noRegistry: l10n.t('No namespaces'),
      wayToRegistry: l10n.t(
        'No namespace of {0} is known. Sign in, or add some under {1} in the setting {2}.',
        address.host,
        'namespaces',
        HUBS_SETTING,
      ),
    },
    signIn: signInTo(descriptor, whoami, surroundings),
    anonymous: true,
    open: (token, scopes, http) => createHubHost({ descriptor, server, whoami, token, scopes, http }),
  };
}
