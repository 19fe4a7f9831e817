import type { Listing } from '../host.ts';
import type { HubAccess } from './access.ts';
import { oneModel, models } from './models.ts';
import { ALL_MODELS, asRegistry, organizationOf } from './namespaces.ts';
import { revisions, versions } from './versions.ts';

/**
 * A Hub as one organization, whose registries are namespaces (https://huggingface.co/docs/hub/api; what no
 * documentation tells is as `HfApi` of huggingface_hub has it).
 */
export function hubListing(access: HubAccess): Listing {
  const { descriptor } = access;
  const { address } = descriptor;
  return {
    organizations: () =>
      Promise.resolve({
        items: [{ slug: organizationOf(descriptor), name: descriptor.name, webUrl: new URL(address) }],
        next: undefined,
      }),

    async registries(_organization, _cursor, signal) {
      if (descriptor.modelIdSegments === 1)
        return { items: [asRegistry(descriptor, ALL_MODELS)], next: undefined };
      const own = await access.namespaces(signal);
      const named = new Map<string, string>();
      for (const name of [...own, ...descriptor.namespaces]) {
        if (!named.has(name.toLowerCase())) named.set(name.toLowerCase(), name);
      }
      return { items: [...named.values()].map((name) => asRegistry(descriptor, name)), next: undefined };
    },

    // A name that can be none rejects.
    registry: async (_organization, slug) => Promise.resolve(asRegistry(descriptor, slug)),
    models: (registry, query, signal) => models(access, registry, query, signal),
    model: (registry, model, signal) => oneModel(access, registry, model, signal),
    versions: (registry, model, query, signal) => versions(access, registry, model, query, signal),
    revisions: (_registry, model, signal) => revisions(access, model, signal),
  };
}
