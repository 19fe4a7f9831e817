import { endpointUrl } from '../addresses.ts';
import type { Registry } from '../host.ts';
import type { HubDescriptor } from './descriptors.ts';

/** The one registry of a server whose models have no namespaces. */
export const ALL_MODELS = 'models';

export function organizationOf({ address }: HubDescriptor): string {
  return address.host;
}

/** The namespace that a registry stands for; undefined where models have none. */
export function namespaceOf(
  { modelIdSegments }: HubDescriptor,
  { slug }: Pick<Registry, 'slug'>,
): string | undefined {
  return modelIdSegments === 1 ? undefined : slug;
}

export function asRegistry(descriptor: HubDescriptor, slug: string): Registry {
  const { address, modelIdSegments, name } = descriptor;
  const page = endpointUrl(address, slug);
  const isAll = modelIdSegments === 1;
  return {
    id: page.href,
    organization: organizationOf(descriptor),
    slug,
    name: isAll ? name : slug,
    ecosystem: 'huggingface',
    holdsModels: true,
    description: undefined,
    emoji: undefined,
    public: undefined,
    webUrl: isAll ? new URL(address) : page,
  };
}
