import * as l10n from '@vscode/l10n';
import type { Pinning, RegistryService, ServiceSurroundings } from '../service.ts';
import { HUBS_SETTING, hubDescriptors, isNamespace, type HubDescriptor } from './descriptors.ts';
import { createHubHost } from './host.ts';
import { HubServer } from './access.ts';
import { readTokenPage, signInTo } from './signIn.ts';
import { Whoami } from './whoami.ts';

/**
 * The Hugging Face Hub, and servers that speak its API, as the setting `hubs` names them; the Hub alone where it names
 * none. Throws a `refused` failure where it holds something else.
 */
export function hubServices(surroundings: ServiceSurroundings): readonly RegistryService[] {
  const descriptors = hubDescriptors(surroundings);
  return descriptors.map((descriptor) => ({
    ...hubService(descriptor, surroundings),
    pinning: pinningOf(descriptor, descriptors),
  }));
}

function hubService(descriptor: HubDescriptor, surroundings: ServiceSurroundings): RegistryService {
  const { address, name } = descriptor;
  const whoami = new Whoami(address);
  const server = new HubServer();
  return {
    kind: 'hub',
    id: `hub:${address.href.replace(/\/+$/, '')}`,
    name,
    endpoints: [address],
    webUrl: address,
    settings: JSON.stringify(descriptor),
    words: {
      noOrganization: l10n.t('The token belongs to no organization'),
      noRegistry: l10n.t('No namespaces'),
      wayToRegistry: l10n.t(
        'No namespace of {0} is known. Sign in, or add some under {1} in the setting {2}.',
        address.host,
        'namespaces',
        HUBS_SETTING,
      ),
      // Its address is made when somebody asks: every window makes the service.
      get wayToReadToken() {
        return l10n.t('Make an access token of the type Read at {0}.', readTokenPage(address).href);
      },
    },
    signIn: signInTo(descriptor, whoami, surroundings),
    anonymous: true,
    open: (token, scopes, http) => createHubHost({ descriptor, server, whoami, token, scopes, http }),
  };
}

function pinningOf(descriptor: HubDescriptor, all: readonly HubDescriptor[]): Pinning | undefined {
  if (descriptor.modelIdSegments === 1) return undefined;
  return {
    setting: 'hubs',
    pinned: descriptor.namespaces,
    problemOf: (slug) =>
      isNamespace(slug) ? undefined : l10n.t('A namespace is one word, as it stands before the slash.'),
    valueWith: (namespaces) =>
      all.map((other) => {
        const hub = other === descriptor ? { ...other, namespaces } : other;
        return { ...hub, address: hub.address.href };
      }),
  };
}
