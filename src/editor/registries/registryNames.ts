import type { Registry } from '../../core/hosts/host.ts';

/** `name` as a slug is made of it: names that differ in case, spaces or punctuation only are taken for the same. */
export function nameKey(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
}

/** The registry that stands in the way of a new one of that name. */
export function registryOfName(
  name: string,
  registries: readonly Pick<Registry, 'name' | 'slug'>[],
): Pick<Registry, 'name' | 'slug'> | undefined {
  const key = nameKey(name);
  return registries.find((registry) => nameKey(registry.name) === key || registry.slug === key);
}
